/**
 * Paces IDENTIFY over all processes of the token: one per bucket (shard id % max_concurrency) and five seconds.
 *
 * discord.js paces one process; two that start together would both identify in one bucket, and Discord would answer each
 * time with an invalid session that costs one of the 1,000 identifies a day. The bucket is a key in Redis that ends by
 * itself. While Redis is away a shard waits its five seconds on its own: then at worst Discord says no once.
 *
 * The day's budget is shared as well: every process that asks Discord writes down what is left, every IDENTIFY takes one of
 * it, and with nothing left a shard waits until Discord gives the budget back. Past it Discord resets the token.
 * https://docs.discord.com/developers/events/gateway#rate-limiting
 */
import type { Redis } from 'ioredis'
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

/** Discord's window. */
const windowMs = 5_000
/** The IDENTIFY follows the permission by a few milliseconds, and Discord counts from its arrival. */
const marginMs = 250
/** Shortest pause before a bucket is tried again, so that waiting processes do not spin. */
const retryMsMin = 25

export interface IdentifyThrottleDeps {
  readonly redis: Pick<Redis, 'set' | 'pttl' | 'decr' | 'del'>
  readonly clock: Clock
  readonly log: Log
}

/** Discord's `session_start_limit`. */
export interface IdentifyLimits {
  readonly maxConcurrency: number
  /** IDENTIFYs that are left of the day's. */
  readonly remaining: number
  /** Until the budget is given back; 0 before the first of the day. */
  readonly resetAfterMs: number
}

export interface IdentifyThrottle {
  /** Resolves when this shard may identify; rejects with the signal's reason. */
  waitForIdentify(shardId: number, signal: AbortSignal): Promise<void>
}

/** A spent budget is looked at again: another process may have been told that it was given back. */
const budgetLookMs = 60_000
/** Discord's day, where it has not begun. */
const dayMs = 86_400_000

export function createIdentifyThrottle(
  deps: IdentifyThrottleDeps,
  options: IdentifyLimits & { readonly keyPrefix: string },
): IdentifyThrottle {
  const { redis, clock, log } = deps
  const budgetKey = `${options.keyPrefix}identify:left`
  const noted = redis
    .set(budgetKey, String(options.remaining), 'PX', options.resetAfterMs > 0 ? Math.ceil(options.resetAfterMs) : dayMs)
    .catch((thrown: unknown) => log.warn('budget of identifies could not be noted', { error: coerceError(thrown) }))

  /** Milliseconds to wait before the next try; 0: this one may identify. */
  async function tryTake(bucketKey: string, shardId: number): Promise<number> {
    const taken = await redis.set(bucketKey, '1', 'PX', windowMs + marginMs, 'NX')
    if (taken !== 'OK') return Math.max(retryMsMin, await redis.pttl(bucketKey))
    const left = await redis.decr(budgetKey)
    if (left >= 0) return 0
    const givenBackInMs = await redis.pttl(budgetKey)
    if (givenBackInMs < 0) {
      // Redis has forgotten the budget: Discord still knows it, and refuses a login that it does not allow.
      await redis.del(budgetKey)
      return 0
    }
    log.error('identify waits, the budget of the day is spent', { shardId, givenBackInMs })
    return Math.min(budgetLookMs, Math.max(windowMs, givenBackInMs))
  }
  return {
    async waitForIdentify(shardId, signal) {
      const key = `${options.keyPrefix}identify:${shardId % options.maxConcurrency}`
      await noted
      for (;;) {
        let waitMs: number
        try {
          waitMs = await tryTake(key, shardId)
        } catch (thrown) {
          log.warn('identify is paced alone, redis is away', { shardId, error: coerceError(thrown) })
          await waitFor(clock, windowMs + marginMs, signal)
          return
        }
        if (waitMs === 0) return
        await waitFor(clock, waitMs, signal)
      }
    },
  }
}
