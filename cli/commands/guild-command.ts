/**
 * `muster guild ID` on the command line.
 */
import type { Command } from 'commander'
import type { RedisConnection } from '../../actors/ownership/redis-connection.ts'
import type { RedisKeys } from '../../actors/ownership/redis-keys.ts'
import { createRedisLeaseStore } from '../../actors/ownership/redis-lease-store.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import { createRedisStatusBoard } from '../../actors/transport/redis-status-board.ts'
import { parseProcessStatus } from '../../cluster/process-status.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { AppError, coerceError } from '../../kernel/errors.ts'
import type { Incarnation, Slot } from '../../kernel/ids.ts'
import { guildId, isSnowflake } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { GuildFacts } from '../../prisma/guild-facts.ts'
import { readGuildFacts } from '../../prisma/guild-facts.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import type { HouseConfig } from '../config.ts'
import { parseHouseConfig } from '../config.ts'
import type { GuildLiveness, GuildLook } from '../status/guild.ts'
import { guildTroubles, presentGuild } from '../status/guild.ts'
import { painterFor } from '../terminal.ts'
import { withHouseDatabase } from '../up/house-database.ts'
import { withHouseRedis } from '../up/house-redis.ts'

const help = `
Works without a running house too: Postgres says it all but who lives.

Exit status: 0 all is well, 1 something is not (it is named) or the id is none, 2 Postgres
cannot be reached.`

export function addGuildCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('guild <id>')
    .description('where one server stands: owner, fence, journal, snapshot, alarms, outbox')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (id: string, options: { json?: boolean }) => {
      if (!isSnowflake(id)) throw new AppError('configuration-invalid', `"${id}" is not a server id. Discord shows it with developer mode on: right click on the server, Copy Server ID.`)
      const config = parseHouseConfig(process.env)
      const look = await lookAtGuild(config, id)
      const troubles = guildTroubles(look)
      const text = options.json === true ? JSON.stringify({ ok: troubles.length === 0, troubles, ...look }) : presentGuild(look, Date.now(), painterFor(process.stdout, process.env))
      process.stdout.write(`${text}\n`)
      end(troubles.length === 0 ? 0 : 1)
    })
}

async function lookAtGuild(config: HouseConfig, id: string): Promise<GuildLook> {
  const guild = guildId(id)
  const slot = slotOf(guild)
  const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`)
  const facts = await withHouseDatabase({ clock: createSystemClock(), progress: say }, config, (url) => readFacts(url, id, slot))
  try {
    const liveness = await withHouseRedis(config, (redis, keys) => readLiveness(redis, keys, { slot, owner: facts.slot.owner as Incarnation | null }))
    return { guildId: guild, slotId: slot, ...facts, liveness }
  } catch (thrown) {
    say(`muster: ${coerceError(thrown).message}`)
    return { guildId: guild, slotId: slot, ...facts, liveness: null }
  }
}

async function readFacts(connectionString: string, id: string, slot: Slot): Promise<GuildFacts> {
  const pool = createPostgresPool({ log: silentLog }, { connectionString, connectionsMax: 4, statementTimeoutMs: 10_000, connectTimeoutMs: 5_000, applicationName: 'muster-cli' })
  try {
    return await readGuildFacts(pool, id, slot)
  } finally {
    await pool.end()
  }
}

async function readLiveness(redis: RedisConnection, keys: RedisKeys, { slot, owner }: { readonly slot: Slot; readonly owner: Incarnation | null }): Promise<GuildLiveness> {
  const leases = createRedisLeaseStore({ redis, keys })
  const [{ live }, directory, inboxDepth] = await Promise.all([leases.liveness(), leases.readDirectory(), redis.xlen(keys.inbox(slot))])
  const entry = directory.find((one) => one.slot === slot)
  const text = owner === null ? undefined : (await createRedisStatusBoard({ redis, keys }).read([owner])).get(owner)
  return {
    directory: entry === undefined ? null : { incarnation: entry.incarnation, fence: entry.fence },
    process: text === undefined ? null : (parseProcessStatus(text)?.process ?? null),
    isOwnerAlive: owner !== null && live.includes(owner),
    inboxDepth,
  }
}
