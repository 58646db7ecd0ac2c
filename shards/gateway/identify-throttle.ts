/**
 * Paces IDENTIFY over all processes of the token: one per bucket (shard id % max_concurrency) and five seconds.
 *
 * discord.js paces one process; two that start together would both identify in one bucket, and Discord would answer each
 * time with an invalid session that costs one of the 1,000 identifies a day. The bucket is a key in Redis that ends by
 * itself. While Redis is away a shard waits its five seconds on its own: then at worst Discord says no once.
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
  readonly redis: Pick<Redis, 'set' | 'pttl'>
  readonly clock: Clock
  readonly log: Log
}

export interface IdentifyThrottle {
  /** Resolves when this shard may identify; rejects with the signal's reason. */
  waitForIdentify(shardId: number, signal: AbortSignal): Promise<void>
}

export function createIdentifyThrottle(
  deps: IdentifyThrottleDeps,
  options: { readonly keyPrefix: string; readonly maxConcurrency: number },
): IdentifyThrottle {
  async function tryTake(key: string): Promise<number> {
    const taken = await deps.redis.set(key, '1', 'PX', windowMs + marginMs, 'NX')
    return taken === 'OK' ? 0 : Math.max(retryMsMin, await deps.redis.pttl(key))
  }
  return {
    async waitForIdentify(shardId, signal) {
      const key = `${options.keyPrefix}identify:${shardId % options.maxConcurrency}`
      for (;;) {
        let waitMs: number
        try {
          waitMs = await tryTake(key)
        } catch (thrown) {
          deps.log.warn('identify is paced alone, redis is away', { shardId, error: coerceError(thrown) })
          await waitFor(deps.clock, windowMs + marginMs, signal)
          return
        }
        if (waitMs === 0) return
        await waitFor(deps.clock, waitMs, signal)
      }
    },
  }
}
