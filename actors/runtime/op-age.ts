/**
 * How old a request is by its own name: results are kept for a day, so an older one can no longer be known.
 *
 * Interactions carry their time in the snowflake, requests in the UUIDv7. Other op ids (alarms, outbox rows, dispatches)
 * are known by state and not by a result.
 */
import type { OpId } from '../../kernel/ids.ts'
import { isSnowflake, snowflakeTimeMs } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { isUuid } from '../../kernel/uuid.ts'

/** Unix ms at which the request was made by its own name; null when the name does not tell. */
export function opTimeMs(op: OpId): number | null {
  if (isSnowflake(op)) return snowflakeTimeMs(op)
  if (op.length === 36 && op[14] === '7' && isUuid(op)) return Number.parseInt(op.slice(0, 8) + op.slice(9, 13), 16)
  return null
}

/** True when its result, had it one, may have been swept: it must not be decided (I4). */
export function isOpExpired(op: OpId, now: number): boolean {
  const madeAt = opTimeMs(op)
  return madeAt !== null && now - madeAt > limits.opResultTtlMs
}
