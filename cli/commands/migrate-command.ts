/**
 * `muster migrate` on the command line.
 */
import type { Command } from 'commander'
import { createSystemClock } from '../../kernel/clock.ts'
import { inspectDatabase } from '../../prisma/inspect-database.ts'
import { ensureDatabase, migrateDatabase } from '../../prisma/migrate.ts'
import { parseHouseConfig } from '../config.ts'
import { withHouseDatabase } from '../up/house-database.ts'

const help = `
Each migration is one transaction: killed at any moment, it is whole or absent. Two at
once take turns. "breaking" are those that running processes of the release before do
not survive: stop them first (\`muster restart --rolling\` is for the others).

Exit status: 0 the database is as this release wants it, 1 migrations are missing
(--check) or one was refused, 2 Postgres cannot be reached.`

export function addMigrateCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('migrate')
    .description('bring the database to the schema of this release, made if it is not there')
    .option('--check', 'only say what is missing')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (options: { check?: boolean; json?: boolean }) => {
      const deps = { clock: createSystemClock(), progress: (sentence: string) => void process.stderr.write(`${sentence}\n`) }
      end(await withHouseDatabase(deps, parseHouseConfig(process.env), (url) => (options.check === true ? check(url, options) : migrate(url, options))))
    })
}

async function migrate(url: string, options: { readonly json?: boolean }): Promise<number> {
  const isNew = await ensureDatabase(url)
  const applied = await migrateDatabase(url)
  if (options.json === true) print(JSON.stringify({ database_made: isNew, applied }))
  else if (applied.length === 0) print('Nothing to do: the database is as this release wants it.')
  else print([...(isNew ? ['Database made.'] : []), ...applied.map((name) => `Applied ${name}.`)].join('\n'))
  return 0
}

async function check(url: string, options: { readonly json?: boolean }): Promise<number> {
  const { migrations } = await inspectDatabase(url, () => Date.now())
  const pending = migrations.pending.map((name) => ({ name, breaking: migrations.breaking.includes(name) }))
  if (options.json === true) print(JSON.stringify({ pending, applied: migrations.applied, ahead: migrations.ahead }))
  else if (pending.length === 0) print('Nothing is missing.')
  else print([...pending.map(({ name, breaking }) => `Missing ${name}${breaking ? ' (breaking)' : ''}.`), 'Back the database up and run `muster migrate`.'].join('\n'))
  return pending.length === 0 ? 0 : 1
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)
