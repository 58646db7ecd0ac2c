/**
 * A shard process whose manager is gone without a goodbye serves on: people must not notice that a manager died.
 *
 * Nobody can adopt a forked process. The next manager starts a generation beside it and takes its slots; it ends when it
 * has none left, at the latest after ten minutes. What it is to do until then stands in the topology rows:
 *
 *   serve    its generation is the one that serves: it takes back what a half-done rescale had moved
 *   yield    the next manager's processes are taking over: it wants nothing, but stays in case they do not
 *   return   its generation was being prepared, or its switch was not finished: it wants nothing, and hands back
 *   retire   a later generation serves: it wants nothing, and ends when its slots are taken
 */
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Generation } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'

export type OrphanWay = 'serve' | 'yield' | 'return' | 'retire'

/** What a topology row says, as far as an orphan needs it. */
export interface TopologyFacts {
  readonly generation: Generation
  readonly phase: 'prepare' | 'switch' | 'current' | 'retired' | 'aborted'
  readonly purpose: 'start' | 'rescale' | 'restart' | 'drain'
}

const lookIntervalMs = 500
/** Rows that an orphan reads: it looks for its own generation and later ones. */
const rowsMax = 10

/** Pure. `owned`: slots that this process serves. */
export function orphanWay(me: { readonly generation: Generation; readonly owned: number }, rows: readonly TopologyFacts[]): OrphanWay {
  const mine = rows.find(({ generation }) => generation === me.generation)
  switch (mine?.phase) {
    case 'current':
      return rows.some((row) => row.generation > me.generation && row.phase === 'switch' && row.purpose === 'start') ? 'yield' : 'serve'
    case 'retired':
      return 'retire'
    case 'switch':
      // Process by process: the one before it has ended, so what it has it keeps.
      return (mine.purpose === 'restart' || mine.purpose === 'drain') && me.owned > 0 ? 'serve' : 'return'
    case 'prepare':
    case 'aborted':
      return 'return'
    case undefined:
      return rows.some(({ generation, phase }) => generation > me.generation && phase === 'current') ? 'retire' : 'serve'
  }
}

export interface OrphanDeps {
  readonly clock: Clock
  readonly log: Log
  readonly generation: Generation
  readTopologies(limit: number): Promise<readonly TopologyFacts[]>
  ownedCount(): number
  switchToAll(): Promise<void>
  handBack(): void
  retire(): void
  drain(reason: string): void
}

/** Begins when the channel to the manager closed. Returns how to end it. */
export function liveAsOrphan(deps: OrphanDeps): { stop(): void } {
  const { clock, log } = deps
  const endsAtMs = clock.monotonicMs() + limits.orphanMsMax
  let way: OrphanWay | null = null
  let timer: Timer | null = null
  let isStopped = false
  const follow = (next: OrphanWay): void => {
    if (next === way) return
    way = next
    log.warn('without a manager', { way, owned: deps.ownedCount() })
    if (way === 'serve') void deps.switchToAll()
    else if (way === 'return' || way === 'yield') deps.handBack()
    else deps.retire()
  }
  const look = async (): Promise<void> => {
    const before = way
    try {
      follow(orphanWay({ generation: deps.generation, owned: deps.ownedCount() }, await deps.readTopologies(rowsMax)))
    } catch (thrown) {
      log.warn('topology could not be read, going on as before', { error: coerceError(thrown) })
    }
    if (isStopped) return
    // A takeover may have been under way when it began to give up: it looks once more.
    const isLeaving = way === before && (way === 'return' || way === 'retire')
    if (isLeaving && deps.ownedCount() === 0) deps.drain('orphan without slots')
    else if (clock.monotonicMs() >= endsAtMs) deps.drain('orphan for ten minutes')
    else timer = clock.after(lookIntervalMs, () => void look())
  }
  void look()
  return {
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}
