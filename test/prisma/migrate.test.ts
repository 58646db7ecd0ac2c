/**
 * Migrations against a real Postgres: applied once however often and from wherever they are asked for.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { codeOf } from '../../kernel/errors.ts'
import { migrationsFolder, readMigrations, toMigrationList } from '../../prisma/migration-files.ts'
import { ensureDatabase, migrateDatabase } from '../../prisma/migrate.ts'
import { withSchemaEngine } from '../../prisma/schema-engine.ts'
import { createTestPool } from '../support/leaks.ts'
import { createTestDatabase, testServers, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

describe('migrate', () => {
  let empty: TestDatabase

  before(async function () {
    this.timeout(testServersTimeoutMs)
    empty = await createTestDatabase({ migrated: false })
  })
  after(async () => await empty.drop())

  it('two processes migrating at once apply each migration once', async () => {
    const names = (await readMigrations(migrationsFolder)).map(({ name }) => name)
    const applied = await Promise.all([migrateDatabase(empty.url), migrateDatabase(empty.url), migrateDatabase(empty.url)])
    expect(applied.flat()).to.deep.equal(names)
  })

  it('a migrated database has nothing left to apply', async () => {
    await migrateDatabase(empty.url)
    expect(await migrateDatabase(empty.url)).to.deep.equal([])
  })

  it('the first migration makes the 384 slots', async () => {
    await migrateDatabase(empty.url)
    const pool = createTestPool(empty.url)
    const { rows } = await pool.query('SELECT count(*)::int AS slots, min(id) AS first, max(id) AS last, max(fence)::int AS fence FROM slot')
    await pool.end()
    expect(rows).to.deep.equal([{ slots: 384, first: 0, last: 383, fence: 0 }])
  })

  it('a database copied from the template is migrated already', async () => {
    const copy = await createTestDatabase()
    expect(await migrateDatabase(copy.url)).to.deep.equal([])
    await copy.drop()
  })

  it("Prisma's own engine reads the history as its own: nothing missing, failed or edited", async () => {
    await migrateDatabase(empty.url)
    const migrations = await readMigrations(migrationsFolder)
    const pool = createTestPool(empty.url)
    const output = await withSchemaEngine(pool, migrations.at(-1)!.schemaAfter, (engine) =>
      engine.diagnoseMigrationHistory({
        migrationsList: toMigrationList(migrationsFolder, migrations),
        optInToShadowDatabase: false,
        filters: { externalTables: [], externalEnums: [] },
      }),
    )
    await pool.end()
    expect(output).to.include({ history: null, hasMigrationsTable: true })
    expect(output.failedMigrationNames).to.deep.equal([])
    expect(output.editedMigrationNames).to.deep.equal([])
  })

  it('every migration says in its first line whether running code survives it', async () => {
    for (const { name, sql } of await readMigrations(migrationsFolder)) {
      expect(sql, name).to.match(/^--! (compatible|breaking-change)\n/)
    }
  })
})

describe('migrate: a folder of its own', () => {
  let folder: string
  let database: TestDatabase

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-migrations-'))
    database = await createTestDatabase({ migrated: false })
  })
  afterEach(async () => {
    await database.drop()
    await rm(folder, { recursive: true })
  })

  const write = async (name: string, sql: string): Promise<void> => {
    await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(folder, name, 'migration.sql'), sql)
    await writeFile(join(folder, name, 'schema.prisma'), '')
  }

  it('semicolons in comments, strings and function bodies do not cut a script', async () => {
    await write('1_first', `--! compatible; really\nCREATE TABLE a (b text DEFAULT 'x;y');\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;`)
    expect(await migrateDatabase(database.url, folder)).to.deep.equal(['1_first'])
  })

  it('a migration that fails halfway leaves nothing behind and is applied once it is right', async () => {
    await write('1_first', 'CREATE TABLE a (b int);')
    await write('2_second', 'CREATE TABLE c (d int); CREATE TABLE a (b int);')
    const error = await failure(migrateDatabase(database.url, folder))
    expect(codeOf(error)).to.equal('postgres-refused')
    expect(error.message).to.contain('2_second').and.contain('already exists')
    await write('2_second', 'CREATE TABLE c (d int);')
    expect(await migrateDatabase(database.url, folder)).to.deep.equal(['2_second'])
  })

  it('a migration that was changed after it had been applied is refused by name', async () => {
    await write('1_first', 'CREATE TABLE a (b int);')
    await migrateDatabase(database.url, folder)
    await write('1_first', 'CREATE TABLE a (b bigint);')
    expect((await failure(migrateDatabase(database.url, folder))).message).to.contain('1_first was changed')
  })
})

describe('migrate: ensure database', () => {
  it('makes a missing database once, also when two ask at the same time', async () => {
    const url = new URL((await testServers()).postgresUrl)
    url.pathname = `/ensure_${process.pid}`
    const made = await Promise.all([ensureDatabase(url.href), ensureDatabase(url.href)])
    expect(made.filter(Boolean)).to.have.length(1)
    expect(await ensureDatabase(url.href)).to.equal(false)
    const pool = createTestPool((await testServers()).postgresUrl)
    await pool.query(`DROP DATABASE ensure_${process.pid}`)
    await pool.end()
  })

  it('a server that nobody runs is refused with the remedy and without the password', async () => {
    const error = await failure(ensureDatabase('postgresql://someone:secret-word@127.0.0.1:1/muster'))
    expect(codeOf(error)).to.equal('postgres-unavailable')
    expect(error.message).to.equal('cannot connect to PostgreSQL at 127.0.0.1:1: nothing listens there; start it, correct DATABASE_URL, or unset it to use an embedded PostgreSQL')
  })

  it('a wrong password is refused with the remedy and without the password', async () => {
    const url = new URL((await testServers()).postgresUrl)
    url.password = 'secret-word'
    const error = await failure(ensureDatabase(url.href))
    expect(codeOf(error)).to.equal('postgres-unavailable')
    expect(error.message).to.contain('user or password are refused').and.not.contain('secret-word')
  })
})

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise
  } catch (thrown) {
    return thrown as Error
  }
  throw new Error('did not fail')
}
