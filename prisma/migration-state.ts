/**
 * How far a database has been migrated, compared with the migrations of this release. Reads only.
 */
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { codeOf, coerceError } from '../kernel/errors.ts'
import { readMigrations } from './migration-files.ts'

export interface MigrationState {
  readonly applied: readonly string[]
  /** Of this release and not applied, in order. */
  readonly pending: readonly string[]
  /** Pending ones that running processes of the release before do not survive. */
  readonly breaking: readonly string[]
  /** Applied in another wording. */
  readonly changed: readonly string[]
  /** Applied by a newer release. */
  readonly ahead: readonly string[]
  /** False: the ledger is there and may not be read. */
  readonly mayRead: boolean
}

export async function readMigrationState(client: pg.Client, folder: string): Promise<MigrationState> {
  const migrations = await readMigrations(folder)
  const ledger = await readLedger(client)
  const known = new Map(migrations.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')]))
  const applied = new Map(ledger?.map((row) => [row.migration_name, row.checksum]))
  return {
    applied: [...applied.keys()],
    pending: [...known.keys()].filter((name) => !applied.has(name)),
    breaking: migrations.filter(({ name, sql }) => !applied.has(name) && sql.startsWith('--! breaking-change')).map(({ name }) => name),
    changed: [...known].filter(([name, checksum]) => applied.has(name) && applied.get(name) !== checksum).map(([name]) => name),
    ahead: [...applied.keys()].filter((name) => !known.has(name)),
    mayRead: ledger !== null,
  }
}

interface LedgerRow {
  readonly migration_name: string
  readonly checksum: string
}

/** Null: it may not be read. */
async function readLedger(client: pg.Client): Promise<readonly LedgerRow[] | null> {
  try {
    const { rows } = await client.query<LedgerRow>(
      'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name',
    )
    return rows
  } catch (thrown) {
    const error = coerceError(thrown)
    if (codeOf(error) === '42P01') return []
    if (codeOf(error) === '42501') return null
    throw error
  }
}
