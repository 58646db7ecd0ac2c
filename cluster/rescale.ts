/**
 * From one topology to the next while both live: Prepare, Switch, Retire (docs/rescale.md).
 *
 *   prepare ──all heard──▶ switch ──every slot moved──▶ current (from here only forward) ──old ended──▶ done
 *      │                      │
 *      └──── abort, failure ──┴──▶ aborted: moved slots go back, the new processes end, the old topology serves
 *
 * Every phase is in Postgres before anything is done in it, and moves only from the one that was seen. A manager that dies
 * in the middle leaves processes that read those rows and go the same way by themselves (shards/orphan.ts).
 */
import type { Clock } from '../kernel/clock.ts'
import { waitFor } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { StoredTopology, TopologyPhase, TopologyStore } from '../prisma/topology-store.ts'
import type { RunningGeneration } from './generation.ts'
import { takeSlots } from './take-slots.ts'
import type { ProgressStep } from './wish.ts'

/** A row that cannot be written is tried again for so long: Postgres may be restarting. */
const rowPatienceMs = 60_000
/** The last row longer: its outcome may be unknown, and from it on there is no way back. */
const currentPatienceMs = 600_000
const rowRetryMs = 500
/** Old processes end as soon as they have no slot; those that have not by then are drained. */
const retirePatienceMs = 60_000
/** A new process that dies so often before it heard its shards will not get there: the code on disk is broken, say. */
const prepareLivesMax = 5
/** How long an abort waits for the old processes to have every slot again before it ends the new ones. */
export const returnPatienceMs = 60_000

export interface RescaleDeps {
  readonly clock: Clock
  readonly log: Log
  readonly topologies: TopologyStore
  /** Told before each step: for the request's row, the parent, and tests that break in. */
  onStep(step: ProgressStep): void
}

export interface RescaleOptions {
  readonly target: RunningGeneration
  readonly row: StoredTopology
  /** Generations that serve now; they are given their slots back on an abort. */
  readonly old: readonly RunningGeneration[]
  /** Aborts with a reason whose message tells a person why. */
  readonly signal: AbortSignal
  /** Longest time for all processes of the target to hear their shards. */
  readonly preparePatienceMs: number
}

export type RescaleOutcome = { readonly kind: 'current' } | { readonly kind: 'aborted'; readonly sentence: string }

/** Resolves when the target is current, or the old topology serves again. The old ones are ended by `retire`. */
export async function rescale(deps: RescaleDeps, options: RescaleOptions): Promise<RescaleOutcome> {
  const { target, row, old } = options
  const { generation } = row
  const patience = new AbortController()
  const signal = AbortSignal.any([options.signal, patience.signal])
  const timer = deps.clock.after(options.preparePatienceMs, () =>
    patience.abort(new Error(`the new processes did not hear all their shards within ${Math.round(options.preparePatienceMs / 1000)} s`)),
  )
  let phase: TopologyPhase = 'prepare'
  try {
    deps.onStep('prepare')
    await target.start('holding', { signal })
    await target.until((facts) => {
      const dying = facts.find(({ lives, state }) => lives >= prepareLivesMax && state === 'waiting')
      if (dying !== undefined) throw new Error(`the new shard-${dying.clusterId} died ${dying.lives} times before it heard its shards; its log says why`)
      return facts.length === target.plan.length && facts.every(({ state }) => state === 'heard')
    }, signal)
    timer.cancel()
    options.signal.throwIfAborted()
    await moveSurely(deps, { generation, from: 'prepare', to: 'switch' })
    phase = 'switch'
    deps.onStep('switch')
    for (const one of old) one.setRole('yielding')
    await takeSlots(deps, target, { gently: true, signal: options.signal })
    await makeCurrentSurely(deps, { generation, from: 'switch' })
    return { kind: 'current' }
  } catch (thrown) {
    timer.cancel()
    const error = coerceError(thrown)
    deps.log.warn('rescale is given up', { generation, phase, error })
    await giveBack(deps, { target, old, row, phase })
    return { kind: 'aborted', sentence: error.message }
  }
}

/** The old topology serves again, whatever phase the new one was in. Never rejects for the state of Postgres. */
async function giveBack(
  deps: RescaleDeps,
  { target, old, row, phase }: Pick<RescaleOptions, 'target' | 'old' | 'row'> & { readonly phase: TopologyPhase },
): Promise<void> {
  deps.onStep('abort')
  // First the row: processes that lose us from here on go back by themselves.
  await moveSurely(deps, { generation: row.generation, from: phase, to: 'aborted' }).catch((thrown: unknown) => {
    deps.log.error('the aborted rescale could not be written down', { error: coerceError(thrown) })
  })
  if (phase === 'switch') {
    target.setRole('returning')
    const late = new AbortController()
    const timer = deps.clock.after(returnPatienceMs, () => late.abort(new Error('late')))
    await Promise.all(old.map((one) => takeSlots(deps, one, { gently: false, signal: late.signal }))).catch((thrown: unknown) => {
      // Draining hands over what is left: the survivors take it.
      deps.log.warn('old processes do not have every slot back in time', { error: coerceError(thrown) })
    })
    timer.cancel()
  }
  await target.stop()
}

/** Ends the processes of a topology that is no longer current. Resolves when none is left. */
export async function retire(deps: Pick<RescaleDeps, 'clock' | 'log' | 'onStep'>, old: readonly RunningGeneration[]): Promise<void> {
  deps.onStep('retire')
  await Promise.all(old.map((one) => retireOne(deps, one)))
}

/** Some, or all, processes of one generation. */
export async function retireOne(
  deps: Pick<RescaleDeps, 'clock' | 'log'>,
  old: RunningGeneration,
  clusterIds?: readonly number[],
): Promise<void> {
  const concerns = ({ clusterId }: { readonly clusterId: number }): boolean => clusterIds?.includes(clusterId) ?? true
  old.setRole('retiring', clusterIds)
  const late = new AbortController()
  const timer = deps.clock.after(retirePatienceMs, () => late.abort(new Error('late')))
  await old
    .until((facts) => facts.filter(concerns).every(({ state }) => state === 'ended' || state === 'waiting'), late.signal)
    .catch(() => deps.log.warn('old processes did not end by themselves, draining them', { generation: old.generation }))
  timer.cancel()
  await old.stop(clusterIds)
}

/** Moves a phase, trying again while Postgres is away. Throws when another manager moved it, or patience ends. */
export async function moveSurely(
  deps: Pick<RescaleDeps, 'clock' | 'log' | 'topologies'>,
  move: { readonly generation: StoredTopology['generation']; readonly from: TopologyPhase; readonly to: TopologyPhase },
): Promise<void> {
  await writeSurely(deps, { ...move, patienceMs: rowPatienceMs }, () => deps.topologies.movePhase(move))
}

export async function makeCurrentSurely(
  deps: Pick<RescaleDeps, 'clock' | 'log' | 'topologies'>,
  move: { readonly generation: StoredTopology['generation']; readonly from: TopologyPhase; readonly retireOthers?: boolean },
): Promise<void> {
  const { generation, from, retireOthers = true } = move
  await writeSurely(deps, { generation, to: 'current', patienceMs: currentPatienceMs }, () =>
    deps.topologies.makeCurrent({ generation, from, retireOthers }),
  )
}

async function writeSurely(
  deps: Pick<RescaleDeps, 'clock' | 'log' | 'topologies'>,
  row: { readonly generation: StoredTopology['generation']; readonly to: TopologyPhase; readonly patienceMs: number },
  write: () => Promise<boolean>,
): Promise<void> {
  const { generation, to } = row
  const untilMs = deps.clock.monotonicMs() + row.patienceMs
  for (;;) {
    try {
      if (await write()) return
      // An answer that was lost on the way: the row may have moved all the same.
      const rows = await deps.topologies.listTopologies(10)
      if (rows.find((row) => row.generation === generation)?.phase === to) return
      throw new OvertakenError(generation)
    } catch (thrown) {
      if (thrown instanceof OvertakenError || deps.clock.monotonicMs() >= untilMs) throw thrown
      deps.log.warn('topology could not be written, trying again', { generation, to, error: coerceError(thrown) })
      await waitFor(deps.clock, rowRetryMs)
    }
  }
}

/** The row is not as we left it: another manager works on the topology. */
export class OvertakenError extends Error {
  constructor(generation: number) {
    super(`generation ${generation} was changed by another manager`)
    this.name = 'OvertakenError'
  }
}
