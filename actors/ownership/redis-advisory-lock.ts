/**
 * redlock as a lock that saves work: two processes rarely try the same takeover at once. Correctness never rests on it.
 *
 * The lock is not prolonged and its loss not noticed: redlock's own abort came seconds late when Redis hung. Whoever
 * cannot have it in time, for whatever reason, works without it. A lock that arrives after the wait is given back.
 */
import type { Redis } from 'ioredis'
import Redlock from 'redlock'
import type { Lock } from 'redlock'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { AdvisoryLock } from '../runtime/ports.ts'
import type { RedisKeys } from './redis-keys.ts'

/** Longest the lock keeps others waiting when its holder died: several bulk takeovers take less. */
const lockTtlMs = 5_000
const retryDelayMs = 20

export function createRedisAdvisoryLock(deps: {
  readonly redis: Redis
  readonly keys: RedisKeys
  readonly clock: Clock
  readonly log: Log
}): AdvisoryLock {
  const { redis, keys, clock, log } = deps
  const redlock = new Redlock([redis], { retryDelay: retryDelayMs, retryJitter: retryDelayMs / 2 })
  // redlock also emits, at every attempt, what it finally rejects with; the rejection is handled below.
  redlock.on('error', () => undefined)

  async function tryAcquire(resource: string, waitMs: number): Promise<Lock | null> {
    try {
      return await redlock.acquire([keys.lock(resource)], lockTtlMs, { retryCount: Math.ceil(waitMs / retryDelayMs) })
    } catch (thrown) {
      // Held by another, or Redis is away: the caller goes on without it either way.
      log.debug('advisory lock not acquired', { resource, error: coerceError(thrown) })
      return null
    }
  }

  async function release(lock: Lock, resource: string): Promise<void> {
    try {
      await lock.release()
    } catch (thrown) {
      // It ends by itself; only another's wait grows.
      log.debug('advisory lock not released', { resource, error: coerceError(thrown) })
    }
  }

  return {
    async withLock({ resource, waitMs }, work) {
      const acquiring = tryAcquire(resource, waitMs)
      const lock = await within(clock, waitMs, acquiring)
      if (lock === null) {
        void acquiring.then((late) => (late === null ? undefined : release(late, resource)))
        return await work()
      }
      try {
        return await work()
      } finally {
        // Not waited for: a crash is being mended, and the next one waits for Redis and not for us.
        void release(lock, resource)
      }
    },
  }
}

/** The value, or null when it has not come in time. */
function within<Value>(clock: Clock, waitMs: number, value: Promise<Value | null>): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(waitMs, () => resolve(null))
    value.then(resolve, reject).finally(() => timer.cancel())
  })
}
