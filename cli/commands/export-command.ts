/**
 * `muster export` on the command line.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parseTrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import { createExportReader } from '../../prisma/export-reader.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { createPrismaClient } from '../../prisma/prisma-client.ts'
import { parseHouseConfig } from '../config.ts'
import type { HouseConfig } from '../config.ts'
import type { JsonLine } from '../../actors/records/bundle.ts'
import { withActorClient } from '../up/actor-door.ts'
import { withHouseDatabase } from '../up/house-database.ts'
import { openLocalKeys } from '../up/local-keys.ts'
import type { ExportWish } from './export.ts'
import { exportLines, writeLines } from './export.ts'
import { announceExport, describeAnnounced } from './announce-export.ts'
import type { ExportedRange } from './announce-export.ts'

interface Options {
  readonly from?: string
  readonly to?: string
  readonly period?: string
  readonly history?: boolean
  readonly out?: string
  readonly json?: boolean
}

export function addExportCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('export <guild>')
    .description('write a guild’s receipts, keys and chain as one file that can be checked offline')
    .option('--from <sequence>', 'first receipt; 1 unless given')
    .option('--to <sequence>', 'last receipt; the newest unless given')
    .option('--period <index>', 'the receipts of one period')
    .option('--history', 'the guild’s journal and snapshots instead')
    .option('--out <file>', 'where to write it; standard output unless given')
    .option('--json', 'say what was written as one JSON object (with --out)')
    .action(async (guildId: string, options: Options) => {
      const config = parseHouseConfig(process.env)
      const wish = readWish(guildId, options)
      const trusted = await trustedKeys(config)
      const progress = (sentence: string): void => void process.stderr.write(`${sentence}\n`)
      const deps = { clock: createSystemClock(), progress }
      const { count, range } = await withHouseDatabase(deps, config, (url) => exportFrom(url, trusted, wish, options.out ?? null))
      const announced = range === null ? null : await announceExport((work) => withActorClient(deps, config, work), range)
      if (announced !== null) progress(describeAnnounced(announced))
      if (options.out !== undefined) {
        process.stdout.write(options.json === true ? `${JSON.stringify({ file: options.out, lines: count, ...(announced === null ? {} : { announced }) })}\n` : `${options.out}: ${count} lines\n`)
      }
      end(0)
    })
}

/** `range`: the records of a bundle; null of a history. */
interface Exported {
  readonly count: number
  readonly range: ExportedRange | null
}

async function exportFrom(url: string, trusted: TrustedClusterKeys, wish: ExportWish, out: string | null): Promise<Exported> {
  const connection = { connectionString: url, statementTimeoutMs: 30_000, connectTimeoutMs: 5_000, applicationName: 'muster-export' }
  const client = createPrismaClient({ ...connection, connectionsMax: 2 })
  const pool = createPostgresPool({ log: silentLog }, { ...connection, connectionsMax: 1 })
  try {
    const lines = exportLines({ reader: createExportReader({ client, pool }), trusted, now: () => Date.now() }, wish)
    let range: ExportedRange | null = null
    async function* noted(): AsyncGenerator<JsonLine> {
      for await (const line of lines) {
        if (line['bundle_format'] !== undefined) range = { guildId: wish.guildId, from: Number(line['from']), to: Number(line['to']) }
        yield line
      }
    }
    const count = await writeLines(noted(), out)
    return { count, range }
  } finally {
    await pool.end()
    await client.$disconnect()
  }
}

/** Public keys from the configuration; those of the data folder where nothing is configured. */
async function trustedKeys(config: HouseConfig): Promise<TrustedClusterKeys> {
  const name = 'MUSTER_CLUSTER_PUBLIC_KEYS'
  const configured = process.env[name]
  if (configured !== undefined && configured !== '') return parseTrustedClusterKeys({ name, text: configured })
  // An export makes no keys: one that nobody signed with would say nothing about anything.
  const isMade = config.clusterKey !== undefined || existsSync(join(config.folder, 'keys.json'))
  if (!isMade) throw new AppError('configuration-invalid', `${name} is not set, and there are no keys in ${config.folder}`)
  return parseTrustedClusterKeys({ name, text: (await openLocalKeys(config.folder, config)).clusterPublicKey })
}

function readWish(guildId: string, { from, to, period, history }: Options): ExportWish {
  if (period !== undefined && (from !== undefined || to !== undefined)) {
    throw new AppError('configuration-invalid', '--period names its own range: leave --from and --to out')
  }
  return { guildId, from: readNumber('--from', from), to: readNumber('--to', to), periodIndex: readNumber('--period', period), history: history === true }
}

function readNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new AppError('configuration-invalid', `${name} is a number from 1`)
  return Number(text)
}
