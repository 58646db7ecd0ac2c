/**
 * Whether this process can ask actors: of one mind with the database about the time, and subscribed to replies.
 *
 * Each is done once and shared by all who ask meanwhile; what failed is tried again by the next question, and only that.
 * Afterwards the time is estimated anew every minute, beside the questions: while the database is away the offset stays.
 */
import type { Clock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface ActorReadinessDeps {
  readonly clock: Clock
  readonly log: Log
  /** Estimates the offset to the database's clock. */
  calibrate(): Promise<void>
  /** Subscribes to replies; called again only after it has failed. */
  subscribe(): Promise<void>
}

/** Drift between two clocks in this time is below a millisecond or two. */
const calibrateEveryMs = 60_000
const calibrateAgainMs = 1_000

/** false: not now, the next question tries again. Never rejects. */
export function createActorReadiness(deps: ActorReadinessDeps): () => Promise<boolean> {
  const { clock, log } = deps
  const calibrated = onceDone(() => deps.calibrate())
  const subscribed = onceDone(() => deps.subscribe())
  let calibrateAt: number | null = null

  function calibrateBeside(): void {
    const now = clock.monotonicMs()
    calibrateAt ??= now + calibrateEveryMs
    if (now < calibrateAt) return
    calibrateAt = now + calibrateEveryMs
    deps.calibrate().catch((thrown: unknown) => {
      calibrateAt = clock.monotonicMs() + calibrateAgainMs
      log.debug('clock offset not estimated', { error: coerceError(thrown) })
    })
  }

  return async () => {
    try {
      await calibrated()
      await subscribed()
    } catch (thrown) {
      log.warn('no actor can be asked', { error: coerceError(thrown) })
      return false
    }
    calibrateBeside()
    return true
  }
}

/** What succeeded is not done again; what failed is. */
function onceDone(act: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | null = null
  return () => {
    doing ??= act().catch((thrown: unknown) => {
      doing = null
      throw thrown
    })
    return doing
  }
}
