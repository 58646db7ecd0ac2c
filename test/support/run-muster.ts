/**
 * `muster …` as an operator types it, beside a fleet: a process of its own with nothing but the address of the database.
 */
import type { Fleet } from './fleet-processes.ts'
import type { Program } from './program.ts'
import { startProgram } from './program.ts'

export interface MusterResult {
  readonly exitCode: number | null
  readonly output: string
  /** The last line, where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>>
}

const always = ['DATABASE_URL', 'REDIS_URL', 'REDIS_PREFIX', 'NODE_ENV']

/** `more`: other variables of the fleet that it is given. */
export function startMuster(fleet: Pick<Fleet, 'environment'>, args: readonly string[], more: readonly string[] = []): Program {
  const given = [...always, ...more].map((name) => [name, fleet.environment[name] ?? ''])
  const environment = Object.fromEntries(given) as Record<string, string>
  return startProgram({ name: `muster ${args[0]}`, entry: 'cli/main.ts', args, environment, ipc: false })
}

export async function runMuster(fleet: Pick<Fleet, 'environment'>, args: readonly string[], more: readonly string[] = []): Promise<MusterResult> {
  const program = startMuster(fleet, args, more)
  const { exitCode } = await program.closed
  const output = program.output()
  const last = output.trim().split('\n').at(-1) ?? ''
  return { exitCode, output, json: last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {} }
}
