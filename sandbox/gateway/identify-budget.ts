/**
 * How often a bot may identify: one per 5 s and bucket, so many a day.
 *
 * The day starts with its first identify and is not a calendar day. All processes of the bot draw on one budget,
 * which is what makes two unaware of each other collide (op 9), as they do on Discord.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { GatewayLimits } from './limits.ts'

export type IdentifyGrant = 'granted' | 'bucket-busy' | 'day-used-up'

export interface IdentifyBudget {
  take(shardId: number): IdentifyGrant
  /** The `session_start_limit` of GET /gateway/bot. */
  sessionStartLimit(): { total: number; remaining: number; reset_after: number; max_concurrency: number }
}

const dayMs = 86_400_000

export function createIdentifyBudget(deps: { clock: Clock }, limits: GatewayLimits): IdentifyBudget {
  const { clock } = deps
  const lastByBucket = new Map<number, number>()
  let dayStartMs: number | null = null
  let used = 0

  const turnDay = (): void => {
    if (dayStartMs === null || clock.monotonicMs() - dayStartMs < dayMs) return
    dayStartMs = null
    used = 0
  }
  return {
    take(shardId) {
      const nowMs = clock.monotonicMs()
      const bucket = shardId % limits.maxConcurrency
      const last = lastByBucket.get(bucket)
      if (last !== undefined && nowMs - last < limits.identifyIntervalMs) return 'bucket-busy'
      turnDay()
      if (used >= limits.identifiesPerDay) return 'day-used-up'
      dayStartMs ??= nowMs
      used += 1
      lastByBucket.set(bucket, nowMs)
      return 'granted'
    },
    sessionStartLimit() {
      turnDay()
      return {
        total: limits.identifiesPerDay,
        remaining: limits.identifiesPerDay - used,
        reset_after: dayStartMs === null ? 0 : Math.ceil(dayStartMs + dayMs - clock.monotonicMs()),
        max_concurrency: limits.maxConcurrency,
      }
    },
  }
}
