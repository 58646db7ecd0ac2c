/**
 * Whole processes for scenarios: the manager with its shard processes, the API if wanted, on real Postgres and Redis, against
 * a sandbox in the test's own process.
 *
 *   const fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 4, processCount: 2 })
 *   … fleet.sandbox.people …   await fleet.whenReady()   … process.kill(fleet.shardPids().get(0), 'SIGKILL') …
 *   await fleet.stop()
 *
 * Ready, exit and every row written are events. `stop` ends everything by SIGTERM, in the order of the house, and tells
 * how each ended; what was printed is kept for a test that fails. Parts may be stopped and started again on the same data.
 */
import { randomBytes } from 'node:crypto'
import { createSigner } from '../../actors/records/ed25519.ts'
import type { Clock } from '../../kernel/clock.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import type { SandboxOptions } from '../../sandbox/options.ts'
import type { RequestEntry } from '../../sandbox/request-log.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createSandbox } from '../../sandbox/server.ts'
import { mustEnd } from './leaks.ts'
import type { Program, ProgramExit } from './program.ts'
import { isAlive, startProgram } from './program.ts'
import type { TestDatabase } from './servers.ts'
import { createTestDatabase, testRedisPrefix, testServers } from './servers.ts'
import type { WrittenRows } from './written-rows.ts'
import { watchWrittenRows } from './written-rows.ts'

export interface FleetOptions {
  readonly sandbox?: SandboxOptions
  /** Discord's own; default: the machine's. */
  readonly sandboxClock?: Clock
  readonly shardCount: number
  readonly processCount: number
  /** More or other variables of the manager and its shard processes. */
  readonly environment?: Readonly<Record<string, string>>
  /** Runs what `npm run build` made, as it is deployed: a process starts in half the time. */
  readonly isBuilt?: boolean
  /** Servers of one's own, migrated, in place of those of the test run. */
  readonly servers?: { readonly databaseUrl: string; readonly redisUrl: string }
}

export interface ShardExit {
  readonly clusterId: number
  readonly pid: number
}

export interface Fleet {
  readonly sandbox: Sandbox
  readonly rows: WrittenRows
  readonly databaseUrl: string
  readonly clusterPublicKey: string
  /** What every process of this fleet is given, by variable. */
  readonly environment: Readonly<Record<string, string>>
  startManager(): Program
  /** Resolves with the address of the API. */
  startApi(): Promise<string>
  /** The manager that was started last. */
  manager(): Program
  shardPids(): ReadonlyMap<number, number>
  /** Resolves when every shard process is ready: those that are being spawned again included. */
  whenReady(): Promise<void>
  /** Resolves when the manager has told of this process' exit. */
  whenExited(pid: number): Promise<void>
  /** Ends manager and API by SIGTERM and waits for all of their processes. */
  stopProcesses(): Promise<readonly ProgramExit[]>
  /** Everything, sandbox and database included. Idempotent. */
  stop(): Promise<void>
  output(): string
  /** Of every manager so far. */
  allOutput(): string
}

/** What the manager tells of its shard processes (cluster/fleet.ts). */
type FleetMessage =
  | { readonly kind: 'shard-exit'; readonly clusterId: number; readonly pid: number }
  | { readonly kind: 'shard-ready'; readonly clusterId: number; readonly pid: number; readonly all: boolean }
  | { readonly kind: 'topology'; readonly processes: readonly { readonly clusterId: number; readonly pid: number }[]; readonly all: boolean }
  | { readonly kind?: undefined }

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { redisUrl } = options.servers ?? (await testServers())
  const database = options.servers === undefined ? await createTestDatabase() : givenDatabase(options.servers.databaseUrl)
  const rows = await watchWrittenRows(database.url)
  const sandbox = await createSandbox({ clock: options.sandboxClock ?? createSystemClock(), log: silentLog }, options.sandbox)
  await sandbox.start()
  const seed = randomBytes(32)
  const clusterPublicKey = Buffer.from(createSigner(seed).publicKey).toString('base64')
  const environment = {
    NODE_ENV: 'production',
    HEALTH_PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    REDIS_PREFIX: testRedisPrefix(),
    DISCORD_TOKEN: sandbox.token,
    DISCORD_API: sandbox.apiUrl(),
    MUSTER_SHARDS: String(options.shardCount),
    MUSTER_PROCESSES: String(options.processCount),
    MUSTER_CLUSTER_KEY: seed.toString('base64'),
    MUSTER_CLUSTER_PUBLIC_KEYS: clusterPublicKey,
    MUSTER_KEK: randomBytes(32).toString('base64'),
    ...options.environment,
  }
  return new RunningFleet({ sandbox, database, rows, clusterPublicKey, environment, isBuilt: options.isBuilt ?? false })
}

/** Of a program of the house, such as `api/main`. */
export const entryOf = (program: string, isBuilt: boolean): string => (isBuilt ? `dist/${program}.js` : `${program}.ts`)

/** It is not ours to drop. */
const givenDatabase = (url: string): TestDatabase => ({ url, drop: () => Promise.resolve() })

class RunningFleet implements Fleet {
  readonly sandbox: Sandbox
  readonly rows: WrittenRows
  readonly databaseUrl: string
  readonly clusterPublicKey: string
  readonly environment: Readonly<Record<string, string>>
  readonly #isBuilt: boolean
  readonly #database: TestDatabase
  readonly #programs: Program[] = []
  readonly #managers: Program[] = []
  readonly #pids = new Map<number, number>()
  readonly #everSpawned = new Set<number>()
  readonly #exited = new Set<number>()
  #isReady = false
  #manager: Program | null = null
  #waiting: { readonly check: () => boolean; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  #stopping: Promise<void> | undefined

  constructor(parts: {
    sandbox: Sandbox
    database: TestDatabase
    rows: WrittenRows
    clusterPublicKey: string
    environment: Readonly<Record<string, string>>
    isBuilt: boolean
  }) {
    this.sandbox = parts.sandbox
    this.rows = parts.rows
    this.databaseUrl = parts.database.url
    this.clusterPublicKey = parts.clusterPublicKey
    this.environment = parts.environment
    this.#isBuilt = parts.isBuilt
    this.#database = parts.database
    mustEnd('shard processes', () => [...this.#everSpawned].some(isAlive))
  }

  startManager(): Program {
    const manager = startProgram({ name: 'manager', entry: entryOf('cluster/main', this.#isBuilt), environment: this.environment, ipc: true })
    this.#isReady = false
    this.#manager = manager
    this.#programs.push(manager)
    this.#managers.push(manager)
    manager.onMessage((message) => this.#onManager(message))
    void manager.closed.then((exit) => {
      // Its orphans kept its output open; another manager may long be ready.
      if (this.#manager !== manager) return
      this.#isReady = false
      const error = new Error(`the manager ended (${JSON.stringify(exit)}):\n${manager.output()}`)
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    })
    return manager
  }

  async startApi(): Promise<string> {
    const { DATABASE_URL, REDIS_URL, REDIS_PREFIX, MUSTER_CLUSTER_PUBLIC_KEYS, NODE_ENV } = this.environment as Record<string, string>
    // Records change under a test: a verdict of the last seconds would be given out again.
    const fresh = { API_PORT: '0', API_VERDICT_MEMORY_MS: '0', API_DRAIN_NOTICE_MS: '0' }
    const environment = { DATABASE_URL, REDIS_URL, REDIS_PREFIX, MUSTER_CLUSTER_PUBLIC_KEYS, NODE_ENV, ...fresh } as Record<string, string>
    const api = startProgram({ name: 'api', entry: entryOf('api/main', this.#isBuilt), environment, ipc: true })
    this.#programs.push(api)
    const port = await api.message((message) => (message as { kind?: string; port?: number }).port)
    return `http://127.0.0.1:${port}`
  }

  manager(): Program {
    if (this.#manager === null) throw new Error('no manager was started')
    return this.#manager
  }

  shardPids(): ReadonlyMap<number, number> {
    return new Map(this.#pids)
  }

  whenReady(): Promise<void> {
    return this.#until(() => this.#isReady)
  }

  whenExited(pid: number): Promise<void> {
    return this.#until(() => this.#exited.has(pid))
  }

  async stopProcesses(): Promise<readonly ProgramExit[]> {
    const programs = this.#programs.splice(0)
    for (const program of programs) program.kill('SIGTERM')
    await Promise.all(programs.map(({ exited }) => exited))
    this.#endOrphans()
    return await Promise.all(programs.map(({ closed }) => closed))
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  output(): string {
    return this.#manager?.output() ?? ''
  }

  allOutput(): string {
    return this.#managers.map((manager) => manager.output()).join('')
  }

  async #stop(): Promise<void> {
    await this.stopProcesses()
    await this.rows.close()
    await this.sandbox.stop()
    await this.#database.drop()
  }

  /** Shard processes whose manager was killed serve on; who is known by pid is told to drain. */
  #endOrphans(): void {
    for (const pid of this.#everSpawned) {
      try {
        if (isAlive(pid)) process.kill(pid, 'SIGTERM')
      } catch (thrown) {
        // Ended by itself in the meantime.
        if (codeOf(coerceError(thrown)) !== 'ESRCH') throw thrown
      }
    }
  }

  #onManager(message: unknown): void {
    const told = message as FleetMessage
    if (told.kind === 'shard-exit') {
      this.#exited.add(told.pid)
      this.#everSpawned.add(told.pid)
      // Another generation's process may have its shards already.
      if (this.#pids.get(told.clusterId) === told.pid) {
        this.#pids.delete(told.clusterId)
        this.#isReady = false
      }
    }
    if (told.kind === 'shard-ready') {
      this.#pids.set(told.clusterId, told.pid)
      this.#everSpawned.add(told.pid)
      this.#isReady = told.all
    }
    if (told.kind === 'topology') {
      this.#pids.clear()
      for (const { clusterId, pid } of told.processes) {
        this.#pids.set(clusterId, pid)
        this.#everSpawned.add(pid)
      }
      this.#isReady = told.all
    }
    const done = this.#waiting.filter(({ check }) => check())
    this.#waiting = this.#waiting.filter((entry) => !done.includes(entry))
    for (const { resolve } of done) resolve()
  }

  #until(check: () => boolean): Promise<void> {
    if (check()) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ check, resolve, reject }))
  }
}

/** Requests of the bot that Discord refused: a sound run has none but those a test asked for. */
export function refusedRequests(sandbox: Sandbox): readonly RequestEntry[] {
  return sandbox.requestLog.requests().filter(({ status }) => status >= 400)
}

/** For an afterEach: shows what the processes said when the test failed. */
export function showOutputOnFailure(test: Mocha.Test | undefined, fleet: Fleet | undefined): void {
  if (test?.state === 'failed' && fleet !== undefined) process.stderr.write(`\n--- ${test.title}\n${fleet.output()}\n`)
}
