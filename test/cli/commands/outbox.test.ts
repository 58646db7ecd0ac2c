/**
 * Dead letters as an operator meets them, on a real Postgres.
 */
import { expect } from 'chai'
import { listDeadLetters, parseLetterName, settleLetter, withOutbox } from '../../../cli/commands/outbox.ts'
import { createTestPool } from '../../support/leaks.ts'
import type { TestDatabase } from '../../support/servers.ts'
import { createTestDatabase, testServersTimeoutMs } from '../../support/servers.ts'

describe('muster outbox', function () {
  this.timeout(testServersTimeoutMs)
  let database: TestDatabase
  const lines: string[] = []
  const output = { json: false, print: (line: string) => void lines.push(line) }

  before(async () => {
    database = await createTestDatabase()
    const pool = createTestPool(database.url)
    await pool.query(
      `INSERT INTO outbox (guild_id, seq, ordinal, slot, target, kind, payload, state, attempts, last_error, created_at)
       VALUES (7, 3, 0, 1, 'channel:9', 'post-message', '{}', 'dead', 5, 'the channel is gone', now() - interval '1 day'),
              (7, 4, 0, 1, 'channel:9', 'post-message', '{}', 'pending', 0, NULL, now())`,
    )
    await pool.end()
  })

  beforeEach(() => void lines.splice(0))
  after(() => database.drop())

  it('lists dead letters with their reason, and nothing that is only waiting', async () => {
    expect(await withOutbox(database.url, (outbox) => listDeadLetters(outbox, output, null))).to.equal(0)
    expect(lines).to.deep.equal(['7/3/0  post-message channel:9, 5 attempts: the channel is gone'])
  })

  it('drives one again with a fresh age, once', async () => {
    const name = parseLetterName('7/3/0')
    const redrive = (): Promise<number> =>
      withOutbox(database.url, (outbox) => settleLetter(outbox, output, { action: 'redrive', name }))
    expect(await redrive()).to.equal(0)
    expect(await redrive()).to.equal(1)
    const pool = createTestPool(database.url)
    const { rows } = await pool.query("SELECT state, attempts, created_at > now() - interval '1 minute' AS fresh FROM outbox WHERE seq = 3")
    await pool.end()
    expect(rows).to.deep.equal([{ state: 'pending', attempts: 0, fresh: true }])
  })

  it('refuses what is not the name of a letter, and says where names come from', () => {
    for (const wrong of ['', '7', '7/3', 'a/b/c', '7/3/0/1', '99999999999999999999/1/0']) {
      expect(() => parseLetterName(wrong), wrong).to.throw(/muster outbox list/)
    }
  })
})
