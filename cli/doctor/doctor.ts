/**
 * `muster doctor`: looks everything over that Muster stands on, changes nothing, and says what to do.
 *
 * What is not configured runs embedded: it is looked at when it runs, and started by nobody here. One thing that is broken
 * does not hide the others.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Environment } from '../../kernel/settings.ts'
import type { DatabaseFacts } from '../../prisma/inspect-database.ts'
import { inspectDatabase } from '../../prisma/inspect-database.ts'
import { retention } from '../../prisma/sweep.ts'
import { gatewayIntents } from '../../shards/intents.ts'
import { judgeClocks } from './check-clocks.ts'
import type { DiscordLook } from './check-discord.ts'
import { checkDiscord, noToken } from './check-discord.ts'
import { judgeKeys } from './check-keys.ts'
import { checkDisk, checkNode, checkPort } from './check-machine.ts'
import { judgeDatabase } from './check-postgres.ts'
import { checkRedis } from './check-redis.ts'
import type { EffectiveSetting } from './effective-settings.ts'
import { effectiveSettings } from './effective-settings.ts'
import type { Finding } from './finding.ts'
import { note, ok, problem } from './finding.ts'

export interface DoctorDeps {
  readonly clock: Pick<Clock, 'wallMs'>
  readonly environment: Environment
  readonly nodeVersion: string
  /** URL of the embedded server that runs for this folder; null: none does. */
  findEmbedded(server: 'postgres' | 'redis', folder: string): Promise<string | null>
}

export async function examine(deps: DoctorDeps): Promise<readonly Finding[]> {
  const settings = effectiveSettings(deps.environment)
  const read = reader(settings)
  const folder = read.text('MUSTER_HOME') ?? '.muster'
  const [database, redis, discord, disk, ports] = await Promise.all([
    lookAtDatabase(deps, read, folder),
    lookAtRedis(deps, read, folder),
    lookAtDiscord(deps, read),
    checkDisk(folder),
    Promise.all(wantedPorts(read).map(checkPort)),
  ])
  const clocks = judgeClocks({ postgresMs: database.facts?.clockOffsetMs ?? null, discordMs: discord.clockOffsetMs })
  return [
    checkNode(deps.nodeVersion),
    judgeSettings(settings, deps.environment),
    disk,
    ...ports,
    ...database.findings,
    ...redis,
    ...discord.findings,
    clocks,
    ...judgeKeys(configuredKeys(read, folder), database.facts),
    note('retention', `journal: for ever; snapshots: the newest ${retention.snapshots} of a guild and one a period; answers: ${retention.opResultHours} h; done effects: ${retention.outboxDoneDays} days; dead letters: until dealt with`),
  ]
}

type Reader = ReturnType<typeof reader>

/** Values that are of the right form; the others were told already. */
function reader(settings: readonly EffectiveSetting[]) {
  const usable = new Map<string, string>()
  for (const { name, text, problem: wrong } of settings) if (text !== null && wrong === null && !usable.has(name)) usable.set(name, text)
  return {
    text: (name: string): string | undefined => usable.get(name),
    number: (name: string, otherwise: number): number => Number(usable.get(name) ?? otherwise),
    /** Set, whether or not its form is right. */
    isSet: (name: string): boolean => settings.some((setting) => setting.name === name && setting.from === 'environment'),
  }
}

function judgeSettings(settings: readonly EffectiveSetting[], environment: Environment): Finding {
  const wrong = new Map(settings.flatMap(({ name, problem: what }) => (what === null ? [] : [[name, what] as const])))
  if (wrong.size > 0) {
    const says = [...wrong].map(([name, what]) => `${name} ${what}`).join('; ')
    return problem('settings', says, 'Correct them in the environment or in .env; .env.example explains each.')
  }
  // `muster up` brings along what is missing; processes that are started by themselves are brought nothing.
  const missing = new Set(settings.filter(({ isRequired, from }) => isRequired && from === 'nowhere').map(({ name }) => name))
  if (environment['NODE_ENV'] === 'production' && missing.size > 0) {
    return problem('settings', `${[...missing].join(', ')} ${missing.size === 1 ? 'is' : 'are'} not set`, 'With NODE_ENV=production no .env is read: set them in the environment of pm2 or the container.')
  }
  const set = new Set(settings.filter(({ from }) => from === 'environment').map(({ name }) => name))
  return ok('settings', set.size === 0 ? 'none is set: everything is brought along' : `${set.size} are set, all of the right form`)
}

interface DatabaseLook {
  readonly findings: readonly Finding[]
  readonly facts: DatabaseFacts | null
}

async function lookAtDatabase(deps: DoctorDeps, read: Reader, folder: string): Promise<DatabaseLook> {
  const isGiven = read.isSet('DATABASE_URL')
  const url = isGiven ? read.text('DATABASE_URL') : await deps.findEmbedded('postgres', folder)
  if (url === undefined || url === null) {
    return { findings: isGiven ? [] : [note('postgres', 'DATABASE_URL is not set: `muster up` brings a PostgreSQL along, which does not run now')], facts: null }
  }
  try {
    const facts = await inspectDatabase(url, () => deps.clock.wallMs())
    return { findings: judgeDatabase(facts, { connections: connectionsOf(read) }), facts }
  } catch (thrown) {
    return { findings: [problem('postgres', coerceError(thrown).message, 'Nothing is recorded without it: until it answers, people are told to try again.')], facts: null }
  }
}

/** Two lanes and one for Prisma beside the reads of each shard process; two API processes. */
function connectionsOf(read: Reader): number {
  const shards = read.number('MUSTER_PROCESSES', 2) * (read.number('DATABASE_MAX_CONNECTIONS', 5) + 3)
  return shards + 2 * (read.number('API_DATABASE_CONNECTIONS', 10) + 2)
}

async function lookAtRedis(deps: DoctorDeps, read: Reader, folder: string): Promise<readonly Finding[]> {
  const isGiven = read.isSet('REDIS_URL')
  const url = isGiven ? read.text('REDIS_URL') : await deps.findEmbedded('redis', folder)
  if (url !== undefined && url !== null) return await checkRedis(url)
  return isGiven ? [] : [note('redis', 'REDIS_URL is not set: `muster up` brings a Redis along, which does not run now')]
}

async function lookAtDiscord(deps: DoctorDeps, read: Reader): Promise<DiscordLook> {
  const token = read.text('DISCORD_TOKEN')
  const api = read.text('DISCORD_API')
  if (token === undefined || api === undefined) return noToken
  const shards = read.text('MUSTER_SHARDS')
  return await checkDiscord(deps, { api, token, intents: gatewayIntents({ hasMembersIntent: read.text('MUSTER_MEMBERS_INTENT') === 'on' }), shardCount: shards === undefined ? null : Number(shards) })
}

function wantedPorts(read: Reader) {
  const sandbox = { setting: 'SANDBOX_PORT', host: '127.0.0.1', port: read.number('SANDBOX_PORT', 0), healthPath: '/health/live' }
  return [
    { setting: 'API_PORT', host: read.text('API_HOST') ?? '127.0.0.1', port: read.number('API_PORT', 0), healthPath: '/health/live' },
    { setting: 'HEALTH_PORT', host: read.text('HEALTH_HOST') ?? '127.0.0.1', port: read.number('HEALTH_PORT', 0), healthPath: '/health/live' },
    ...(read.isSet('DISCORD_TOKEN') ? [] : [sandbox]),
  ]
}

function configuredKeys(read: Reader, folder: string) {
  const file = join(folder, 'keys.json')
  return {
    clusterKey: read.text('MUSTER_CLUSTER_KEY'),
    kek: read.text('MUSTER_KEK'),
    publicKeys: read.text('MUSTER_CLUSTER_PUBLIC_KEYS'),
    file: existsSync(file) ? file : null,
  }
}
