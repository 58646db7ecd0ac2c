/**
 * How often passphrases may be tried: a few a minute and guild, counted before any work is done.
 *
 * Counted in Redis, because a guild's interactions come to another process after a crash, a rescale or a change of owner,
 * and a guesser must gain nothing by that. While Redis is away each process counts alone.
 */
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { GuildId } from '../../kernel/ids.ts'

const windowSeconds = 60
export const attemptsPerMinuteMax = 5

export interface AttemptLimit {
  /** Counts an attempt. Otherwise the milliseconds until there may be another. */
  tryTake(guildId: GuildId): Promise<{ readonly ok: true } | { readonly ok: false; readonly waitMs: number }>
}

export function createAttemptLimit(redis: Redis, options: { readonly keyPrefix: string }): AttemptLimit {
  const counting = { points: attemptsPerMinuteMax, duration: windowSeconds, keyPrefix: `${options.keyPrefix}passphrase` }
  const limiter = new RateLimiterRedis({
    ...counting, storeClient: redis, insuranceLimiter: new RateLimiterMemory(counting), rejectIfRedisNotReady: true,
  })
  return {
    async tryTake(guildId) {
      try {
        await limiter.consume(guildId)
        return { ok: true }
      } catch (thrown) {
        // The library rejects with a result when the attempts are used up, and with an error when it cannot count at all.
        if (!(thrown instanceof RateLimiterRes)) throw thrown
        return { ok: false, waitMs: Math.max(1, thrown.msBeforeNext) }
      }
    },
  }
}
