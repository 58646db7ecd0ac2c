/**
 * Copies of unlocked keys in Redis: how a guild's signing stays unlocked when its owner crashes or changes.
 *
 * What is written here is sealed under the key-encryption key before it comes, and ends by itself. Nothing is repeated: a
 * copy that could not be written or read is the caller's to try again.
 */
import type { Redis } from 'ioredis'
import { AppError } from '../../kernel/errors.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'
import type { UnlockedKeyStore } from '../runtime/ports.ts'

export function createRedisUnlockedKeys(deps: { readonly redis: Redis; readonly keys: RedisKeys }): UnlockedKeyStore {
  const { redis, keys } = deps
  return {
    async put({ guildId, copy, ttlMs }) {
      await askRedis('keep a copy of an unlocked key', { guildId }, () =>
        redis.set(keys.unlockedKey(guildId), Buffer.from(copy), 'PX', ttlMs),
      )
    },

    async find(guildId) {
      const copy = await askRedis('find a copy of an unlocked key', { guildId }, () => redis.getBuffer(keys.unlockedKey(guildId)))
      return copy === null ? null : new Uint8Array(copy)
    },

    async prolong({ guildIds, ttlMs }) {
      const gone = new Set<GuildId>()
      if (guildIds.length === 0) return gone
      const pipeline = redis.pipeline()
      for (const guildId of guildIds) pipeline.pexpire(keys.unlockedKey(guildId), ttlMs)
      const answers = await askRedis('prolong copies of unlocked keys', { guilds: guildIds.length }, () => pipeline.exec())
      for (const [index, guildId] of guildIds.entries()) {
        const [error, prolonged] = answers?.[index] ?? []
        if (error !== null) throw new AppError('redis-unavailable', 'prolong copies of unlocked keys', { cause: error })
        if (prolonged === 0) gone.add(guildId)
      }
      return gone
    },

    async remove(guildId) {
      await askRedis('remove the copy of a locked key', { guildId }, () => redis.del(keys.unlockedKey(guildId)))
    },
  }
}
