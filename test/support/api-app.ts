/**
 * The API's application in this process, over a database of its own and listening on a free port. Verdicts are made
 * afresh each time and nobody is limited, unless a test asks for it.
 */
import type pg from 'pg'
import { unlimited } from '../../api/address-limit.ts'
import { createAnswerMemory } from '../../api/answer-memory.ts'
import { createApp } from '../../api/app.ts'
import type { AppDeps, AppOptions } from '../../api/app.ts'
import { readAssets } from '../../api/assets.ts'
import { createApiMetrics } from '../../api/metrics.ts'
import { createRegisteredKeys } from '../../api/registered-keys.ts'
import { startServer } from '../../api/server.ts'
import type { RunningServer } from '../../api/server.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createAttendanceFactsReader } from '../../prisma/attendance-facts.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { createPrismaClient } from '../../prisma/prisma-client.ts'
import { createRecordsRepository } from '../../prisma/records-repository.ts'
import { createTestPool } from './leaks.ts'
import type { TestCluster } from './records.ts'
import { createTestDatabase } from './servers.ts'
import type { TestDatabase } from './servers.ts'

export interface TestApi {
  readonly database: TestDatabase
  /** For what a test does to the tables. */
  readonly pool: pg.Pool
  readonly port: number
  readonly url: string
  stop(): Promise<void>
}

const healthy = { check: () => Promise.resolve({ parts: { database: 'up', redis: 'up' }, missing: [], draining: false, uptimeSeconds: 1.5 } as const) }

export async function startTestApi(
  cluster: TestCluster,
  change: { readonly deps?: Partial<AppDeps>; readonly options?: Partial<AppOptions> } = {},
): Promise<TestApi> {
  const clock = createSystemClock({ keepAlive: false })
  const database = await createTestDatabase()
  const connection = { connectionString: database.url, statementTimeoutMs: 5_000, connectTimeoutMs: 5_000, applicationName: 'test' }
  const client = createPrismaClient({ ...connection, connectionsMax: 4 })
  const evidence = createPostgresPool({ log: silentLog }, { ...connection, connectionsMax: 2 })
  const records = createRecordsRepository({ client, pool: evidence })
  // A clock that does not move would keep keys for ever; one that leaps keeps none.
  let leap = 0
  const deps: AppDeps = {
    log: silentLog,
    records,
    trusted: cluster.trusted,
    health: healthy,
    metrics: createApiMetrics({ process: 'api', version: '0' }),
    memory: createAnswerMemory(clock, 0),
    limit: unlimited,
    registeredKeys: createRegisteredKeys({ monotonicMs: () => (leap += 60_000) }, records),
    assets: await readAssets(),
    hasPublicBoards: () => Promise.resolve(false),
    ask: null,
    readFacts: createAttendanceFactsReader(evidence),
    now: () => Date.UTC(2026, 10, 21, 9, 30),
    ...change.deps,
  }
  const app = createApp(deps, { trustedProxies: [], publicUrl: null, ...change.options })
  const server: RunningServer = await startServer({ clock }, app, { host: '127.0.0.1', port: 0, drainTimeoutMs: 1_000 })
  const pool = createTestPool(database.url)
  return {
    database,
    pool,
    port: server.port,
    url: `http://127.0.0.1:${server.port}`,
    async stop() {
      await server.stop({ noticeMs: 0 })
      await client.$disconnect()
      await evidence.end()
      await pool.end()
      await database.drop()
    },
  }
}
