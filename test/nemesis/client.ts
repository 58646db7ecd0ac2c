/**
 * The client process: asks through the production client over Redis, and writes down every answer it got.
 *
 *   node --import tsx client.ts <owners> <in flight> <folder>
 *
 * It knows nothing of owners and faults, and it never reads a row: what it wrote down is compared with the rows later.
 */
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ActorClient } from '../../actors/client/actor-client.ts'
import { createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import { CalibratedTime } from '../../actors/runtime/database-time.ts'
import { createRedisActorClient } from '../../actors/transport/redis-actor-client.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { createLog } from '../../kernel/log.ts'
import { createPostgresGuildStore } from '../../prisma/guild-store.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { calibrateLater } from './calibration.ts'
import { Load } from './load.ts'
import type { FromClient, ToClient } from './messages.ts'
import { recordFile } from './record-file.ts'
import { recordLine } from './record.ts'
import { guildsOfSeries } from './series-guilds.ts'

const [owners = '', inFlight = '', folder = ''] = process.argv.slice(2)
const clock = createSystemClock()
const log = createLog({ level: 'info', process: 'client' })
const tell = (message: FromClient): void => void process.send?.(message)
/** Lines are written in pieces of this size; what is in memory is lost only with the client, and then the run fails. */
const pieceLength = 64 * 1024

const variable = (name: string): string => process.env[name] ?? ''

async function openClient(): Promise<ActorClient> {
  const connection = { connectionString: variable('DATABASE_URL'), connectTimeoutMs: 5_000, statementTimeoutMs: 5_000, applicationName: 'nemesis-client' }
  const pool = createPostgresPool({ log }, { ...connection, connectionsMax: 1 })
  const guilds = createPostgresGuildStore({ pool })
  const time = new CalibratedTime(clock)
  await calibrateLater({ clock, time, log, readDatabaseTime: () => guilds.databaseTime() })
  const open = (role: string) =>
    createRedisConnection({ log }, { url: variable('REDIS_URL'), role, commandTimeoutMs: 1_000, connectTimeoutMs: 5_000 })
  const [commands, subscriber] = [open('commands'), open('subscriber')]
  await Promise.all([openRedis(commands), openRedis(subscriber)])
  const client = createRedisActorClient({ commands, subscriber, clock, log, now: () => time.now() }, { redisPrefix: variable('REDIS_PREFIX') })
  await client.start()
  return client
}

interface Series {
  readonly load: Load
  writeDown(): void
}

function openSeries(client: ActorClient, series: number): Series {
  const groups = Array.from({ length: Number(owners) }, (_, home) =>
    guildsOfSeries(series).filter(({ slot }) => slot % Number(owners) === home).map(({ guildId }) => guildId),
  )
  const file = openSync(join(folder, recordFile(series, null)), 'a')
  let lines = ''
  const writeDown = (): void => {
    writeSync(file, lines)
    lines = ''
  }
  const load = new Load(
    {
      client,
      clock,
      record(record) {
        lines += recordLine(record)
        if (lines.length >= pieceLength) writeDown()
      },
    },
    groups,
  )
  return { load, writeDown }
}

async function main(): Promise<void> {
  const client = await openClient()
  const opened = new Map<number, Series>()
  let asking: Series | null = null
  process.on('message', (message: ToClient) => {
    if (message.kind === 'rest') asking?.load.rest()
    else if (message.kind === 'end') {
      for (const { writeDown } of opened.values()) writeDown()
      process.exit(0)
    } else {
      const series = opened.get(message.series) ?? openSeries(client, message.series)
      opened.set(message.series, series)
      asking = series
      void series.load.run(Number(inFlight)).then(() => {
        series.writeDown()
        tell({ kind: 'calm' })
      })
    }
  })
  process.once('disconnect', () => process.exit(0))
  tell({ kind: 'ready' })
}

process.on('SIGINT', () => undefined)
main().catch((thrown: unknown) => {
  process.stderr.write(`client: ${coerceError(thrown).stack ?? ''}\n`)
  process.exit(1)
})
