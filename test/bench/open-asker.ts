/**
 * An API process' side: the client of actors/client over its own connections to Redis, and the database's time.
 */
import type { ActorClient } from '../../actors/client/actor-client.ts'
import { closeRedis, createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import { createRedisActorClient } from '../../actors/transport/redis-actor-client.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'

export interface Asker {
  readonly client: ActorClient
  stop(): Promise<void>
}

const connectTimeoutMs = 2_000

export async function openAsker(environment: Readonly<Record<string, string>>): Promise<Asker> {
  const clock = createSystemClock()
  const log = silentLog
  const redis = ['commands', 'subscriber'].map((role) =>
    createRedisConnection({ log }, { url: environment['REDIS_URL'] ?? '', role, commandTimeoutMs: 1_000, connectTimeoutMs }),
  )
  const [commands, subscriber] = redis
  if (commands === undefined || subscriber === undefined) throw new Error('two connections were made')
  await Promise.all(redis.map((connection) => openRedis(connection)))
  const time = await readDatabaseTime(environment['DATABASE_URL'] ?? '')
  const client = createRedisActorClient({ commands, subscriber, clock, log, now: () => time.now() }, { redisPrefix: environment['REDIS_PREFIX'] ?? '' })
  await client.start()
  return {
    client,
    async stop() {
      await client.stop()
      for (const connection of redis) closeRedis(connection)
    },
  }
}

/** A row lasts seconds: the offset is estimated once. */
async function readDatabaseTime(connectionString: string): Promise<CalibratedTime> {
  const pool = createPostgresPool(
    { log: silentLog },
    { connectionString, connectionsMax: 1, statementTimeoutMs: 5_000, connectTimeoutMs, applicationName: 'bench-asker' },
  )
  const time = new CalibratedTime(createSystemClock())
  const { databaseTime } = createPostgresGuildStore({ pool })
  await time.calibrate(databaseTime)
  await pool.end()
  return time
}
