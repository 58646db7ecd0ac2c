/** The API process: what it says when it cannot start, where it listens, and how it ends. */
import { expect } from 'chai'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { publicKeysText, startApi } from '../support/api.ts'
import { createTestCluster, insertChain, sealChain } from '../support/records.ts'
import { createTestPool } from '../support/leaks.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

const cluster = createTestCluster()
const keys = { MUSTER_CLUSTER_PUBLIC_KEYS: publicKeysText(cluster.trusted) }

describe('api process', function () {
  this.timeout(30_000)
  let database: TestDatabase
  let emptyDatabase: TestDatabase

  before(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    emptyDatabase = await createTestDatabase({ migrated: false })
  })

  after(async () => {
    await database?.drop()
    await emptyDatabase?.drop()
  })

  it('ends with 1 and every problem when its configuration cannot be used', async () => {
    const { exitCode, output } = await startApi({ API_PORT: 'x', DATABASE_URL: 'hunter2' }).ended
    expect(exitCode).to.equal(1)
    expect(output).to.match(/DATABASE_URL must be/).and.match(/API_PORT must be/).and.match(/MUSTER_CLUSTER_PUBLIC_KEYS is not set/)
    expect(output).not.to.contain('hunter2').and.not.to.contain('    at ')
  })

  it('ends with 2 and a remedy when the database is not there', async () => {
    const { exitCode, output } = await startApi({ ...keys, DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:1/muster' }).ended
    expect(exitCode).to.equal(2)
    expect(output).to.contain('cannot connect to PostgreSQL at 127.0.0.1:1')
    expect(output).not.to.contain('hunter2')
  })

  it('ends with 2 when the database has no tables yet', async () => {
    const { exitCode, output } = await startApi({ ...keys, DATABASE_URL: emptyDatabase.url }).ended
    expect(exitCode).to.equal(2)
    expect(output).to.contain('muster migrate')
  })

  it('answers, takes the next free port when its own is taken, and ends with 0 on SIGTERM', async () => {
    const pool = createTestPool(database.url)
    const chain = sealChain(cluster, 1)
    await insertChain(pool, chain)
    await pool.end()
    const neighbour = createServer().listen(0, '127.0.0.1')
    await once(neighbour, 'listening')
    const taken = (neighbour.address() as AddressInfo).port
    const api = startApi({ ...keys, DATABASE_URL: database.url, API_PORT: String(taken) })
    try {
      const port = await api.ready
      expect(port).to.be.above(taken)
      const address = `http://127.0.0.1:${port}`
      const answer = await fetch(`${address}/verify/session/${chain.sealed[0]!.receiptRow.recordId}`)
      expect(await answer.json()).to.deep.include({ valid: true, current: true })
      expect(await (await fetch(`${address}/health/ready`)).json()).to.deep.equal({ status: 'ready' })
    } finally {
      api.child.kill('SIGTERM')
      neighbour.close()
    }
    const { exitCode, output } = await api.ended
    expect(exitCode).to.equal(0)
    expect(output).to.contain('port taken').and.contain(`"wanted":${taken}`)
  })

  it('is degraded and not down when Redis is away', async () => {
    const api = startApi({ ...keys, DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1' })
    try {
      const answer = await fetch(`http://127.0.0.1:${await api.ready}/health/ready`)
      expect(answer.status).to.equal(200)
      expect(await answer.json()).to.deep.equal({ status: 'degraded' })
    } finally {
      api.child.kill('SIGTERM')
    }
    expect((await api.ended).exitCode).to.equal(0)
  })

  it('ends when its parent is gone', async () => {
    const api = startApi({ ...keys, DATABASE_URL: database.url })
    await api.ready
    api.child.disconnect()
    expect((await api.ended).exitCode).to.equal(0)
  })

  it('does not wait for a connection that asks nothing', async () => {
    const api = startApi({ ...keys, DATABASE_URL: database.url })
    const request = get({ port: await api.ready, host: '127.0.0.1', path: '/health/live', headers: { connection: 'keep-alive' } })
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
    response.resume()
    await once(response, 'end')
    api.child.kill('SIGTERM')
    expect((await api.ended).exitCode).to.equal(0)
  })
})
