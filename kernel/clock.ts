/**
 * Time as an argument: who needs the time is given a Clock, so that a simulation can own it.
 *
 * Two times exist. Monotonic time never steps and bounds leases and waits. Wall time is what a machine believes; it
 * may step by hours and is used for log lines and for the first estimate of the database's clock only. The time that
 * records carry comes from database-time.ts in actors/runtime.
 */

/** A pending timer; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since an arbitrary start, never stepping backwards. */
  monotonicMs(): number
  /** Unix milliseconds as the machine believes them. */
  wallMs(): number
  /** Calls `fire` once, not before `delayMs` have passed; 0 means after the I/O that is ready now. */
  after(delayMs: number, fire: () => void): Timer
}

/** The clock of the machine. A timer of it does not keep a process alive by itself when `keepAlive` is false. */
export function createSystemClock(options: { keepAlive?: boolean } = {}): Clock {
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    after(delayMs, fire) {
      if (delayMs === 0) {
        const immediate = setImmediate(fire)
        return { cancel: () => clearImmediate(immediate) }
      }
      const handle = setTimeout(fire, delayMs)
      if (options.keepAlive === false) handle.unref()
      return { cancel: () => clearTimeout(handle) }
    },
  }
}

/** Resolves after `delayMs` by the given clock; rejects at once with the signal's reason when it aborts. */
export function waitFor(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error)
      return
    }
    const onAbort = (): void => {
      timer.cancel()
      reject(signal?.reason as Error)
    }
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
