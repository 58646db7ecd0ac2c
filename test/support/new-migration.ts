/**
 * `npm run db:new -- name`: writes the next migration from the newest one's schema to prisma/schema.prisma.
 *
 * What comes out is a draft for a person to read: destructive steps, data to move and everything the schema language
 * cannot say are written by hand. The schema it leads to is kept beside it, as the next one's beginning.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../kernel/errors.ts'
import { migrationsFolder, readMigrations, schemaFile } from '../../prisma/migration-files.ts'
import { diffSchemas } from '../../prisma/schema-diff.ts'
import { mochaGlobalTeardown as stopServers, testServers } from './servers.ts'

/** Writes the draft and gives back its path; undefined when the schema has not changed. */
export async function writeMigration(options: { url: string; name: string; now: Date; folder: string; schema: string }): Promise<string | undefined> {
  if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(options.name)) {
    throw new AppError('configuration-invalid', 'name the migration in lower_case_words: npm run db:new -- add_column_to_slot')
  }
  const newest = (await readMigrations(options.folder)).at(-1)
  const sql = await diffSchemas(options.url, { from: newest?.schemaAfter, to: options.schema })
  if (sql === '') return undefined
  const timestamp = options.now.toISOString().replaceAll(/[^0-9]/g, '').slice(0, 14)
  const folder = join(options.folder, `${timestamp}_${options.name}`)
  await mkdir(folder)
  const destroys = /\b(DROP|RENAME|ALTER COLUMN|SET NOT NULL)\b/.test(sql)
  await writeFile(join(folder, 'migration.sql'), `--! ${destroys ? 'breaking-change' : 'compatible'}\n${sql}`)
  await writeFile(join(folder, 'schema.prisma'), options.schema)
  return join(folder, 'migration.sql')
}

async function main(name: string): Promise<void> {
  try {
    const { postgresUrl } = await testServers()
    const schema = await readFile(schemaFile, 'utf8')
    const written = await writeMigration({ url: postgresUrl, name, now: new Date(), folder: migrationsFolder, schema })
    process.stdout.write(written === undefined ? 'the schema has not changed since the newest migration\n' : `${written}\n`)
  } finally {
    await stopServers()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? '')
