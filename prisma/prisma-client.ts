/**
 * Prisma's client over `pg`: typed reads and the statements of repositories. Commits do not pass through it.
 *
 * No interactive transactions: a process stopped in between would hold locks. It connects with its first query.
 */
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './generated/client.ts'

export interface PrismaClientOptions {
  readonly connectionString: string
  readonly connectionsMax: number
  /** Server-side bound of one statement. */
  readonly statementTimeoutMs: number
  /** Longest wait for a connection to be made or to become free. */
  readonly connectTimeoutMs: number
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
}

export type { PrismaClient }

export function createPrismaClient(options: PrismaClientOptions): PrismaClient {
  const adapter = new PrismaPg({
    connectionString: options.connectionString,
    max: options.connectionsMax,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + options.connectTimeoutMs,
    application_name: options.applicationName,
    keepAlive: true,
  })
  return new PrismaClient({ adapter, errorFormat: 'minimal' })
}
