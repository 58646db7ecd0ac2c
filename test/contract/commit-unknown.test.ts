/**
 * Unknown outcomes on real Postgres: the connection ends at the worst moment, by the server's hand and by ours.
 *
 * Method: a transaction of the test's own holds a slot row, so that a commit waits in the middle of its statement for as
 * long as the test likes.
 */
import { expect } from 'chai'
import type pg from 'pg'
import { fence, generation, incarnation } from '../../kernel/ids.ts'
import { slot } from '../../actors/ownership/slots.ts'
import type { CommitOutcome, GuildStore, OwnershipStore } from '../../actors/runtime/ports.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import { createPostgresOwnershipStore } from '../../prisma/ownership-store.ts'
import type { PostgresPool } from '../../prisma/postgres-pool.ts'
import { batchOf, guildIn } from '../support/commit-batches.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'
import { createTestLane, createTestPostgresPool } from './database-stores.ts'

const me = incarnation('host:1:unknown')

describe('commit lane: unknown outcomes', () => {
  let database: TestDatabase
  let pool: PostgresPool
  let ownership: OwnershipStore
  let guilds: Pick<GuildStore, 'loadGuilds'>

  beforeEach(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    pool = createTestPostgresPool(database.url)
    ownership = createPostgresOwnershipStore(pool)
    guilds = createPostgresGuildStore({ pool })
    await ownership.takeSlots({ seen: [{ slot: slot(3), fence: fence(0) }], owner: me, generation: generation(1) })
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  const batch = (from: number): ReturnType<typeof batchOf> => batchOf([{ guildId: guildIn(3), fence: fence(1), from }])
  const seqNow = async (): Promise<number> => (await guilds.loadGuilds([{ guildId: guildIn(3) }]))[0]?.seq ?? -1

  /** Runs `during` while a commit waits inside the server for the row of slot 3. */
  async function whileCommitWaits(commit: () => Promise<CommitOutcome>, during: (pid: number) => Promise<void>): Promise<CommitOutcome> {
    const holder: pg.PoolClient = await pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query('SELECT * FROM slot WHERE id = 3 FOR UPDATE')
      const committing = commit()
      await during(await waitingBackend())
      await holder.query('ROLLBACK')
      return await committing
    } finally {
      holder.release()
    }
  }

  /** The lane's backend, once it waits for a lock. */
  async function waitingBackend(): Promise<number> {
    for (;;) {
      const { rows } = await pool.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'muster-test-lane' AND wait_event_type = 'Lock'",
      )
      if (rows[0] !== undefined) return rows[0].pid
    }
  }

  it('answers unknown when the server ends the connection, and commits again over a new one', async () => {
    const lane = createTestLane(database.url)
    await lane.start()
    const outcome = await whileCommitWaits(
      () => lane.commit(batch(0)),
      async (pid) => void (await pool.query('SELECT pg_terminate_backend($1)', [pid])),
    )
    expect(outcome).to.have.property('kind', 'unknown')
    expect(await seqNow()).to.equal(0)
    expect(await lane.commit(batch(0))).to.have.property('kind', 'committed')
    expect(await seqNow()).to.equal(1)
    await lane.stop()
  })

  it('answers unknown when the statement takes longer than it may', async () => {
    const lane = createTestLane(database.url, { statementTimeoutMs: 50 })
    const outcome = await whileCommitWaits(
      () => lane.commit(batch(0)),
      async (pid) => {
        // Until the server gave the statement up: nobody waits for a lock any more.
        while ((await pool.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'", [pid])).rowCount !== 0);
      },
    )
    expect(outcome).to.have.property('kind', 'unknown')
    expect(await seqNow()).to.equal(0)
    await lane.stop()
  })

  it('answers unknown when the server is silent, and what was sent may still be written', async () => {
    // The client's patience ends before the server's: the socket is cut under a statement that goes on.
    const lane = createTestLane(database.url, { statementTimeoutMs: 5_000, answerGraceMs: -4_950 })
    await lane.start()
    let committing: Promise<CommitOutcome> | null = null
    const outcome = await whileCommitWaits(
      () => (committing = lane.commit(batch(0))),
      async () => void (await committing),
    )
    expect(outcome).to.have.property('kind', 'unknown')
    await lane.stop()
    // Ownership 4: the fence is raised over one's own row; the statement is over then, one way or the other.
    const [mine] = await ownership.fenceSelf({ held: [{ slot: slot(3), fence: fence(1) }], owner: me })
    expect(mine?.fence).to.equal(2)
    const after = await seqNow()
    expect(after).to.be.oneOf([0, 1])
    const late = createTestLane(database.url)
    expect(await late.commit(batch(after))).to.have.property('owned').that.is.empty
    expect(await seqNow()).to.equal(after)
    await late.stop()
  })

  it('answers unknown at once when nothing listens', async () => {
    const lane = createTestLane('postgres://nobody@127.0.0.1:1/none')
    expect(await lane.commit(batch(0))).to.have.property('kind', 'unknown')
    await lane.stop()
  })
})
