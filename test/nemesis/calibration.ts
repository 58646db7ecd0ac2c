/**
 * Keeps a process' time with the database's, as a shard process does: once before it starts, then every ten seconds.
 */
import type { CalibratedTime } from '../../actors/runtime/database-time.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

const intervalMs = 10_000

/** Resolves after the first calibration. */
export async function calibrateLater(deps: {
  readonly clock: Clock
  readonly time: CalibratedTime
  readonly log: Log
  readDatabaseTime(): Promise<number>
}): Promise<void> {
  const { clock, time, log } = deps
  const later = (): void => {
    clock.after(intervalMs, () => {
      time
        .calibrate(() => deps.readDatabaseTime())
        // Postgres is away: the offset stays as it was.
        .catch((thrown: unknown) => log.debug('clock offset not estimated', { error: coerceError(thrown) }))
        .finally(later)
    })
  }
  await time.calibrate(() => deps.readDatabaseTime())
  later()
}
