/**
 * LeaseStore and AdvisoryLock over a MemoryRedis. The rules are those of the scripts in actors/ownership/scripts/.
 */
import { AppError, coerceError } from '../../../kernel/errors.ts'
import type { AdvisoryLock, LeaseStore } from '../../../actors/runtime/ports.ts'
import type { MemoryRedis } from './memory-redis.ts'
import { smoothStep, stepped } from './step.ts'
import type { Step } from './step.ts'

/** As the real one: longer than any takeover. */
const lockTtlMs = 5_000
const lockRetryMs = 20

/** What a step rejects with becomes the error the real store would have thrown. */
export async function askMemoryRedis<Result>(step: Step, operation: string, effect: () => Result): Promise<Result> {
  try {
    return await stepped(step, operation, effect)
  } catch (thrown) {
    const error = coerceError(thrown)
    throw new AppError('redis-unavailable', `${operation}: ${error.message}`, { cause: error })
  }
}

export function createMemoryLeaseStore(redis: MemoryRedis, step: Step = smoothStep): LeaseStore {
  const now = (): number => redis.clock.monotonicMs()
  return {
    renewLease: ({ incarnation, ttlMs, renewal }) =>
      askMemoryRedis(step, 'renewLease', () => {
        const memory = redis.leaseMemory
        const isContinuous = memory !== null && now() - memory.renewed <= memory.ttlMs
        redis.leaseMemory = { since: isContinuous ? memory.since : now(), renewed: now(), ttlMs }
        const held = redis.leases.get(incarnation)
        const begunBy = held !== undefined && held.deadline > now() ? held.begunBy : renewal
        redis.leases.set(incarnation, { deadline: now() + ttlMs, begunBy })
        return { begunBy }
      }),

    releaseLease: (incarnation) =>
      askMemoryRedis(step, 'releaseLease', () => {
        redis.leases.delete(incarnation)
      }),

    liveness: () =>
      askMemoryRedis(step, 'liveness', () => {
        const memory = redis.leaseMemory
        const isContinuous = memory !== null && now() - memory.renewed <= memory.ttlMs
        const live = [...redis.leases].filter(([, { deadline }]) => deadline > now()).map(([incarnation]) => incarnation)
        return { live: live.sort(), rememberedForMs: isContinuous ? now() - memory.since : 0 }
      }),

    writeDirectory: (entries) =>
      askMemoryRedis(step, 'writeDirectory', () => {
        for (const entry of entries) {
          if (entry.fence >= (redis.directory.get(entry.slot)?.fence ?? -1)) redis.directory.set(entry.slot, entry)
        }
      }),

    readDirectory: () =>
      askMemoryRedis(step, 'readDirectory', () => [...redis.directory.values()].sort((a, b) => a.slot - b.slot)),
  }
}

export function createMemoryAdvisoryLock(redis: MemoryRedis, step: Step = smoothStep): AdvisoryLock {
  const { clock } = redis
  const tryLock = (resource: string, holder: symbol): boolean => {
    const held = redis.locks.get(resource)
    if (held !== undefined && held.until > clock.monotonicMs()) return false
    redis.locks.set(resource, { holder, until: clock.monotonicMs() + lockTtlMs })
    return true
  }
  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve))

  async function acquire(resource: string, holder: symbol, waitMs: number): Promise<void> {
    const giveUpAt = clock.monotonicMs() + waitMs
    try {
      await step('withLock', 'before')
      while (!tryLock(resource, holder) && clock.monotonicMs() < giveUpAt) {
        await pause(Math.min(lockRetryMs, giveUpAt - clock.monotonicMs()))
      }
      await step('withLock', 'after')
    } catch (thrown) {
      // Redis is away: the work goes on without the lock, which is the contract.
      coerceError(thrown)
    }
  }

  return {
    async withLock({ resource, waitMs }, work) {
      const holder = Symbol(resource)
      await acquire(resource, holder, waitMs)
      try {
        return await work()
      } finally {
        if (redis.locks.get(resource)?.holder === holder) redis.locks.delete(resource)
      }
    },
  }
}
