/**
 * The way from the command line to guilds' actors: the inboxes and replies in Redis that every other process uses.
 *
 * A running house is needed, because an owner must answer; what the configuration does not name is looked for in the data
 * folder, and nothing is started here.
 */
import type { ActorClient } from '../../actors/client/actor-client.ts'
import { closeRedis, createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import { createRedisActorClient } from '../../actors/transport/redis-actor-client.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import { databaseTime } from '../../prisma/guild-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import type { HouseConfig } from '../config.ts'
import { findEmbeddedRedis } from '../embedded/embedded-redis.ts'
import { withHouseDatabase } from './house-database.ts'

const connectTimeoutMs = 5_000
const commandTimeoutMs = 2_000

/** Runs `work` with a client that was started. Throws `redis-unavailable` or `postgres-unavailable` with the remedy. */
export async function withActorClient<Result>(
  deps: { readonly clock: Clock; progress(sentence: string): void },
  config: HouseConfig,
  work: (client: ActorClient) => Promise<Result>,
): Promise<Result> {
  const url = config.redisUrl ?? (await findEmbeddedRedis(config.folder))
  if (url === null) throw new AppError('redis-unavailable', `no Redis runs for ${config.folder}: start the house with \`muster up\`, or set REDIS_URL`)
  const time = await withHouseDatabase(deps, config, (databaseUrl) => readTime(deps.clock, databaseUrl))
  const open = (role: string) => createRedisConnection({ log: silentLog }, { url, role, commandTimeoutMs, connectTimeoutMs })
  const [commands, subscriber] = [open('cli-commands'), open('cli-replies')]
  try {
    await Promise.all([openRedis(commands), openRedis(subscriber)])
    const client = createRedisActorClient({ commands, subscriber, clock: deps.clock, log: silentLog, now: () => time.now() }, config)
    await client.start()
    try {
      return await work(client)
    } finally {
      await client.stop()
    }
  } finally {
    for (const connection of [commands, subscriber]) closeRedis(connection)
  }
}

/** A command lasts seconds: the offset to the database's clock is estimated once. */
async function readTime(clock: Clock, connectionString: string): Promise<CalibratedTime> {
  const pool = createPostgresPool(
    { log: silentLog },
    { connectionString, connectionsMax: 1, statementTimeoutMs: 5_000, connectTimeoutMs, applicationName: 'muster-cli' },
  )
  try {
    const time = new CalibratedTime(clock)
    await time.calibrate(() => databaseTime(pool))
    return time
  } finally {
    await pool.end()
  }
}
