/**
 * The Redis of the house, for commands that look: the configured one, or the embedded one that runs. None is started.
 */
import type { RedisConnection } from '../../actors/ownership/redis-connection.ts'
import { closeRedis, createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import type { RedisKeys } from '../../actors/ownership/redis-keys.ts'
import { createRedisKeys } from '../../actors/ownership/redis-keys.ts'
import { AppError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import type { HouseConfig } from '../config.ts'
import { findEmbeddedRedis } from '../embedded/embedded-redis.ts'

const connectTimeoutMs = 5_000
const commandTimeoutMs = 2_000

/** Throws `redis-unavailable` with the remedy. */
export async function withHouseRedis<Result>(config: HouseConfig, work: (redis: RedisConnection, keys: RedisKeys) => Promise<Result>): Promise<Result> {
  const url = config.redisUrl ?? (await findEmbeddedRedis(config.folder))
  if (url === null) throw new AppError('redis-unavailable', `no Redis runs for ${config.folder}: start the house with \`muster up\`, or set REDIS_URL`)
  const redis = createRedisConnection({ log: silentLog }, { url, role: 'cli', commandTimeoutMs, connectTimeoutMs })
  try {
    await openRedis(redis)
    return await work(redis, createRedisKeys(config.redisPrefix))
  } finally {
    closeRedis(redis)
  }
}
