/** The manager's stores: in memory and on Postgres. */
import { createPostgresManagerRequestStore } from '../../prisma/manager-request-store.ts'
import { createPostgresTopologyStore } from '../../prisma/topology-store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createMemoryManagerRequestStore, createMemoryTopologyStore } from '../support/memory/memory-manager-stores.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import { createTestPostgresPool } from './database-stores.ts'
import { describeManagerStores } from './manager-stores.contract.ts'

describeManagerStores('memory', {
  timeoutMs: 1_000,
  async create() {
    return { topologies: createMemoryTopologyStore(), requests: createMemoryManagerRequestStore(createManualClock()), end: async () => undefined }
  },
})

describeManagerStores('postgres', {
  timeoutMs: testServersTimeoutMs,
  async create() {
    const database = await createTestDatabase()
    const pool = createTestPostgresPool(database.url)
    return {
      topologies: createPostgresTopologyStore(pool),
      requests: createPostgresManagerRequestStore(pool),
      async end() {
        await pool.end()
        await database.drop()
      },
    }
  },
})
