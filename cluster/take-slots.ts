/**
 * The switch itself: processes are told to take the slots of their shards, and told again until they have them all.
 *
 * One process after the other: each has a few slots silent at a time, and what they wait for is the processor that all share.
 * Four at once left slots silent for 700 ms (p50), with 500 commands a second on two cores; the whole took no less time.
 *
 * Each says `ready` when nothing that it wants is missing; but on the way slots may go elsewhere, to a caretaker while an
 * event loop stood still and its lease ended, and whoever was asked for a slot by somebody else wants it no more. So what
 * counts is how many slots they serve, not that they are content.
 */
import type { Clock } from '../kernel/clock.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { RunningGeneration } from './generation.ts'
import type { ChildFacts } from './shard-child.ts'

/** Slots are told with each heartbeat; what is missing after this long has gone elsewhere. */
const countPatienceMs = 3_000
/** Told so often, something is wrong that telling does not mend. */
const tellingsMax = 40

/** `gently`: one process after the other; else all at once, because nobody should wait for one that may be gone. */
export interface TakeSlotsOptions {
  readonly clusterIds?: readonly number[]
  readonly gently: boolean
  readonly signal: AbortSignal
}

/** Resolves when every process serves all slots of its shards. Rejects with the signal's reason, or after too many tries. */
export async function takeSlots(
  deps: { readonly clock: Clock; readonly log: Log },
  target: RunningGeneration,
  options: TakeSlotsOptions,
): Promise<void> {
  const { clusterIds = target.plan.map((_, id) => id), signal } = options
  const concerns = ({ clusterId, state }: ChildFacts): boolean => state !== 'ended' && clusterIds.includes(clusterId)
  const isWhole = (facts: ChildFacts): boolean => facts.owned >= (limits.slotCount * facts.shards.length) / target.shardCount
  let lacking = clusterIds
  for (let telling = 1; telling <= tellingsMax; telling += 1) {
    for (const some of options.gently ? lacking.map((clusterId) => [clusterId]) : [lacking]) {
      target.setRole('serving', some)
      // One that died comes back by itself; the next one need not wait for it.
      if (options.gently) await target.until((all) => all.filter(concerns).every(({ clusterId, state }) => !some.includes(clusterId) || state === 'serving' || state === 'waiting'), signal)
    }
    await target.until((all) => all.filter(concerns).every(({ state }) => state === 'serving'), signal)
    const late = new AbortController()
    const timer = deps.clock.after(countPatienceMs, () => late.abort(new Error('late')))
    await target.until((all) => all.filter(concerns).every(isWhole), AbortSignal.any([signal, late.signal])).catch(() => signal.throwIfAborted())
    timer.cancel()
    const missing = target.facts().filter(concerns).filter((facts) => !isWhole(facts))
    if (missing.length === 0) return
    lacking = missing.map(({ clusterId }) => clusterId)
    deps.log.warn('slots went elsewhere in the switch, taking them again', { generation: target.generation, telling, processes: lacking })
  }
  throw new Error('some slots do not come to the new processes; their log says why')
}
