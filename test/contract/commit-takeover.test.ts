/**
 * Commits against takeovers on real Postgres, in whatever order chance brings them (I1, I2, I7).
 *
 * Method: three processes, two lanes each, commit to guilds of twelve slots as fast as they can while each of them takes
 * random slots from whoever has them, in random order and without asking. Afterwards the tables are held against what
 * the processes were told. `SEED=` repeats the choices (the interleaving is the server's), `TAKEOVERS=` sets how many.
 */
import { expect } from 'chai'
import { generation, incarnation } from '../../kernel/ids.ts'
import type { Fence, GuildId, Incarnation, Slot } from '../../kernel/ids.ts'
import { slot, slotOf } from '../../actors/ownership/slots.ts'
import type { CommitLane, GuildStore, OwnershipStore } from '../../actors/runtime/ports.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import type { PostgresCommitLane } from '../../prisma/journal-store.ts'
import { createPostgresOwnershipStore } from '../../prisma/ownership-store.ts'
import type { PostgresPool } from '../../prisma/postgres-pool.ts'
import { batchOf, guildIn } from '../support/commit-batches.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'
import { createTestLane, createTestPostgresPool } from './database-stores.ts'

const slotCount = 12
const guildsPerSlot = 3
const takeoversWanted = Number(process.env['TAKEOVERS'] ?? 150)
const seed = Number(process.env['SEED'] ?? 20_260_101)

const slots = Array.from({ length: slotCount }, (_, id) => slot(id))
const guildsOf = (of: Slot): GuildId[] => Array.from({ length: guildsPerSlot }, (_, n) => guildIn(of, n))

interface Holding {
  readonly fence: Fence
  /** Head of each guild as this process believes it. */
  readonly heads: Map<GuildId, number>
}

interface Told {
  readonly guild: GuildId
  readonly seq: number
  readonly fence: Fence
}

/** What all processes were told, and what must not have happened. */
interface Ledger {
  readonly durable: Told[]
  takeovers: number
  fenced: number
  headsMissing: number
  readonly failures: string[]
}

describe('commits against takeovers', () => {
  let database: TestDatabase
  let pool: PostgresPool
  let lanes: PostgresCommitLane[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    pool = createTestPostgresPool(database.url)
    lanes = Array.from({ length: 6 }, () => createTestLane(database.url))
    await Promise.all(lanes.map((lane) => lane.start()))
  })
  after(async () => {
    await Promise.all(lanes.map((lane) => lane.stop()))
    await pool.end()
    await database.drop()
  })

  it(`writes nothing stale, leaves no hole and never deadlocks over ${takeoversWanted} takeovers (I1, I2, I7; SEED=${seed})`, async function () {
    this.timeout(60_000)
    const ledger: Ledger = { durable: [], takeovers: 0, fenced: 0, headsMissing: 0, failures: [] }
    const stores = {
      ownership: createPostgresOwnershipStore(pool),
      guilds: createPostgresGuildStore({ pool }),
    }
    const processes = ['anna', 'bert', 'carl'].map((name, index) =>
      runProcess({
        me: incarnation(`host:${index}:${name}`),
        lanes: lanes.slice(index * 2, index * 2 + 2),
        random: randomFrom(seed + index),
        ledger,
        ...stores,
      }),
    )
    await Promise.all(processes)

    expect(ledger.failures).to.deep.equal([])
    expect(ledger.headsMissing, 'an owner met a head it did not know').to.equal(0)
    expect(ledger.durable.length).to.be.greaterThan(takeoversWanted)
    expect(ledger.fenced, 'no commit ever met a newer fence: the schedule proved nothing').to.be.greaterThan(0)
    await expectTablesAgree(pool, ledger)
  })
})

interface Process {
  readonly me: Incarnation
  readonly lanes: readonly CommitLane[]
  readonly ownership: OwnershipStore
  readonly guilds: Pick<GuildStore, 'loadGuilds'>
  readonly ledger: Ledger
  random(below: number): number
}

async function runProcess(process: Process): Promise<void> {
  const held = new Map<Slot, Holding>()
  const isDone = (): boolean => process.ledger.takeovers >= takeoversWanted || process.ledger.failures.length > 0
  const taking = (async () => {
    while (!isDone()) await takeSome(process, held)
  })()
  const committing = process.lanes.map(async (lane, parity) => {
    while (!isDone()) await commitSome(process, { lane, parity, held })
  })
  await Promise.all([taking, ...committing])
}

/** Takes random slots, then loads their guilds in a later statement. */
async function takeSome({ ownership, guilds, me, ledger, random }: Process, held: Map<Slot, Holding>): Promise<void> {
  try {
    const wanted = slots.filter(() => random(3) === 0).sort(() => random(3) - 1)
    const seen = await ownership.readSlots(wanted)
    // Between the look and the taking others work on: that is the race.
    for (let pause = random(6); pause > 0; pause -= 1) await guilds.loadGuilds([{ guildId: guildIn(0) }])
    const taken = await ownership.takeSlots({ seen, owner: me, generation: generation(1) })
    if (taken.length === 0) return
    ledger.takeovers += 1
    const loaded = await guilds.loadGuilds(taken.flatMap(({ slot: of }) => guildsOf(of)).map((guildId) => ({ guildId })))
    for (const { slot: of, fence } of taken) {
      if ((held.get(of)?.fence ?? -1) > fence) continue
      const heads = loaded.filter(({ guildId }) => slotOf(guildId) === of).map(({ guildId, seq }) => [guildId, seq] as const)
      held.set(of, { fence, heads: new Map(heads) })
    }
  } catch (thrown) {
    ledger.failures.push(String(thrown))
  }
}

async function commitSome(
  { ledger, random, ownership }: Process,
  { lane, parity, held }: { lane: CommitLane; parity: number; held: Map<Slot, Holding> },
): Promise<void> {
  const mine = [...held].filter(([of]) => of % 2 === parity)
  const sent = mine.flatMap(([of, holding]) =>
    guildsOf(of)
      .filter(() => random(2) === 0)
      .map((guildId) => ({ guildId, holding, fence: holding.fence, from: holding.heads.get(guildId) ?? 0, count: random(3) + 1 })),
  )
  if (sent.length === 0) {
    await ownership.readSlots([])
    return
  }
  const moves = sent.map(({ guildId, fence, from, count }) => ({ guildId, fence, from, to: from + count }))
  const total = (of: Slot, holding: Holding): number =>
    [...holding.heads.values()].reduce((sum, seq) => sum + seq, 0) +
    sent.filter(({ guildId }) => slotOf(guildId) === of).reduce((sum, { count }) => sum + count, 0)
  const cursors = mine
    .filter(([of]) => moves.some(({ guildId }) => slotOf(guildId) === of))
    .map(([of, holding]) => ({ slot: of, source: 'inbox', position: String(total(of, holding)) }))
  const outcome = await lane.commit(batchOf(moves, { cursors }))
  if (outcome.kind !== 'committed') {
    ledger.failures.push(outcome.kind === 'poison' ? outcome.message : String(outcome.cause))
    return
  }
  for (const { guildId, holding, fence, from, count } of sent) {
    const of = slotOf(guildId)
    if (!outcome.owned.has(of)) {
      ledger.fenced += 1
      if (held.get(of) === holding) held.delete(of)
    } else if (outcome.moved.has(guildId)) {
      for (let seq = from + 1; seq <= from + count; seq += 1) ledger.durable.push({ guild: guildId, seq, fence })
      holding.heads.set(guildId, from + count)
    } else {
      ledger.headsMissing += 1
    }
  }
}

async function expectTablesAgree(pool: PostgresPool, ledger: Ledger): Promise<void> {
  const { rows } = await pool.query<{ guild_id: string; seq: string; fence: string }>(
    'SELECT guild_id, seq, fence FROM journal ORDER BY guild_id, seq',
  )
  const told = new Set(ledger.durable.map(({ guild, seq, fence }) => `${guild} ${seq} ${fence}`))
  expect(told.size, 'the same event was told durable twice').to.equal(ledger.durable.length)
  expect(new Set(rows.map(({ guild_id, seq, fence }) => `${guild_id} ${seq} ${fence}`))).to.deep.equal(told)

  const holes = await pool.query(
    `SELECT guild_id FROM (SELECT guild_id, seq, fence, lag(seq, 1, 0) OVER w AS before, lag(fence, 1, 0) OVER w AS fence_before
       FROM journal WINDOW w AS (PARTITION BY guild_id ORDER BY seq)) j WHERE seq <> before + 1 OR fence < fence_before`,
  )
  expect(holes.rows, 'a hole (I2) or a fence that decreased (I1)').to.deep.equal([])
  const heads = await pool.query(
    'SELECT guild_id FROM actor a WHERE seq <> (SELECT max(seq) FROM journal j WHERE j.guild_id = a.guild_id)',
  )
  expect(heads.rows, 'a head without its events').to.deep.equal([])
  const cursors = await pool.query(
    'SELECT slot FROM cursor c WHERE position::int8 > (SELECT sum(seq) FROM actor a WHERE a.slot = c.slot)',
  )
  expect(cursors.rows, 'a cursor ahead of what is committed (I7)').to.deep.equal([])
  const { rows: deadlocks } = await pool.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  )
  expect(deadlocks[0]?.deadlocks).to.equal('0')
}

/** Numbers below a bound, the same for the same seed (mulberry32). */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
