/**
 * A machine's clock that a test sets forward: hours pass between two statements. Timers that run are not shortened, so it is
 * moved while nobody waits.
 */
import type { Clock } from '../../kernel/clock.ts'
import { createSystemClock } from '../../kernel/clock.ts'

export interface LeapingClock extends Clock {
  /** Sets the clock forward by so much more. */
  forward(ms: number): void
}

export function createLeapingClock(): LeapingClock {
  const system = createSystemClock()
  let aheadMs = 0
  return {
    monotonicMs: () => system.monotonicMs() + aheadMs,
    wallMs: () => system.wallMs() + aheadMs,
    after: (delayMs, fire) => system.after(delayMs, fire),
    forward(ms) {
      aheadMs += ms
    },
  }
}
