/**
 * `muster status` on the command line.
 */
import type { Command } from 'commander'
import { createRedisLeaseStore } from '../../actors/ownership/redis-lease-store.ts'
import { createRedisStatusBoard } from '../../actors/transport/redis-status-board.ts'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPostgresPool } from '../../prisma/postgres-pool.ts'
import { createPostgresTopologyStore } from '../../prisma/topology-store.ts'
import type { TopologyStore } from '../../prisma/topology-store.ts'
import type { HouseConfig } from '../config.ts'
import { parseHouseConfig } from '../config.ts'
import { findEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import type { Fleet, FleetSources, FleetTopology } from '../status/fleet.ts'
import { readFleet, troublesOf } from '../status/fleet.ts'
import { presentFleet } from '../status/present-fleet.ts'
import { watchScreen } from '../status/watch-screen.ts'
import { painterFor } from '../terminal.ts'
import { withHouseRedis } from '../up/house-redis.ts'

/** As often as processes tell of themselves. */
const watchIntervalMs = 2_000
/** Where the terminal does not say. */
const rowsDefault = 24

const help = `
PING is the heartbeat of a shard; ACTIVE the guilds in memory; WAIT the commands waiting
for their turn; SLOTS those of 384 that the directory says are its.

  muster status --watch          again every two seconds, until ctrl-c
  muster status --watch --json   one JSON object a line

Exit status: 0 all is well, 1 something is not (it is named), 2 Redis or Postgres cannot
be reached.`

export function addStatusCommand(program: Command, end: (exitCode: number) => void): void {
  program
    .command('status')
    .description('every process and shard: state, ping, guilds, load, memory, slots')
    .option('--watch', 'look again every two seconds')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (options: { watch?: boolean; json?: boolean }) => {
      const config = parseHouseConfig(process.env)
      end(await withSources(config, (sources) => (options.watch === true ? watch(sources, options) : show(sources, options))))
    })
}

async function withSources(config: HouseConfig, work: (sources: FleetSources) => Promise<number>): Promise<number> {
  const url = config.databaseUrl ?? (await findEmbeddedPostgres(config.folder))
  const pool =
    url === null
      ? null
      : createPostgresPool({ log: silentLog }, { connectionString: url, connectionsMax: 1, statementTimeoutMs: 5_000, connectTimeoutMs: 5_000, applicationName: 'muster-cli' })
  try {
    return await withHouseRedis(config, (redis, keys) =>
      work({
        leases: createRedisLeaseStore({ redis, keys }),
        board: createRedisStatusBoard({ redis, keys }),
        servingTopology: pool === null ? null : () => servingTopology(createPostgresTopologyStore(pool)),
      }),
    )
  } finally {
    await pool?.end()
  }
}

/** What was given up, or is still being prepared, serves nobody. */
const servingTopology = async (topologies: TopologyStore): Promise<FleetTopology | null> =>
  (await topologies.currentTopology()) ?? (await topologies.newestTopology())

async function show(sources: FleetSources, options: { readonly json?: boolean }): Promise<number> {
  const fleet = await readFleet(sources)
  process.stdout.write(`${textOf(fleet, options)}\n`)
  return troublesOf(fleet).length === 0 ? 0 : 1
}

async function watch(sources: FleetSources, options: { readonly json?: boolean }): Promise<number> {
  const ended = new AbortController()
  process.once('SIGINT', () => ended.abort(new Error('ctrl-c')))
  process.once('SIGTERM', () => ended.abort(new Error('asked to end')))
  const clock = createSystemClock()
  const { stdout } = process
  const isScreen = stdout.isTTY && options.json !== true
  let text = ''
  if (isScreen) stdout.write(watchScreen.enter)
  try {
    while (!ended.signal.aborted) {
      text = await lookAgain(sources, options)
      if (isScreen) stdout.write(watchScreen.frame(text, stdout.rows ?? rowsDefault))
      else stdout.write(options.json === true ? `${text}\n` : `${text}\n\n`)
      // Being ended is how a watch ends.
      await waitFor(clock, watchIntervalMs, ended.signal).catch(() => undefined)
    }
  } finally {
    // The last look stays in the window, below what stood there.
    if (isScreen) stdout.write(`${watchScreen.leave}${text}\n`)
  }
  return 0
}

/** What is away while somebody watches is told, and looked for again: a watch outlives it. */
async function lookAgain(sources: FleetSources, options: { readonly json?: boolean }): Promise<string> {
  try {
    return textOf(await readFleet(sources), options)
  } catch (thrown) {
    const { message } = coerceError(thrown)
    return options.json === true ? JSON.stringify({ ok: false, troubles: [message] }) : `! ${message}`
  }
}

function textOf(fleet: Fleet, options: { readonly json?: boolean }): string {
  if (options.json === true) return JSON.stringify({ ok: troublesOf(fleet).length === 0, troubles: troublesOf(fleet), ...fleet })
  return presentFleet(fleet, painterFor(process.stdout, process.env))
}
