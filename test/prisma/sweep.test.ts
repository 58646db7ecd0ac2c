/**
 * Retention on real Postgres: what is old goes, what is evidence or waits for somebody stays.
 */
import { expect } from 'chai'
import { limits } from '../../kernel/limits.ts'
import type { PostgresPool } from '../../prisma/postgres-pool.ts'
import { createRetentionSweep } from '../../prisma/sweep.ts'
import { createTestPostgresPool } from '../contract/database-stores.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

describe('retention sweep', () => {
  let database: TestDatabase
  let pool: PostgresPool

  beforeEach(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    pool = createTestPostgresPool(database.url)
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  async function sweepRound(): Promise<number> {
    const sweep = createRetentionSweep(pool)
    let gone = 0
    for (let step = 0; step < sweep.roundSteps; step += 1) gone += await sweep.step()
    return gone
  }
  const column = async (text: string): Promise<unknown[]> =>
    (await pool.query<unknown[]>({ text, rowMode: 'array' })).rows.map(([value]) => value)

  it('removes op results older than a day, in bounded steps', async () => {
    await pool.query(`INSERT INTO op_result (guild_id, op_id, seq, result, at)
      SELECT 1, 'old-' || n, n, '{}', now() - interval '24 hours 1 minute' FROM generate_series(1, 1200) n`)
    await pool.query(`INSERT INTO op_result (guild_id, op_id, seq, result, at) VALUES (1, 'fresh', 1, '{}', now() - interval '23 hours')`)
    const sweep = createRetentionSweep(pool)
    expect(await sweep.step()).to.equal(500)
    expect(await sweepRound()).to.equal(700)
    expect(await column('SELECT op_id FROM op_result')).to.deep.equal(['fresh'])
  })

  it('removes outbox rows done for a week and keeps pending and dead ones', async () => {
    await pool.query(`INSERT INTO outbox (guild_id, seq, ordinal, slot, target, kind, payload, state, settled_at) VALUES
      (1, 1, 0, 5, 't', 'add-role', '{}', 'done', now() - interval '8 days'),
      (1, 2, 0, 383, 't', 'add-role', '{}', 'done', now() - interval '8 days'),
      (1, 3, 0, 5, 't', 'add-role', '{}', 'done', now() - interval '6 days'),
      (1, 4, 0, 5, 't', 'add-role', '{}', 'dead', now() - interval '80 days'),
      (1, 5, 0, 5, 't', 'add-role', '{}', 'pending', NULL)`)
    expect(await sweepRound()).to.equal(2)
    expect(await column('SELECT seq FROM outbox ORDER BY seq')).to.deep.equal(['3', '4', '5'])
  })

  it('keeps the newest three snapshots of every guild', async () => {
    await pool.query(`INSERT INTO actor (guild_id, slot, seq, head) SELECT g, g, 100, '' FROM generate_series(1, 3) g`)
    await pool.query(`INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id)
      SELECT g, n * 10, 1, '{}', '', '', 'k' FROM generate_series(1, 3) g, generate_series(1, g * 2) n`)
    expect(await sweepRound()).to.equal(1 + 3)
    expect(await column("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM snapshot GROUP BY guild_id ORDER BY guild_id")).to.deep.equal([
      '10 20',
      '20 30 40',
      '40 50 60',
    ])
  })

  it('keeps the last snapshot before the end of every period as well', async () => {
    const day = (number: number | string): string => `timestamptz '2026-03-01' + ${number} * interval '1 day'`
    await pool.query(`INSERT INTO actor (guild_id, slot, seq, head) VALUES (1, 1, 200, ''), (2, 1, 200, '')`)
    await pool.query(`INSERT INTO snapshot (guild_id, seq, fence, state, signed, signature, cluster_key_id, at)
      SELECT g, n * 10, 1, '{}', '', '', 'k', ${day('n')} FROM generate_series(1, 2) g, generate_series(1, 12) n`)
    // Guild 1 closed periods between its 3rd and 4th, and (two at once) between its 6th and 7th snapshot; guild 2 none.
    await pool.query(`INSERT INTO receipt (guild_id, sequence, record_id, type, key_id, signature, payload_hash, prev_hash, issued_at)
      SELECT 1, n, gen_random_uuid(), type, gen_random_uuid(), '', '', '', extract(epoch FROM at) * 1000
      FROM (VALUES (1, 'period', ${day(3.5)}), (2, 'period', ${day(6.3)}), (3, 'period', ${day(6.6)}), (4, 'voice', ${day(8.5)})) r (n, type, at)`)
    expect(await sweepRound()).to.equal(7 + 9)
    expect(await column("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM snapshot GROUP BY guild_id ORDER BY guild_id")).to.deep.equal([
      '30 60 100 110 120',
      '100 110 120',
    ])
    expect(await sweepRound(), 'what was kept stays kept').to.equal(0)
  })

  it('gives every slot its turn within a round', () => {
    expect(createRetentionSweep(pool).roundSteps).to.equal(limits.slotCount * 3)
  })
})
