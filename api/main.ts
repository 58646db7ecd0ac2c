/**
 * The API process: reads its configuration, checks the database, listens, and drains when it is told to end.
 *
 * Exit codes: 0 drained, 1 configuration, 2 database. A parent with an IPC channel is told `{kind:'ready', port}`, and
 * when that parent is gone this process ends too. SIGTERM and SIGINT let requests in flight finish.
 */
import { config as readDotenv } from 'dotenv'
import { Redis } from 'ioredis'
import { createSystemClock } from '../kernel/clock.ts'
import { checkEnvFile } from '../kernel/env-file.ts'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { createLog } from '../kernel/log.ts'
import type { Log } from '../kernel/log.ts'
import { checkDatabase } from '../prisma/check-database.ts'
import { createPostgresPool } from '../prisma/postgres-pool.ts'
import { createPrismaClient } from '../prisma/prisma-client.ts'
import { createRecordsRepository } from '../prisma/records-repository.ts'
import { createApp } from './app.ts'
import { parseApiConfig } from './config.ts'
import type { ApiConfig } from './config.ts'
import { createHealth } from './health.ts'
import type { Ping } from './health.ts'
import { startServer } from './server.ts'

const connectTimeoutMs = 5_000
const statementTimeoutMs = 5_000
/** Below the time pm2 and container platforms wait before they kill. */
const drainTimeoutMs = 8_000

async function main(): Promise<void> {
  if (process.env['NODE_ENV'] !== 'production') {
    checkEnvFile('.env')
    readDotenv({ quiet: true })
  }
  const config = parseApiConfig(process.env)
  const log = createLog({ level: config.logLevel, process: 'api' })
  await checkDatabase({ url: config.databaseUrl, connectTimeoutMs })
  await serve(config, log)
}

async function serve(config: ApiConfig, log: Log): Promise<void> {
  const clock = createSystemClock()
  const client = createPrismaClient({
    connectionString: config.databaseUrl,
    connectionsMax: config.databaseConnectionsMax,
    statementTimeoutMs,
    connectTimeoutMs,
    applicationName: 'muster-api',
  })
  const redis = config.redisUrl === null ? null : connectRedis(config.redisUrl)
  let isDraining = false
  const health = createHealth({
    clock,
    pingDatabase: async () => void (await client.$queryRaw`SELECT 1`),
    pingRedis: redis?.ping ?? null,
    isDraining: () => isDraining,
  })
  const pool = createPostgresPool(
    { log },
    {
      connectionString: config.databaseUrl,
      // The statement of verdicts reads many records at once and never has more than two in flight.
      connectionsMax: 2,
      statementTimeoutMs,
      connectTimeoutMs,
      applicationName: 'muster-api',
    },
  )
  const records = createRecordsRepository({ client, pool })
  const app = createApp({ log, records, trusted: config.trustedClusterKeys, health }, config)
  const server = await startServer({ clock }, app, { host: config.host, port: config.port, drainTimeoutMs })
  if (server.port !== config.port && config.port !== 0) {
    log.warn('port taken, listening on the next free one', { wanted: config.port, port: server.port })
  }
  log.info('listening', { host: config.host, port: server.port })

  const stop = async (reason: string): Promise<void> => {
    if (isDraining) return
    isDraining = true
    log.info('draining', { reason })
    await server.stop()
    redis?.disconnect()
    await pool.end()
    await client.$disconnect()
    log.info('stopped')
    process.exit(0)
  }
  onEnd((reason) => {
    stop(reason).catch((thrown: unknown) => fail(coerceError(thrown)))
  })
  process.send?.({ kind: 'ready', port: server.port })
}

/** Redis only tells whether it is there; whoever comes to need it must do without it as well. */
function connectRedis(url: string): { readonly ping: Ping; disconnect(): void } {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: 1_000,
    enableOfflineQueue: false,
    retryStrategy: (attempts) => Math.min(attempts * 100, 2_000),
  })
  // Each failed reconnection says so here; health tells it once to whoever asks.
  redis.on('error', () => undefined)
  return { ping: async () => void (await redis.ping()), disconnect: () => redis.disconnect() }
}

function onEnd(end: (reason: string) => void): void {
  process.once('SIGTERM', () => end('SIGTERM'))
  process.once('SIGINT', () => end('SIGINT'))
  if (process.send !== undefined) process.once('disconnect', () => end('parent gone'))
}

/** Says it in one line a person can act on; the cause of anything unforeseen follows. */
function fail(error: Error): never {
  const code = codeOf(error) ?? ''
  const isForeseen = ['configuration-invalid', 'port-exhausted', 'postgres-unavailable'].includes(code)
  process.stderr.write(`muster api: ${isForeseen ? error.message : (error.stack ?? error.message)}\n`)
  process.exit(code.startsWith('postgres-') ? 2 : 1)
}

main().catch((thrown: unknown) => fail(coerceError(thrown)))
