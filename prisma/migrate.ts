/**
 * Brings a database to the schema of this release: made when missing, migrated when behind, left alone otherwise.
 *
 * Two processes may do it at the same moment: an advisory lock lets one go first, the other finds nothing to do. A
 * database that is ahead (rolled-back code over a migrated database) is not an error here; migrations that would
 * break running code say so in their first line.
 *
 * Why not the engine's own `applyMigrations`: over the pg adapter it cuts scripts at every semicolon, those in strings
 * and comments too, and a process killed in between leaves a "failed" migration for a human. Here each migration is
 * one transaction with its line in the ledger. A test holds that Prisma's engine reads the result as its own history.
 */
import { createHash, randomUUID } from 'node:crypto'
import pg from 'pg'
import { AppError, codeOf, coerceError } from '../kernel/errors.ts'
import { migrationsFolder as folderOfThisRelease, readMigrations } from './migration-files.ts'
import type { MigrationFiles } from './migration-files.ts'
import { explainPostgres } from './postgres-errors.ts'

/** "muster migrate" in ASCII, shortened to fit; any constant would do that nobody else uses. */
const advisoryLockKey = 0x6d757374
/** Longest wait for another process that migrates. */
const turnTimeoutMs = 120_000
/** Longest wait for a table: while DDL waits for its lock, every statement of running processes waits behind it. */
const tableLockTimeoutMs = 5_000
const connectTimeoutMs = 10_000

/** Creates the database the URL names, if its server does not have it yet. True when it was made now. */
export async function ensureDatabase(url: string): Promise<boolean> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  if (await doesDatabaseExist(url)) return false
  const maintenance = new URL(url)
  maintenance.pathname = '/postgres'
  return await withClient(maintenance.href, async (client) => {
    try {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
      return true
    } catch (thrown) {
      const error = coerceError(thrown)
      // Somebody else made it between our look and our attempt: 42P04, or 23505 when it was at the same instant.
      if (codeOf(error) === '42P04' || codeOf(error) === '23505') return false
      throw error
    }
  })
}

/** Applies what is missing; the names of the migrations that were applied, in order. */
export async function migrateDatabase(url: string, folder: string = folderOfThisRelease): Promise<readonly string[]> {
  const migrations = await readMigrations(folder)
  return await withClient(url, async (client) => {
    await waitForTurn(client)
    await client.query(ledger)
    const { rows } = await client.query<LedgerRow>('SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL')
    const checksums = new Map(rows.map((row) => [row.migration_name, row.checksum]))
    const applied: string[] = []
    for (const migration of migrations) {
      const known = checksums.get(migration.name)
      if (known === undefined) {
        await apply(client, migration)
        applied.push(migration.name)
      } else if (known !== checksumOf(migration)) {
        throw new AppError('postgres-refused', `migration ${migration.name} was changed after this database had applied it; put its text back and write a new migration`)
      }
    }
    return applied
  })
}

interface LedgerRow {
  readonly migration_name: string
  readonly checksum: string
}

/** The table as Prisma's engine makes it, so that its own tools read this history as theirs. */
const ledger = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`

function checksumOf(migration: MigrationFiles): string {
  return createHash('sha256').update(migration.sql).digest('hex')
}

async function waitForTurn(client: pg.Client): Promise<void> {
  try {
    await client.query(`SET lock_timeout = ${turnTimeoutMs}`)
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLockKey])
    await client.query(`SET lock_timeout = ${tableLockTimeoutMs}`)
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) !== '55P03') throw error
    throw new AppError('postgres-unavailable', `another process has been migrating this database for ${turnTimeoutMs / 1000} s; see whether it hangs`, { cause: error })
  }
}

/** The script and its line in the ledger are one transaction: killed at any moment, a migration is whole or absent. */
async function apply(client: pg.Client, migration: MigrationFiles): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(migration.sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, transaction_timestamp(), clock_timestamp(), 1)`,
      [randomUUID(), checksumOf(migration), migration.name],
    )
    await client.query('COMMIT')
  } catch (thrown) {
    // No ROLLBACK needed: the connection is closed on the way out, which ends the transaction.
    const error = coerceError(thrown)
    throw new AppError('postgres-refused', `migration ${migration.name} was not applied and left nothing behind: ${error.message}`, {
      cause: error,
      context: { migration: migration.name, code: codeOf(error) ?? 'unknown' },
    })
  }
}

async function doesDatabaseExist(url: string): Promise<boolean> {
  try {
    return await withClient(url, () => Promise.resolve(true))
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error.cause) === '3D000') return false
    throw error
  }
}

/** Closing the connection also frees the advisory lock, whatever happened. */
async function withClient<T>(url: string, action: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs })
  client.on('error', () => undefined) // A connection that breaks while idle: the next query on it tells.
  try {
    await client.connect()
  } catch (thrown) {
    throw explainPostgres(url, coerceError(thrown))
  }
  try {
    return await action(client)
  } finally {
    await client.end()
  }
}
