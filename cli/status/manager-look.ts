/**
 * What the manager tells, as far as `muster status` shows it. It may be of another release: what is not understood is null.
 */
import { z } from 'zod'

const schema = z.object({
  manager: z.string(),
  pid: z.number(),
  isWhole: z.boolean(),
  processes: z.array(
    z.object({
      clusterId: z.number(),
      generation: z.number(),
      role: z.string(),
      state: z.string(),
      pid: z.number().nullable(),
      /** Times it was spawned. */
      lives: z.number(),
      /** Why it is not running; null while it is. */
      waitsFor: z.string().nullable(),
    }),
  ),
  identify: z.object({ left: z.number(), total: z.number(), resetAfterMs: z.number() }).nullable(),
  request: z
    .object({
      name: z.string(),
      progress: z.object({ step: z.string(), heard: z.number(), processes: z.number(), slots: z.number(), old: z.number() }),
    })
    .nullable(),
})
export type ManagerLook = z.infer<typeof schema>

export function parseManagerLook(text: string | null): ManagerLook | null {
  if (text === null) return null
  try {
    const result = schema.safeParse(JSON.parse(text))
    return result.success ? result.data : null
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

/** What an operator should see of it, a line each. */
export function managerLines(manager: ManagerLook): readonly string[] {
  const { identify, request } = manager
  const logins = identify === null ? '' : `, ${identify.left} of ${identify.total} logins left today`
  const lines = [`manager ${manager.manager}${logins}`]
  if (request !== null) lines.push(`doing \`${request.name}\`: ${stepOf(request.progress)}`)
  const respawned = manager.processes.filter(({ lives }) => lives > 1)
  if (respawned.length > 0) lines.push(`spawned again: ${respawned.map(({ clusterId, lives }) => `shard-${clusterId} ${lives - 1} times`).join(', ')}`)
  return lines
}

function stepOf({ step, heard, processes, slots, old }: NonNullable<ManagerLook['request']>['progress']): string {
  switch (step) {
    case 'prepare':
      return `prepare, ${heard} of ${processes} new processes hear their shards`
    case 'switch':
      return `switch, ${slots} of 384 slots moved`
    case 'retire':
      return `retire, ${old} old processes have not ended`
    default:
      return step
  }
}

/** Processes that should run and do not, each with why. */
export const waitingProcesses = (manager: ManagerLook): readonly string[] =>
  manager.processes.flatMap(({ clusterId, waitsFor }) => (waitsFor === null ? [] : [`shard-${clusterId} does not run: ${waitsFor}.`]))
