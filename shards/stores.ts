/**
 * Opens what a shard process needs of Postgres and Redis, and closes it in reverse order.
 *
 * Redis gets four connections: blocking reads and subscriptions each need one of their own, and leases must not wait
 * behind inboxes. Postgres gets one connection a commit lane and a small pool for everything else.
 */
import type { AdvisoryLock, Inbox, LeaseStore, MessageBus, GuildStore, OwnershipStore, UnlockedKeyStore, WatchStore } from '../actors/runtime/ports.ts'
import type { RedisConnection } from '../actors/ownership/redis-connection.ts'
import { closeRedis, createRedisConnection, openRedis } from '../actors/ownership/redis-connection.ts'
import { createRedisAdvisoryLock } from '../actors/ownership/redis-advisory-lock.ts'
import { createRedisKeys } from '../actors/ownership/redis-keys.ts'
import { createRedisLeaseStore } from '../actors/ownership/redis-lease-store.ts'
import { createRedisInbox } from '../actors/transport/redis-inbox.ts'
import { createRedisMessageBus } from '../actors/transport/redis-message-bus.ts'
import { createRedisStatusBoard } from '../actors/transport/redis-status-board.ts'
import type { StatusBoard } from '../actors/transport/redis-status-board.ts'
import { createRedisUnlockedKeys } from '../actors/transport/redis-unlocked-keys.ts'
import type { KeyWrapStore } from '../actors/records/key-rewrap.ts'
import type { RecordReader } from '../actors/records/record-reader.ts'
import type { GuildKeyRow } from '../actors/records/stored.ts'
import type { Clock } from '../kernel/clock.ts'
import type { GuildId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { createAttendanceExport } from '../prisma/attendance-export.ts'
import { createAttendanceFactsReader } from '../prisma/attendance-facts.ts'
import { createAttendanceReport } from '../prisma/attendance-report.ts'
import { checkDatabase } from '../prisma/check-database.ts'
import { createPostgresGuildStore } from '../prisma/guild-store.ts'
import type { PostgresCommitLane } from '../prisma/journal-store.ts'
import { createPostgresCommitLane } from '../prisma/journal-store.ts'
import { createOpenSessionsReader } from '../prisma/open-sessions.ts'
import { createPostgresOwnershipStore } from '../prisma/ownership-store.ts'
import { createErasableReader } from '../prisma/erasable-records.ts'
import type { ListErasable } from '../prisma/erasable-records.ts'
import type { ReadNewestRecords } from '../prisma/newest-records.ts'
import { createNewestRecordsReader } from '../prisma/newest-records.ts'
import { createPostgresPool } from '../prisma/postgres-pool.ts'
import { createPrismaClient } from '../prisma/prisma-client.ts'
import { createPostgresKeyWrapStore } from '../prisma/key-wrap-store.ts'
import { loadGuildKeys } from '../prisma/load-guild-keys.ts'
import { createRecordsRepository } from '../prisma/records-repository.ts'
import type { FindRecentRoleChanges } from '../prisma/recent-role-changes.ts'
import { createRecentRoleChanges } from '../prisma/recent-role-changes.ts'
import { createStudentFinder } from '../prisma/students.ts'
import type { RetentionSweep } from '../prisma/sweep.ts'
import { createRetentionSweep } from '../prisma/sweep.ts'
import type { TopologyStore } from '../prisma/topology-store.ts'
import { createPostgresTopologyStore } from '../prisma/topology-store.ts'
import { createPostgresWatchStore } from '../prisma/watch-store.ts'
import type { AttendanceStores } from './attendance/attendance-desk.ts'
import type { ShardConfig } from './config.ts'
import type { IdentifyLimits, IdentifyThrottle } from './gateway/identify-throttle.ts'
import { createIdentifyThrottle } from './gateway/identify-throttle.ts'
import type { AttemptLimit } from './signing/attempt-limit.ts'
import { createAttemptLimit } from './signing/attempt-limit.ts'

const connectTimeoutMs = 5_000
/** A lease or lock answer later than this is as good as none. */
const redisTimeoutMs = 1_000
/** Server-side bound of reads and takeovers. */
const readTimeoutMs = 10_000
/** Beyond the server's own bound: then the socket is cut. */
const answerGraceMs = 1_000

export interface ShardStores {
  readonly lanes: readonly PostgresCommitLane[]
  readonly ownership: OwnershipStore
  readonly guilds: GuildStore
  readonly watch: WatchStore
  readonly records: RecordReader
  readonly readNewestRecords: ReadNewestRecords
  readonly listErasable: ListErasable
  readonly attendance: AttendanceStores
  /** All key rows of a guild, oldest first. */
  listKeyRows(guildId: GuildId): Promise<readonly GuildKeyRow[]>
  readonly keyWraps: KeyWrapStore
  readonly leases: LeaseStore
  readonly lock: AdvisoryLock
  readonly inbox: Inbox
  readonly bus: MessageBus
  readonly unlockedKeys: UnlockedKeyStore
  readonly passphraseAttempts: AttemptLimit
  readonly retention: RetentionSweep
  readonly findRecentRoleChanges: FindRecentRoleChanges
  readonly statusBoard: StatusBoard
  pingRedis(): Promise<unknown>
  /** What an orphan reads. */
  readonly topologies: Pick<TopologyStore, 'listTopologies'>
  createIdentifyThrottle(limits: IdentifyLimits): IdentifyThrottle
  close(): Promise<void>
}

/** Throws `postgres-unavailable` or `redis-unavailable` with the remedy; nothing stays open then. */
export async function openStores(deps: { clock: Clock; log: Log }, config: ShardConfig): Promise<ShardStores> {
  await checkDatabase({ url: config.databaseUrl, connectTimeoutMs })
  const redis = await openRedisConnections(deps, config.redisUrl)
  const postgres = openPostgres(deps, config)
  const keys = createRedisKeys(config.redisPrefix)
  const { commands, bells, subscriber, leases } = redis
  try {
    await Promise.all(postgres.lanes.map((lane) => lane.start()))
  } catch (thrown) {
    for (const connection of Object.values(redis)) closeRedis(connection)
    await postgres.close()
    throw thrown
  }
  return {
    ...postgres,
    leases: createRedisLeaseStore({ redis: leases, keys }),
    lock: createRedisAdvisoryLock({ redis: leases, keys, ...deps }),
    inbox: createRedisInbox({ commands, listener: bells, keys, ...deps }, { depthMax: limits.inboxDepthMax }),
    createIdentifyThrottle: (identifyLimits) =>
      createIdentifyThrottle({ redis: commands, ...deps }, { keyPrefix: config.redisPrefix, ...identifyLimits }),
    statusBoard: createRedisStatusBoard({ redis: commands, keys }),
    pingRedis: () => commands.ping(),
    unlockedKeys: createRedisUnlockedKeys({ redis: commands, keys }),
    passphraseAttempts: createAttemptLimit(commands, { keyPrefix: config.redisPrefix }),
    bus: createRedisMessageBus({ commands, subscriber, keys, log: deps.log }),
    async close() {
      await postgres.close()
      for (const connection of Object.values(redis)) closeRedis(connection)
    },
  }
}

type RedisConnections = Readonly<Record<'commands' | 'bells' | 'subscriber' | 'leases', RedisConnection>>

async function openRedisConnections(deps: { log: Log }, url: string): Promise<RedisConnections> {
  const open = (role: string, commandTimeoutMs: number): RedisConnection =>
    createRedisConnection(deps, { url, role, commandTimeoutMs, connectTimeoutMs })
  const connections = {
    commands: open('commands', redisTimeoutMs),
    bells: open('inbox-bells', redisTimeoutMs),
    subscriber: open('subscriber', redisTimeoutMs),
    leases: open('leases', redisTimeoutMs),
  }
  try {
    await Promise.all(Object.values(connections).map((connection) => openRedis(connection)))
  } catch (thrown) {
    for (const connection of Object.values(connections)) closeRedis(connection)
    throw thrown
  }
  return connections
}

function openPostgres(deps: { clock: Clock; log: Log }, config: ShardConfig) {
  const connection = { connectionString: config.databaseUrl, connectTimeoutMs, applicationName: 'muster-shard' }
  const pool = createPostgresPool(deps, {
    ...connection,
    connectionsMax: config.databaseConnectionsMax,
    statementTimeoutMs: readTimeoutMs,
  })
  const prisma = createPrismaClient({ ...connection, connectionsMax: 1, statementTimeoutMs: readTimeoutMs })
  const lanes = Array.from({ length: limits.commitLanes }, () =>
    createPostgresCommitLane(deps, { ...connection, statementTimeoutMs: limits.statementTimeoutMs, answerGraceMs }),
  )
  return {
    lanes,
    ownership: createPostgresOwnershipStore(pool),
    guilds: createPostgresGuildStore({ pool }),
    watch: createPostgresWatchStore(pool),
    keyWraps: createPostgresKeyWrapStore(pool),
    records: createRecordsRepository({ client: prisma, pool }),
    readNewestRecords: createNewestRecordsReader(pool),
    listErasable: createErasableReader(pool),
    attendance: {
      readFacts: createAttendanceFactsReader(pool),
      students: createStudentFinder(pool),
      export: createAttendanceExport(pool),
      report: createAttendanceReport(pool),
      openSessions: createOpenSessionsReader(pool),
    },
    listKeyRows: async (guildId: GuildId) => (await loadGuildKeys(pool, [guildId])).get(guildId) ?? [],
    retention: createRetentionSweep(pool),
    findRecentRoleChanges: createRecentRoleChanges(pool),
    topologies: createPostgresTopologyStore(pool),
    async close() {
      await Promise.all(lanes.map((lane) => lane.stop()))
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
