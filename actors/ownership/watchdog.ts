/**
 * Notices that this process' event loop stands still, and lets its lease go, so that others need not wait for its end.
 *
 * A thread of its own looks at a counter that the event loop moves. When it has not moved for a while the thread first
 * raises a flag that the loop reads before every answer from memory, and only then ends the lease in Redis: whatever the
 * loop does when it wakes, it knows that it is covered no longer (I6). The flag may fall only when the end of the lease
 * has certainly been dealt with: a renewal that Redis carried out before it would leave a lease that nobody holds.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Incarnation } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { startThread } from '../../kernel/thread.ts'

/** How often the loop moves the counter; the thread looks as often. */
const beatIntervalMs = 100
/** Longer than any garbage collection seen, shorter than half a lease: then letting go gains something. */
const stallMs = 1_200

/** What a lease keeper asks of it. */
export interface Watchdog {
  /** True from the moment the thread gave the loop up until a `reset` that succeeded. */
  isTripped(): boolean
  /** Called before a renewal is sent. False: the lease is still being let go, and no renewal may be sent. */
  tryReset(): boolean
}

/** What the thread is given. */
export interface WatchdogTask {
  readonly shared: SharedArrayBuffer
  readonly redisUrl: string
  readonly redisPrefix: string
  readonly incarnation: Incarnation
  readonly lookIntervalMs: number
  readonly stallMs: number
}

/** Places in the shared memory. */
export const beatIndex = 0
export const stateIndex = 1

/** armed: the loop moves. tripped: the lease is being let go. released: that is over, the loop may begin anew. */
export const watchdogStates = { armed: 0, tripped: 1, released: 2 } as const

export interface RunningWatchdog extends Watchdog {
  /** Resolves when the thread looks; until then a stall goes unnoticed. Never resolves when the thread failed to start. */
  readonly watching: Promise<void>
  stop(): Promise<void>
}

export function startWatchdog(
  deps: { readonly clock: Clock; readonly log: Log },
  options: { readonly redisUrl: string; readonly redisPrefix: string; readonly incarnation: Incarnation },
): RunningWatchdog {
  const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
  const memory = new Int32Array(shared)
  const task: WatchdogTask = { ...options, shared, lookIntervalMs: beatIntervalMs, stallMs }
  const worker = startThread(new URL('./watchdog-thread', import.meta.url), import.meta.url, task)
  worker.unref()
  // Without it a stalled process keeps its lease to its end: slower, never wrong.
  worker.on('error', (thrown: unknown) => deps.log.error('watchdog ended', { error: coerceError(thrown) }))
  let timer: Timer | null = null
  let isStopped = false
  const beat = (): void => {
    Atomics.add(memory, beatIndex, 1)
    if (!isStopped) timer = deps.clock.after(beatIntervalMs, beat)
  }
  beat()
  return {
    watching: new Promise((resolve) => worker.once('message', () => resolve())),
    isTripped: () => Atomics.load(memory, stateIndex) !== watchdogStates.armed,
    tryReset() {
      const { released, armed } = watchdogStates
      if (Atomics.compareExchange(memory, stateIndex, released, armed) !== released) return false
      deps.log.warn('event loop stood still, its lease was let go')
      return true
    },
    async stop() {
      isStopped = true
      timer?.cancel()
      await worker.terminate()
    },
  }
}
