/**
 * UnlockedKeyStore over a MemoryRedis.
 */
import type { UnlockedKeyStore } from '../../../actors/runtime/ports.ts'
import { askMemoryRedis } from './memory-lease-store.ts'
import type { MemoryRedis } from './memory-redis.ts'
import { smoothStep } from './step.ts'
import type { Step } from './step.ts'

export function createMemoryUnlockedKeys(redis: MemoryRedis, step: Step = smoothStep): UnlockedKeyStore {
  const now = (): number => redis.clock.monotonicMs()
  return {
    put: ({ guildId, copy, ttlMs }) =>
      askMemoryRedis(step, 'putUnlockedKey', () => {
        redis.unlockedKeys.set(guildId, { copy: copy.slice(), until: now() + ttlMs })
      }),

    find: (guildId) =>
      askMemoryRedis(step, 'findUnlockedKey', () => {
        const stored = redis.unlockedKeys.get(guildId)
        return stored === undefined || stored.until <= now() ? null : stored.copy.slice()
      }),

    prolong: ({ guildIds, ttlMs }) =>
      askMemoryRedis(step, 'prolongUnlockedKeys', () => {
        const gone = guildIds.filter((guildId) => (redis.unlockedKeys.get(guildId)?.until ?? 0) <= now())
        for (const guildId of guildIds) {
          const stored = redis.unlockedKeys.get(guildId)
          if (stored !== undefined && stored.until > now()) redis.unlockedKeys.set(guildId, { ...stored, until: now() + ttlMs })
        }
        return new Set(gone)
      }),

    remove: (guildId) =>
      askMemoryRedis(step, 'removeUnlockedKey', () => {
        redis.unlockedKeys.delete(guildId)
      }),
  }
}
