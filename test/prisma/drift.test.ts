/**
 * Drift: what the migrations build is what schema.prisma says, plus the extras that are declared.
 *
 * Goal: nobody edits the schema without a migration, or a migration without the schema. Method: two empty databases,
 * one through the migrations, one from the schema's own SQL; their catalogs are compared line by line.
 */
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { catalogExtras } from '../../prisma/catalog-extras.ts'
import { compareCatalogs, describeCatalog } from '../../prisma/catalog.ts'
import { migrationsFolder, readMigrations, schemaFile } from '../../prisma/migration-files.ts'
import { diffSchemas } from '../../prisma/schema-diff.ts'
import { createTestPool } from '../support/leaks.ts'
import { createTestDatabase, testServersTimeoutMs } from '../support/servers.ts'
import type { TestDatabase } from '../support/servers.ts'

describe('drift', () => {
  let migrated: TestDatabase
  let fromSchema: TestDatabase

  before(async function () {
    this.timeout(testServersTimeoutMs)
    migrated = await createTestDatabase()
    fromSchema = await createTestDatabase({ migrated: false })
  })
  after(async () => {
    await migrated.drop()
    await fromSchema.drop()
  })

  it('the migrations build what the schema and the declared extras say, nothing more and nothing less', async () => {
    const sql = await diffSchemas(fromSchema.url, { from: undefined, to: await readFile(schemaFile, 'utf8') })
    const [poolMigrated, poolFromSchema] = [createTestPool(migrated.url), createTestPool(fromSchema.url)]
    await poolFromSchema.query(sql)
    const expected = [...(await describeCatalog(poolFromSchema)), ...catalogExtras]
    const found = await describeCatalog(poolMigrated)
    await Promise.all([poolMigrated.end(), poolFromSchema.end()])
    expect(compareCatalogs(expected, found), 'write a migration: npm run db:new -- name').to.deep.equal({ missing: [], unexpected: [] })
  })

  it('the newest migration carries the schema it leads to, word for word in SQL', async () => {
    const newest = (await readMigrations(migrationsFolder)).at(-1)
    const sql = await diffSchemas(fromSchema.url, { from: newest?.schemaAfter, to: await readFile(schemaFile, 'utf8') })
    expect(sql, 'write a migration: npm run db:new -- name').to.equal('')
  })

  it('a column, a default, a constraint, an index and a storage option that differ are each named', async () => {
    const [one, other] = [await createTestDatabase(), await createTestDatabase()]
    const [poolOne, poolOther] = [createTestPool(one.url), createTestPool(other.url)]
    await poolOther.query(`
      ALTER TABLE outbox ADD COLUMN extra text;
      ALTER TABLE outbox ALTER COLUMN attempts SET DEFAULT 1;
      ALTER TABLE journal ALTER COLUMN fence DROP NOT NULL;
      ALTER TABLE slot DROP CONSTRAINT slot_fence_natural;
      DROP INDEX alarm_slot_due_at_idx;
      ALTER TABLE actor SET (fillfactor = 90);
      ALTER TABLE snapshot SET UNLOGGED;`)
    const difference = compareCatalogs(await describeCatalog(poolOne), await describeCatalog(poolOther))
    await Promise.all([poolOne.end(), poolOther.end()])
    await Promise.all([one.drop(), other.drop()])
    expect(difference).to.deep.equal({
      missing: [
        'column journal.fence bigint not null',
        'column outbox.attempts integer not null default 0',
        'constraint slot.slot_fence_natural CHECK ((fence >= 0))',
        'index CREATE INDEX alarm_slot_due_at_idx ON public.alarm USING btree (slot, due_at)',
        'table actor has fillfactor=70',
        'table snapshot',
      ],
      unexpected: [
        'column journal.fence bigint',
        'column outbox.attempts integer not null default 1',
        'column outbox.extra text',
        'table actor has fillfactor=90',
        'table snapshot not permanent',
      ],
    })
  })
})
