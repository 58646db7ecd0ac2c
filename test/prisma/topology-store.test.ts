/**
 * Generations in Postgres: of two managers one wins, whatever they try.
 */
import { expect } from 'chai'
import { generation } from '../../kernel/ids.ts'
import type { PostgresPool } from '../../prisma/postgres-pool.ts'
import { createPostgresTopologyStore } from '../../prisma/topology-store.ts'
import type { StoredTopology, TopologyStore } from '../../prisma/topology-store.ts'
import { createTestPostgresPool } from '../contract/database-stores.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

describe('topology store', () => {
  let database: TestDatabase
  let pool: PostgresPool
  let store: TopologyStore

  beforeEach(async function () {
    this.timeout(testServersTimeoutMs)
    database = await createTestDatabase()
    pool = createTestPostgresPool(database.url)
    store = createPostgresTopologyStore(pool)
  })
  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  const topology = (number: number, phase: StoredTopology['phase']): StoredTopology => ({
    generation: generation(number),
    shardCount: 4,
    processCount: 2,
    phase,
    purpose: 'rescale',
    configured: 'auto/2',
  })

  it('has none before the first start', async () => {
    expect(await store.newestTopology()).to.equal(null)
    expect(await store.currentTopology()).to.equal(null)
  })

  it('tells the newest generation and the newest that became current', async () => {
    await store.insertTopology(topology(1, 'retired'))
    await store.insertTopology(topology(2, 'current'))
    await store.insertTopology(topology(10, 'prepare'))
    expect(await store.newestTopology()).to.deep.equal(topology(10, 'prepare'))
    expect(await store.currentTopology()).to.deep.equal(topology(2, 'current'))
  })

  it('lets one of two managers insert a generation', async () => {
    const tries = await Promise.all([store.insertTopology(topology(1, 'prepare')), store.insertTopology(topology(1, 'switch'))])
    expect(tries.filter(Boolean)).to.have.length(1)
  })

  it('moves a phase only from the one that was seen', async () => {
    await store.insertTopology(topology(1, 'prepare'))
    const move = { generation: generation(1), from: 'prepare', to: 'switch' } as const
    expect(await Promise.all([store.movePhase(move), store.movePhase(move)])).to.have.members([true, false])
    expect(await store.newestTopology()).to.deep.equal(topology(1, 'switch'))
    expect(await store.movePhase({ ...move, generation: generation(9) })).to.equal(false)
  })
})
