/**
 * The API process: reads its configuration, checks the database, listens, and drains when it is told to end.
 *
 * Exit codes: 0 drained, 1 configuration, 2 database. A parent with an IPC channel is told `{kind:'ready', port}` and, as
 * pm2 wants to hear it, `ready`; when that parent is gone this process ends too. SIGTERM and SIGINT: for a moment it says
 * `draining` and serves on, so that load balancers look elsewhere, then it lets requests in flight finish.
 */
import cluster from 'node:cluster'
import { config as readDotenv } from 'dotenv'
import { createSystemClock } from '../kernel/clock.ts'
import type { Clock } from '../kernel/clock.ts'
import { createHealth } from '../kernel/health.ts'
import { checkEnvFile } from '../kernel/env-file.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { createLog } from '../kernel/log.ts'
import type { Log } from '../kernel/log.ts'
import { createAttendanceFactsReader } from '../prisma/attendance-facts.ts'
import { version } from '../kernel/version.ts'
import { checkDatabase } from '../prisma/check-database.ts'
import { databaseTime } from '../prisma/guild-store.ts'
import { createPostgresPool } from '../prisma/postgres-pool.ts'
import { createPrismaClient } from '../prisma/prisma-client.ts'
import { createRecordsRepository } from '../prisma/records-repository.ts'
import { openActorDoor } from './actor-door.ts'
import { createAddressLimit, unlimited } from './address-limit.ts'
import { createAnswerMemory } from './answer-memory.ts'
import { createApp } from './app.ts'
import { readAssets } from './assets.ts'
import { parseApiConfig } from './config.ts'
import type { ApiConfig } from './config.ts'
import { createPublicBoards } from './public-boards.ts'
import { createApiMetrics } from './metrics.ts'
import { createRegisteredKeys } from './registered-keys.ts'
import { startServer } from './server.ts'

const connectTimeoutMs = 5_000
const statementTimeoutMs = 5_000
/** With the notice before it below the time pm2 and container platforms wait before they kill. */
const drainTimeoutMs = 8_000
/** The statement of verdicts reads many records at once and never has more than two in flight. */
const evidenceConnectionsMax = 2

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] !== 'production') {
    checkEnvFile('.env')
    readDotenv({ quiet: true })
  }
  const config = parseApiConfig(process.env)
  const log = createLog({ level: config.logLevel, process: 'api', ...logDestination() })
  await checkDatabase({ url: config.databaseUrl, connectTimeoutMs })
  await serve(config, log)
}

async function serve(config: ApiConfig, log: Log): Promise<void> {
  const clock = createSystemClock()
  const database = openDatabase(config, log)
  const door = config.redisUrl === null ? null : openActorDoor({ clock, log, readDatabaseTime: database.readTime }, { ...config, redisUrl: config.redisUrl })
  let isDraining = false
  const app = createApp(
    {
      log,
      records: database.records,
      trusted: config.trustedClusterKeys,
      health: createHealth({
        clock,
        parts: [
          { name: 'database', ping: database.ping, isRequired: true },
          { name: 'redis', ping: door?.ping ?? null, isRequired: false },
        ],
        isDraining: () => isDraining,
      }),
      metrics: createApiMetrics({ process: processName(), version }),
      memory: createAnswerMemory(clock, config.verdictMemoryMs),
      limit: createLimit(config, clock, door),
      registeredKeys: createRegisteredKeys(clock, database.records),
      assets: await readAssets(),
      hasPublicBoards: createPublicBoards(clock, door?.ask ?? null),
      ask: door?.ask ?? null,
      readFacts: database.readFacts,
      now: () => Date.now(),
    },
    config,
  )
  const server = await startServer({ clock }, app, { host: config.host, port: config.port, drainTimeoutMs })
  if (server.port !== config.port && config.port !== 0) {
    log.warn('port taken, listening on the next free one', { wanted: config.port, port: server.port })
  }
  log.info('listening', { host: config.host, port: server.port })

  const stop = async ({ reason, isAsked }: Ending): Promise<void> => {
    if (isDraining) return
    isDraining = true
    log.info('draining', { reason })
    await server.stop({ noticeMs: isAsked ? config.drainNoticeMs : 0 })
    await door?.stop()
    await database.close()
    log.info('stopped')
    await everythingSaid()
    process.exit(0)
  }
  onEnd((ending) => {
    stop(ending).catch((thrown: unknown) => fail(coerceError(thrown)))
  })
  // Whoever waits for the second may be gone once he has it.
  process.send?.('ready')
  process.send?.({ kind: 'ready', port: server.port })
}

/** A worker of pm2's cluster mode has the daemon's standard output: only what goes through `process.stdout` finds its log. */
function logDestination(): { destination: NodeJS.WriteStream } | Record<never, never> {
  return cluster.isWorker ? { destination: process.stdout } : {}
}

/** What was written last has left this process. */
function everythingSaid(): Promise<void> {
  return new Promise((resolve) => void process.stdout.write('', () => resolve()))
}

/** pm2 numbers the processes of a cluster. */
function processName(): string {
  const number = process.env['NODE_APP_INSTANCE']
  return number === undefined ? 'api' : `api-${number}`
}

function openDatabase(config: ApiConfig, log: Log) {
  const connection = { connectionString: config.databaseUrl, statementTimeoutMs, connectTimeoutMs, applicationName: 'muster-api' }
  const client = createPrismaClient({ ...connection, connectionsMax: config.databaseConnectionsMax })
  // Evidence is one statement over six tables: to plan it takes longer than to run it.
  const pool = createPostgresPool({ log }, { ...connection, connectionsMax: evidenceConnectionsMax, plansOnce: true })
  return {
    records: createRecordsRepository({ client, pool }),
    ping: async (): Promise<void> => void (await pool.query('SELECT 1')),
    readTime: (): Promise<number> => databaseTime(pool),
    readFacts: createAttendanceFactsReader(pool),
    async close(): Promise<void> {
      await pool.end()
      await client.$disconnect()
    },
  }
}

function createLimit(config: ApiConfig, clock: Clock, door: ReturnType<typeof openActorDoor> | null) {
  if (config.requestsPerMinute === 0) return unlimited
  const options = { pointsPerMinute: config.requestsPerMinute, keyPrefix: `${config.redisPrefix}limit:` }
  return createAddressLimit({ clock, redis: door?.redis ?? null }, options)
}

interface Ending {
  readonly reason: string
  /** By a signal: whoever sends requests here may not know yet. */
  readonly isAsked: boolean
}

function onEnd(end: (ending: Ending) => void): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end({ reason: signal, isAsked: true }))
  if (process.send !== undefined) process.once('disconnect', () => end({ reason: 'parent gone', isAsked: false }))
}

/** Says it in one line a person can act on; the cause of anything unforeseen follows. */
function fail(error: Error): never {
  const code = codeOf(error) ?? ''
  const isForeseen = ['configuration-invalid', 'port-exhausted', 'postgres-unavailable'].includes(code)
  process.stderr.write(`muster api: ${isForeseen ? error.message : (error.stack ?? error.message)}\n`)
  process.exit(code.startsWith('postgres-') ? 2 : 1)
}

main().catch((thrown: unknown) => fail(coerceError(thrown)))
