/**
 * What the manager needs of Postgres and Redis: the topology and what operators ask, who lives, and a place for its status.
 *
 * The only file of this room that knows that there is a Postgres or a Redis. Both may go away while the manager runs: its
 * processes serve on, and it goes on when they are back.
 */
import type { Redis } from 'ioredis'
import { closeRedis, createRedisConnection, openRedis } from '../actors/ownership/redis-connection.ts'
import { createRedisKeys } from '../actors/ownership/redis-keys.ts'
import { createRedisLeaseStore } from '../actors/ownership/redis-lease-store.ts'
import type { Log } from '../kernel/log.ts'
import { checkDatabase } from '../prisma/check-database.ts'
import type { ManagerRequestStore } from '../prisma/manager-request-store.ts'
import { createPostgresManagerRequestStore } from '../prisma/manager-request-store.ts'
import { createPostgresPool } from '../prisma/postgres-pool.ts'
import type { TopologyStore } from '../prisma/topology-store.ts'
import { createPostgresTopologyStore } from '../prisma/topology-store.ts'

const connectTimeoutMs = 5_000
const statementTimeoutMs = 5_000
const redisTimeoutMs = 1_000

export interface ManagerStores {
  readonly topologies: TopologyStore
  readonly requests: ManagerRequestStore
  /** Shard processes with a living lease, of whatever manager. */
  countLivingProcesses(): Promise<number>
  /** Where `muster status` finds what only the manager knows; forgotten after `ttlMs`. */
  writeStatus(status: string, ttlMs: number): Promise<void>
  close(): Promise<void>
}

export interface ManagerStoresOptions {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly redisPrefix: string
}

/** Throws `postgres-unavailable` or `redis-unavailable` with the remedy; nothing stays open then. */
export async function openManagerStores(deps: { readonly log: Log }, options: ManagerStoresOptions): Promise<ManagerStores> {
  await checkDatabase({ url: options.databaseUrl, connectTimeoutMs })
  const redis: Redis = createRedisConnection(deps, {
    url: options.redisUrl,
    role: 'manager',
    commandTimeoutMs: redisTimeoutMs,
    connectTimeoutMs,
  })
  try {
    await openRedis(redis)
  } catch (thrown) {
    closeRedis(redis)
    throw thrown
  }
  const pool = createPostgresPool(deps, {
    connectionString: options.databaseUrl,
    connectionsMax: 2,
    statementTimeoutMs,
    connectTimeoutMs,
    applicationName: 'muster-manager',
  })
  const keys = createRedisKeys(options.redisPrefix)
  const leases = createRedisLeaseStore({ redis, keys })
  return {
    topologies: createPostgresTopologyStore(pool),
    requests: createPostgresManagerRequestStore(pool),
    countLivingProcesses: async () => (await leases.liveness()).live.length,
    async writeStatus(status, ttlMs) {
      await redis.set(keys.managerStatus, status, 'PX', ttlMs)
    },
    async close() {
      await pool.end()
      closeRedis(redis)
    },
  }
}
