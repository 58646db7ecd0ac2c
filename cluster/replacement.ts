/**
 * Processes replaced one at a time by new ones of the same shards: new code, or a process that somebody wants gone.
 *
 * The new process comes up beside the old one and hears what it hears; then its slots move, and the old one ends. Each is a
 * whole step: after an abort or a crash what was replaced stays replaced, and the others serve on as they are.
 */
import { coerceError } from '../kernel/errors.ts'
import type { StoredTopology } from '../prisma/topology-store.ts'
import type { Fleet } from './fleet.ts'
import type { RunningGeneration } from './generation.ts'
import type { RescaleDeps } from './rescale.ts'
import { makeCurrentSurely, moveSurely, retireOne, returnPatienceMs } from './rescale.ts'
import { takeSlots } from './take-slots.ts'

export interface ReplacementOptions {
  readonly fleet: Fleet
  readonly target: RunningGeneration
  readonly row: StoredTopology
  readonly clusterIds: readonly number[]
  readonly signal: AbortSignal
  readonly preparePatienceMs: number
}

export interface ReplacementOutcome {
  readonly state: 'done' | 'aborted'
  readonly sentence: string
}

export async function replaceProcesses(deps: RescaleDeps, options: ReplacementOptions): Promise<ReplacementOutcome> {
  const { fleet, target, row, clusterIds } = options
  const old = fleet.serving
  const replaced: number[] = []
  let failure: Error | null = null
  for (const clusterId of clusterIds) {
    try {
      await replaceOne(deps, { ...options, old, clusterId })
      replaced.push(clusterId)
      if (replaced.length === 1) fleet.setServing([...old, target])
    } catch (thrown) {
      failure = coerceError(thrown)
      break
    }
  }
  const isWhole = fleet.serving.length > 0 && replaced.length === target.plan.length
  if (replaced.length === 0) await moveSurely(deps, { generation: row.generation, from: 'switch', to: 'aborted' })
  else await makeCurrentSurely(deps, { generation: row.generation, from: 'switch', retireOthers: isWhole })
  forget(fleet, { old, target, replaced })
  const names = replaced.map((id) => `shard-${id}`).join(', ')
  if (failure === null) return { state: 'done', sentence: `Replaced, one after the other: ${names}.` }
  const rest = replaced.length === 0 ? 'Nothing was replaced' : `${names} ${replaced.length === 1 ? 'was' : 'were'} replaced, the others serve on as they are`
  return { state: 'aborted', sentence: `${capital(failure.message)}. ${rest}; run it again to go on.` }
}

async function replaceOne(
  deps: RescaleDeps,
  options: ReplacementOptions & { readonly old: readonly RunningGeneration[]; readonly clusterId: number },
): Promise<void> {
  const { target, old, clusterId, signal, preparePatienceMs } = options
  signal.throwIfAborted()
  const mine = [clusterId]
  const holders = old.filter((one) => one.facts().some((facts) => facts.clusterId === clusterId && facts.state !== 'ended'))
  const is = (generation: RunningGeneration, state: string): boolean =>
    generation.facts().some((facts) => facts.clusterId === clusterId && facts.state === state)
  const late = new AbortController()
  const timer = deps.clock.after(preparePatienceMs, () => late.abort(new Error(`the new shard-${clusterId} did not hear its shards in time`)))
  try {
    deps.onStep('prepare')
    const given = AbortSignal.any([signal, late.signal])
    await target.start('holding', { clusterIds: mine, signal: given })
    await target.until(() => is(target, 'heard'), given)
    timer.cancel()
    deps.onStep('switch')
    for (const one of holders) one.setRole('yielding', mine)
    await takeSlots(deps, target, { clusterIds: mine, gently: true, signal })
  } catch (thrown) {
    timer.cancel()
    deps.onStep('abort')
    target.setRole('returning', mine)
    const patience = new AbortController()
    const back = deps.clock.after(returnPatienceMs, () => patience.abort(new Error('late')))
    await Promise.all(holders.map((one) => takeSlots(deps, one, { clusterIds: mine, gently: false, signal: patience.signal }))).catch((late: unknown) => {
      deps.log.warn('the old process does not have every slot back in time', { cluster: clusterId, error: coerceError(late) })
    })
    back.cancel()
    await target.stop(mine)
    throw thrown
  }
  deps.onStep('retire')
  await Promise.all(holders.map((one) => retireOne(deps, one, mine)))
}

/** As a sentence begins. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Generations of which no process is left are not asked any more. */
function forget(
  fleet: Fleet,
  { old, target, replaced }: { readonly old: readonly RunningGeneration[]; readonly target: RunningGeneration; readonly replaced: readonly number[] },
): void {
  const gone = old.filter((one) => one.facts().every(({ state }) => state === 'ended'))
  const left = old.filter((one) => !gone.includes(one))
  fleet.setServing(replaced.length === 0 ? left : [...left, target])
  for (const one of gone) fleet.remove(one)
  if (replaced.length === 0) fleet.remove(target)
}
