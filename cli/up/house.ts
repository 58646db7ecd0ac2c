/**
 * The house: everything that `muster up` starts, in order, and ends in reverse order.
 *
 *   Postgres, Redis (given or embedded) → migrations → keys → Discord (given or the sandbox) → API → manager
 *
 * Whatever fails on the way, what was started before it is ended again. One house a folder: a lock names who lives in it.
 * Each process gets only what it needs: the API no token and no private key, the sandbox nothing of ours at all.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { ensureDatabase, migrateDatabase } from '../../prisma/migrate.ts'
import type { HouseConfig } from '../config.ts'
import { openDataFolder, tryHoldFolderLock } from '../embedded/data-folder.ts'
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { startEmbeddedRedis } from '../embedded/embedded-redis.ts'
import type { EmbeddedServer } from '../embedded/embedded-server.ts'
import type { Child } from './child.ts'
import { startChild } from './child.ts'
import { configuredFor } from './configured.ts'
import type { LocalKeys } from './local-keys.ts'
import { openLocalKeys } from './local-keys.ts'

export const postgresPort = 5433
const redisPort = 6390
/** Above the manager's own bound for its children. */
const managerStopTimeoutMs = 32_000
const stopTimeoutMs = 10_000

export interface House {
  readonly folder: string
  readonly databaseUrl: string
  readonly apiUrl: string
  /** Base address of the sandbox; null on the real Discord. */
  readonly sandboxUrl: string | null
  readonly voiceLogFile: string | null
  readonly clusterPublicKey: string
  /** Living shard processes by cluster id. */
  shardPids(): ReadonlyMap<number, number>
  /** Resolves when every shard process is ready (again). */
  whenShardsReady(): Promise<void>
  /** Resolves with a sentence when a part ended that should not have. */
  readonly broken: Promise<{ readonly sentence: string; readonly exitCode: number | null }>
  stop(): Promise<void>
}

export interface HouseDeps {
  readonly clock: Clock
  /** Aborts when the start is to be given up. */
  readonly signal: AbortSignal
  /** Told what was started, in words for a person. */
  say(sentence: string): void
}

export async function openHouse(deps: HouseDeps, config: HouseConfig): Promise<House> {
  const started: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end()
  }
  try {
    return await startHouse(deps, config, { started, stop })
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function startHouse(
  deps: HouseDeps,
  config: HouseConfig,
  { started, stop }: { started: (() => Promise<void>)[]; stop: () => Promise<void> },
): Promise<House> {
  const folder = await openDataFolder(config.folder)
  started.push(await moveIn(folder))
  const logs = join(folder, 'logs')
  await mkdir(logs, { recursive: true })
  const databaseUrl = await openDatabase(deps, config, { folder, started })
  deps.signal.throwIfAborted()
  const redisUrl = await openRedis(deps, config, { folder, started })
  const keys = await openLocalKeys(folder, config)
  deps.signal.throwIfAborted()
  if (keys.isNew) deps.say(`Keys made: ${keys.file ?? ''}. Back this file up; it signs for your guilds.`)
  const start = (name: string, program: string, environment: Record<string, string>, timeoutMs = stopTimeoutMs): Child => {
    const logFile = join(logs, `${name}.log`)
    deps.signal.throwIfAborted()
    const child = startChild(deps, { name, program, environment, logFile, stopTimeoutMs: timeoutMs })
    started.push(() => child.stop())
    return child
  }
  const discord = await openDiscord(deps, config, { folder, start })
  const shared = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, LOG_LEVEL: config.logLevel }
  const own = { ...shared, ...publicKeys(keys) }
  const api = await openApi(deps, config, { start, environment: { ...configuredFor('api', process.env), ...own } })
  const shards = { MUSTER_PROCESSES: String(config.processCount), ...shardCount(config) }
  const manager = start(
    'manager',
    'cluster/main',
    {
      PUBLIC_URL: api.url,
      ...featureVariables(config),
      ...configuredFor('manager', process.env),
      ...own,
      ...shards,
      MUSTER_CLUSTER_KEY: keys.clusterKey,
      MUSTER_KEK: keys.kek,
      DISCORD_TOKEN: discord.token,
      DISCORD_API: discord.api,
    },
    managerStopTimeoutMs,
  )
  const fleet = watchFleet(manager, deps.signal)
  const healthPort = await manager.waitFor(deps.signal, (message) => (message as { healthPort?: number }).healthPort)
  deps.say(`Health and metrics on http://127.0.0.1:${healthPort}/health.`)
  await fleet.whenReady()
  deps.say(`Shard processes ready: ${[...fleet.pids.values()].map((pid) => `pid ${pid}`).join(', ')}.`)
  const parts = [api.child, manager, ...(discord.child === null ? [] : [discord.child])]
  return {
    folder,
    databaseUrl,
    apiUrl: api.url,
    sandboxUrl: discord.sandboxUrl,
    voiceLogFile: discord.voiceLogFile,
    clusterPublicKey: keys.clusterPublicKey,
    shardPids: () => new Map(fleet.pids),
    whenShardsReady: () => fleet.whenReady(),
    broken: firstBroken(parts),
    stop,
  }
}

/** Gives back how to move out. Throws when another process lives here: two would fight over ports, keys and sandbox. */
async function moveIn(folder: string): Promise<() => Promise<void>> {
  const lock = await tryHoldFolderLock(join(folder, 'up.lock'))
  if ('release' in lock) return lock.release
  throw new AppError(
    'configuration-invalid',
    `Muster already runs in ${folder}, as process ${lock.holderPid}. End it (kill ${lock.holderPid}), or set MUSTER_HOME to another folder.`,
  )
}

interface Starting {
  readonly folder: string
  readonly started: (() => Promise<void>)[]
}

const publicKeys = (keys: LocalKeys): Record<string, string> => ({ MUSTER_CLUSTER_PUBLIC_KEYS: keys.clusterPublicKey })

function featureVariables({ defaultTier, webhookAllow, membersIntent }: HouseConfig): Record<string, string> {
  return {
    MUSTER_DEFAULT_TIER: defaultTier,
    MUSTER_MEMBERS_INTENT: membersIntent,
    ...(webhookAllow === undefined ? {} : { MUSTER_WEBHOOK_ALLOW: webhookAllow }),
  }
}

/** The sandbox's guilds fit one shard a process; on Discord its own recommendation counts. */
function shardCount(config: HouseConfig): Record<string, string> {
  if (config.shardCount !== undefined) return { MUSTER_SHARDS: String(config.shardCount) }
  return config.discordToken === undefined ? { MUSTER_SHARDS: String(config.processCount) } : {}
}

async function openDatabase(deps: HouseDeps, config: HouseConfig, { folder, started }: Starting): Promise<string> {
  let url = config.databaseUrl
  if (url === undefined) {
    const server = await startEmbeddedPostgres(
      { clock: deps.clock, progress: (sentence) => deps.say(sentence) },
      { folder, portPreferred: postgresPort },
    )
    started.push(() => server.stop())
    deps.say(describe('Postgres', server, postgresPort))
    url = server.url
  }
  await ensureDatabase(url)
  const applied = await migrateDatabase(url)
  if (applied.length > 0) deps.say(`Database migrated: ${applied.join(', ')}.`)
  return url
}

async function openRedis(deps: HouseDeps, config: HouseConfig, { folder, started }: Starting): Promise<string> {
  if (config.redisUrl !== undefined) return config.redisUrl
  const server = await startEmbeddedRedis(
    { clock: deps.clock, progress: (sentence) => deps.say(sentence) },
    { folder, portPreferred: redisPort, searchPath: process.env['PATH'] ?? '' },
  )
  started.push(() => server.stop())
  deps.say(describe('Redis', server, redisPort))
  return server.url
}

function describe(name: string, server: EmbeddedServer, portWanted: number): string {
  const moved = server.port === portWanted ? '' : ` (${portWanted} was taken)`
  return `${name} ${server.reused ? 'found running' : 'started'}, embedded, port ${server.port}${moved}.`
}

type StartChild = (name: string, program: string, environment: Record<string, string>, timeoutMs?: number) => Child

interface Discord {
  readonly token: string
  readonly api: string
  readonly sandboxUrl: string | null
  readonly voiceLogFile: string | null
  readonly child: Child | null
}

async function openDiscord(
  deps: HouseDeps,
  config: HouseConfig,
  { folder, start }: { folder: string; start: StartChild },
): Promise<Discord> {
  if (config.discordToken !== undefined) {
    return { token: config.discordToken, api: config.discordApi, sandboxUrl: null, voiceLogFile: null, child: null }
  }
  const voiceLogFile = join(folder, 'voice-log.jsonl')
  const child = start('sandbox', 'sandbox/main', {
    ...configuredFor('sandbox', process.env),
    SANDBOX_PORT: String(config.sandboxPort),
    SANDBOX_STATE_FILE: join(folder, 'sandbox.json'),
    SANDBOX_VOICE_LOG: voiceLogFile,
    SANDBOX_LOG_LEVEL: config.logLevel,
  })
  const hello = await child.waitFor(deps.signal, (message) => {
    const told = message as { listening?: boolean; url: string; api: string; port: number; token: string }
    return told.listening === true ? told : undefined
  })
  const moved = hello.port === config.sandboxPort || config.sandboxPort === 0 ? '' : ` (${config.sandboxPort} was taken)`
  deps.say(`Local Discord started, port ${hello.port}${moved}.`)
  return { token: hello.token, api: hello.api, sandboxUrl: hello.url, voiceLogFile, child }
}

async function openApi(
  deps: HouseDeps,
  config: HouseConfig,
  { start, environment }: { start: StartChild; environment: Record<string, string> },
): Promise<{ child: Child; url: string }> {
  // No load balancer stands before it: ctrl-c need not wait for one.
  const child = start('api', 'api/main', { ...environment, API_PORT: String(config.apiPort), API_DRAIN_NOTICE_MS: '0' })
  const port = await child.waitFor(deps.signal, (message) => {
    const told = message as { kind?: string; port: number }
    return told.kind === 'ready' ? told.port : undefined
  })
  const moved = port === config.apiPort || config.apiPort === 0 ? '' : ` (${config.apiPort} was taken)`
  deps.say(`API listening on http://127.0.0.1:${port}${moved}.`)
  return { child, url: `http://127.0.0.1:${port}` }
}

interface Fleet {
  readonly pids: Map<number, number>
  whenReady(): Promise<void>
}

/** What the manager tells of its shard processes (cluster/fleet.ts). */
type FleetMessage =
  | { readonly kind: 'shard-exit'; readonly clusterId: number; readonly pid: number }
  | { readonly kind: 'shard-ready'; readonly clusterId: number; readonly pid: number; readonly all: boolean }
  | { readonly kind: 'topology'; readonly processes: readonly { readonly clusterId: number; readonly pid: number }[]; readonly all: boolean }
  | { readonly kind?: undefined }

/** Follows what the manager tells of its shard processes. An abort ends the waiting. */
function watchFleet(manager: Child, signal: AbortSignal): Fleet {
  const pids = new Map<number, number>()
  let isComplete = false
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  manager.onMessage((message) => {
    const told = message as FleetMessage
    if (told.kind === 'shard-exit') {
      // An old generation's process leaves by plan while another one has its shards.
      if (pids.get(told.clusterId) !== told.pid) return
      pids.delete(told.clusterId)
      isComplete = false
      return
    }
    if (told.kind === 'topology') {
      pids.clear()
      for (const { clusterId, pid } of told.processes) pids.set(clusterId, pid)
    } else if (told.kind === 'shard-ready') pids.set(told.clusterId, told.pid)
    else return
    isComplete = told.all
    if (isComplete) for (const { resolve } of waiting.splice(0)) resolve()
  })
  void manager.exited.then(({ exitCode }) => {
    fail(new AppError('child-failed', 'the manager ended', { context: { name: 'manager', exitCode } }))
  })
  signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true })
  return {
    pids,
    whenReady: () => {
      if (signal.aborted) return Promise.reject(signal.reason as Error)
      return isComplete ? Promise.resolve() : new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
  }
}

function firstBroken(children: readonly Child[]): Promise<{ sentence: string; exitCode: number | null }> {
  return Promise.race(
    children.map(async (child) => {
      const { exitCode, signal } = await child.exited
      const how = signal === null ? `exit code ${exitCode}` : signal
      return { sentence: `${child.name} ended by itself (${how}); its log is ${child.logFile}`, exitCode }
    }),
  )
}
