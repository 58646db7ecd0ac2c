/**
 * What processes tell about themselves, each under its own key for a few seconds: for people who look, never for decisions.
 */
import type { Redis } from 'ioredis'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'
import type { Incarnation } from '../../kernel/ids.ts'

export interface StatusBoard {
  /** Replaces what this process told before; gone by itself after `ttlMs`. */
  write(status: { readonly incarnation: Incarnation; readonly text: string; readonly ttlMs: number }): Promise<void>
  remove(incarnation: Incarnation): Promise<void>
  /** What the manager told last; null: nothing lately. */
  readManager(): Promise<string | null>
  /** What these processes told last; those that told nothing lately are left out. */
  read(incarnations: readonly Incarnation[]): Promise<ReadonlyMap<Incarnation, string>>
}

export function createRedisStatusBoard(deps: { readonly redis: Redis; readonly keys: RedisKeys }): StatusBoard {
  const { redis, keys } = deps
  return {
    async write({ incarnation, text, ttlMs }) {
      await askRedis('tell a status', { incarnation }, () => redis.set(keys.status(incarnation), text, 'PX', ttlMs))
    },
    async remove(incarnation) {
      await askRedis('take a status back', { incarnation }, () => redis.del(keys.status(incarnation)))
    },
    readManager: () => askRedis('read the status of the manager', {}, () => redis.get(keys.managerStatus)),
    async read(incarnations) {
      if (incarnations.length === 0) return new Map()
      const texts = await askRedis('read statuses', { count: incarnations.length }, () => redis.mget(incarnations.map((one) => keys.status(one))))
      return new Map(
        incarnations.flatMap((one, index) => {
          const text = texts[index] ?? null
          return text === null ? [] : [[one, text] as const]
        }),
      )
    },
  }
}
