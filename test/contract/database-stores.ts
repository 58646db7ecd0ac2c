/**
 * What the contract suites of the database ports run against: the stores over one fresh database, and a look at the
 * tables that no port reads back.
 */
import { createSystemClock } from '../../kernel/clock.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { CommitLane, GuildStore, OwnershipStore, WatchStore } from '../../actors/runtime/ports.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import { createPostgresCommitLane } from '../../prisma/journal-store.ts'
import type { PostgresCommitLane } from '../../prisma/journal-store.ts'
import type { LaneConnectionOptions } from '../../prisma/lane-connection.ts'
import { createPostgresOwnershipStore } from '../../prisma/ownership-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import type { PostgresPool, PostgresPoolOptions } from '../../prisma/postgres-pool.ts'
import { createPrismaClient } from '../../prisma/prisma-client.ts'
import { createPostgresWatchStore } from '../../prisma/watch-store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { mustEnd } from '../support/leaks.ts'
import { MemoryDatabase } from '../support/memory/memory-database.ts'
import {
  createMemoryCommitLane,
  createMemoryGuildStore,
  createMemoryOwnershipStore,
  createMemoryWatchStore,
} from '../support/memory/memory-stores.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'

export interface DatabaseStores {
  readonly lane: CommitLane
  /** A second connection, as the other lane or another process has. */
  readonly otherLane: CommitLane
  readonly ownership: OwnershipStore
  readonly guilds: GuildStore
  readonly watch: WatchStore
  /** Receipts as `sequence recordId`, in order. */
  receiptsOf(guild: GuildId): Promise<readonly string[]>
  /** Sequences of receipts without their bytes, in order; and of those in the form of signing version 1. */
  erasedOf(guild: GuildId): Promise<{ readonly erased: readonly number[]; readonly version1: readonly number[] }>
  chainSequenceOf(guild: GuildId): Promise<number | null>
  /** State and attempts of every outbox row of a guild, in order. */
  outboxOf(guild: GuildId): Promise<readonly string[]>
  end(): Promise<void>
}

export interface DatabaseMaker {
  /** For the `before` hook that makes the stores: a real server may have to be started first. */
  readonly timeoutMs: number
  create(): Promise<DatabaseStores>
}

export const memoryDatabase: DatabaseMaker = {
  timeoutMs: 1_000,
  create: () => {
    const database = new MemoryDatabase(createManualClock())
    return Promise.resolve({
      lane: createMemoryCommitLane(database),
      otherLane: createMemoryCommitLane(database),
      ownership: createMemoryOwnershipStore(database),
      guilds: createMemoryGuildStore(database),
      watch: createMemoryWatchStore(database),
      receiptsOf: (guild) =>
        Promise.resolve(
          [...database.receipts.values()]
            .filter(({ guildId }) => guildId === guild)
            .map(({ sequence, recordId }) => `${sequence} ${recordId}`),
        ),
      erasedOf: (guild) =>
        Promise.resolve({
          erased: [...database.receipts.values()].filter((row) => row.guildId === guild && row.signed === null && row.subject === null).map(({ sequence }) => sequence),
          version1: [...database.receiptsVersion1.values()].filter(({ guildId }) => guildId === guild).map(({ sequence }) => sequence),
        }),
      chainSequenceOf: (guild) => Promise.resolve(database.chainHeads.get(guild)?.sequence ?? null),
      outboxOf: (guild) =>
        Promise.resolve(
          [...database.outbox.values()]
            .filter(({ guildId }) => guildId === guild)
            .map(({ seq, ordinal, state, attempts }) => `${seq}.${ordinal} ${state} ${attempts}`),
        ),
      end: () => Promise.resolve(),
    })
  },
}

export const postgresDatabase: DatabaseMaker = { timeoutMs: testServersTimeoutMs, create: createPostgresStores }

export const testLaneOptions = (url: string): LaneConnectionOptions => ({
  connectionString: url,
  statementTimeoutMs: 5_000,
  answerGraceMs: 1_000,
  connectTimeoutMs: 2_000,
  applicationName: 'muster-test-lane',
})

/** A lane that fails the test if it is not stopped. */
export function createTestLane(url: string, options: Partial<LaneConnectionOptions> = {}): PostgresCommitLane {
  const lane = createPostgresCommitLane(
    { clock: createSystemClock(), log: silentLog },
    { ...testLaneOptions(url), ...options },
  )
  let isStopped = false
  mustEnd('commit lane', () => !isStopped)
  return {
    ...lane,
    stop: async () => {
      isStopped = true
      await lane.stop()
    },
  }
}

const testPoolOptions = (url: string): PostgresPoolOptions => ({
  connectionString: url,
  connectionsMax: 4,
  statementTimeoutMs: 5_000,
  connectTimeoutMs: 2_000,
  applicationName: 'muster-test',
})

export function createTestPostgresPool(url: string): PostgresPool {
  const pool = createPostgresPool({ log: silentLog }, testPoolOptions(url))
  mustEnd('postgres pool', () => !pool.ended)
  return pool
}

async function createPostgresStores(): Promise<DatabaseStores> {
  const database = await createTestDatabase()
  const lanes = [createTestLane(database.url), createTestLane(database.url)] as const
  const pool = createTestPostgresPool(database.url)
  const prisma = createPrismaClient(testPoolOptions(database.url))
  return {
    lane: lanes[0],
    otherLane: lanes[1],
    ownership: createPostgresOwnershipStore(pool),
    guilds: createPostgresGuildStore({ pool }),
    watch: createPostgresWatchStore(pool),
    async receiptsOf(guild) {
      const text = "SELECT sequence || ' ' || record_id AS row FROM receipt WHERE guild_id = $1 ORDER BY sequence"
      return (await pool.query<{ row: string }>(text, [guild])).rows.map(({ row }) => row)
    },
    async erasedOf(guild) {
      const sequences = async (text: string): Promise<number[]> => (await pool.query<{ sequence: string }>(text, [guild])).rows.map(({ sequence }) => Number(sequence))
      return {
        erased: await sequences('SELECT sequence FROM receipt WHERE guild_id = $1 AND signed IS NULL AND subject IS NULL ORDER BY sequence'),
        version1: await sequences('SELECT sequence FROM receipt_version_1 WHERE guild_id = $1 ORDER BY sequence'),
      }
    },
    async chainSequenceOf(guild) {
      const { rows } = await pool.query<{ sequence: string }>('SELECT sequence FROM chain_head WHERE guild_id = $1', [guild])
      return rows[0] === undefined ? null : Number(rows[0].sequence)
    },
    async outboxOf(guild) {
      const text = `SELECT seq || '.' || ordinal || ' ' || state || ' ' || attempts AS row
        FROM outbox WHERE guild_id = $1 ORDER BY seq, ordinal`
      return (await pool.query<{ row: string }>(text, [guild])).rows.map(({ row }) => row)
    },
    async end() {
      await Promise.all([...lanes.map((lane) => lane.stop()), pool.end(), prisma.$disconnect()])
      await database.drop()
    },
  }
}
