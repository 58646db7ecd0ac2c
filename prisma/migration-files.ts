/**
 * The migrations as they lie in prisma/migrations: one folder each, named `<timestamp>_<name>`, never changed once
 * released.
 *
 * Each holds migration.sql and the schema.prisma it leads to. The engine cannot read a live database, but it can
 * compare two schemas: the next migration is the difference between the newest of these and prisma/schema.prisma.
 * The first line of migration.sql says whether running code survives it: `--! compatible` or `--! breaking-change`.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MigrationList } from '@prisma/schema-engine-wasm'

export interface MigrationFiles {
  readonly name: string
  readonly sql: string
  readonly schemaAfter: string
}

/** The schema as it shall be. */
export const schemaFile = fileURLToPath(new URL('schema.prisma', import.meta.url))
export const migrationsFolder = fileURLToPath(new URL('migrations', import.meta.url))

/** All migrations of a folder in the order in which they apply. */
export async function readMigrations(folder: string): Promise<MigrationFiles[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return await Promise.all(
    names.toSorted().map(async (name) => ({
      name,
      sql: await readFile(join(folder, name, 'migration.sql'), 'utf8'),
      schemaAfter: await readFile(join(folder, name, 'schema.prisma'), 'utf8'),
    })),
  )
}

/** The same in the words of the engine. */
export function toMigrationList(folder: string, migrations: readonly MigrationFiles[]): MigrationList {
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  }
}
