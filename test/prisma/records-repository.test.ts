/**
 * Evidence is of one instant: while an owner seals record after record, no verdict on any of them is ever "invalid".
 *
 * Method: one connection commits a chain record by record, as the commit does (receipt, head and key together), while
 * others read verdicts and chain pages without pause. Reads from several statements fail here within a few rounds.
 */
import { expect } from 'chai'
import type pg from 'pg'
import { verifyChainPage } from '../../actors/records/chain-page.ts'
import { computeVerdict } from '../../actors/records/verdict.ts'
import { codeOf } from '../../kernel/errors.ts'
import { createPrismaClient } from '../../prisma/prisma-client.ts'
import type { PrismaClient } from '../../prisma/prisma-client.ts'
import { createRecordsRepository } from '../../prisma/records-repository.ts'
import { createTestPool } from '../support/leaks.ts'
import { createTestCluster, insertChain, sealChain, testGuild } from '../support/records.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

const cluster = createTestCluster()
const chain = sealChain(cluster, 60)
const firstId = chain.sealed[0]!.receiptRow.recordId

describe('records repository', () => {
  let database: TestDatabase
  let pool: pg.Pool
  let client: PrismaClient

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    pool = createTestPool(database.url)
    client = connect(database.url)
  })

  after(async () => {
    await client?.$disconnect()
    await pool?.end()
    await database?.drop()
  })

  function connect(connectionString: string): PrismaClient {
    const timeouts = { statementTimeoutMs: 5_000, connectTimeoutMs: 2_000 }
    return createPrismaClient({ connectionString, connectionsMax: 4, applicationName: 'test', ...timeouts })
  }

  async function writeAll(): Promise<void> {
    const connection = await pool.connect()
    try {
      for (const sealed of chain.sealed) {
        await connection.query('BEGIN')
        await connection.query('DELETE FROM chain_head')
        const keys = sealed.guildKeyRow === null ? [] : [sealed.guildKeyRow]
        await insertChain(connection as unknown as pg.Client, { guildId: testGuild, sealed: [sealed], keys })
        await connection.query('COMMIT')
      }
    } finally {
      connection.release()
    }
  }

  it('reads evidence and pages of one instant while records are sealed', async function () {
    this.timeout(30_000)
    const records = createRecordsRepository({ client, pool })
    let isWriting = true
    let valid = 0
    const readRecords = async (): Promise<void> => {
      while (isWriting) {
        const found = await records.findRecord(firstId, ['voice-session'])
        if (found.kind !== 'sealed') continue
        expect(computeVerdict(cluster.trusted, found.evidence)).to.deep.equal({ valid: true, current: true })
        valid += 1
      }
    }
    const readPages = async (): Promise<void> => {
      while (isWriting) {
        const wanted = { guildId: testGuild, from: 1, to: 1000 }
        const steps = verifyChainPage(cluster.trusted, await records.readChain(wanted), wanted)
        let step = steps.next()
        while (step.done !== true) step = steps.next()
        expect(step.value).to.deep.equal({ valid: true })
        valid += 1
      }
    }
    const writing = writeAll().finally(() => (isWriting = false))
    await Promise.all([writing, readRecords(), readRecords(), readPages()])
    expect(valid).to.be.above(20)
  })

  it('never reads the private half of a key', async () => {
    const records = createRecordsRepository({ client, pool })
    const found = await records.findRecord(firstId, ['voice-session'])
    const keys = await records.listKeys(testGuild)
    for (const key of [...keys, ...(found.kind === 'sealed' ? found.evidence.keys : [])]) {
      expect(key).not.to.have.any.keys('sealedPrivateKey', 'keyWrap')
    }
    expect(keys).to.have.length(1)
  })

  it('finds a record only as one of the wanted types', async () => {
    const records = createRecordsRepository({ client, pool })
    expect((await records.findRecord(firstId, [])).kind).to.equal('unknown')
  })

  it('says postgres-unavailable when nobody listens', async () => {
    const away = connect('postgresql://u:hunter2@127.0.0.1:1/muster')
    try {
      await createRecordsRepository({ client: away, pool }).listKeys('1')
      expect.fail('it answered')
    } catch (thrown) {
      expect(codeOf(thrown)).to.equal('postgres-unavailable')
      expect(String(thrown)).not.to.contain('hunter2')
    } finally {
      await away.$disconnect()
    }
  })
})
