/**
 * Postgres and Redis of a run, as a fault may end, stop and start them: real ones, with default durability.
 *
 * A server that is started again keeps its port, so that everybody finds it under the same address. The folder is
 * removed at the end.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { endProcess } from '../../cli/embedded/end-process.ts'
import { startEmbeddedPostgres } from '../../cli/embedded/embedded-postgres.ts'
import { startEmbeddedRedis } from '../../cli/embedded/embedded-redis.ts'
import type { EmbeddedServer } from '../../cli/embedded/embedded-server.ts'
import { identify, isSameProcess } from '../../cli/embedded/process-identity.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { ensureDatabase, migrateDatabase } from '../../prisma/migrate.ts'
import { refuseWeakDurability } from '../bench/durability.ts'

/** First ports to try: high, and two runs at once find others. */
const postgresPort = 42_610
const redisPort = 42_710
/** After it a signal has not done what it must. */
const patienceMs = 20_000

const run = promisify(execFile)
const clock = createSystemClock()
const deps = { clock, progress: (sentence: string) => void process.stderr.write(`nemesis: ${sentence}\n`) }

export class Servers {
  readonly folder: string
  /** Of Postgres. */
  version = 'unknown'
  #postgres: EmbeddedServer
  #redis: EmbeddedServer
  #isStopped = false

  constructor(parts: { folder: string; postgres: EmbeddedServer; redis: EmbeddedServer }) {
    this.folder = parts.folder
    this.#postgres = parts.postgres
    this.#redis = parts.redis
  }

  get databaseUrl(): string {
    return this.#postgres.url
  }

  get redisUrl(): string {
    return this.#redis.url
  }

  get redisPid(): number {
    return this.#redis.pid
  }

  /** The server and its backends, the server first: while it stands still no backend is added. */
  async postgresPids(): Promise<readonly number[]> {
    const { pid } = this.#postgres
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
    const rows = stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number))
    return [pid, ...rows.filter(([, parent]) => parent === pid).map(([child]) => child as number)]
  }

  /** SIGQUIT: every backend ends where it is, nothing is flushed, and the next start replays the log. */
  async crashPostgres(): Promise<void> {
    await endProcess(clock, await identify(this.#postgres.pid), [{ signal: 'SIGQUIT', patienceMs }])
  }

  async startPostgres(): Promise<void> {
    this.#refuseAfterStop()
    const ended = this.#postgres
    this.#postgres = await startPostgres(this.folder)
    await ended.stop()
  }

  /** For a fault of which Postgres may have ended by itself, such as a full disk; true: it had. */
  async startPostgresIfEnded(): Promise<boolean> {
    if (await isSameProcess(await identify(this.#postgres.pid))) return false
    await this.startPostgres()
    return true
  }

  /** SIGKILL: it kept nothing on disk, so the next one starts empty. */
  async killRedis(): Promise<void> {
    await endProcess(clock, await identify(this.#redis.pid), [{ signal: 'SIGKILL', patienceMs }])
  }

  async startRedis(): Promise<void> {
    this.#refuseAfterStop()
    const ended = this.#redis
    this.#redis = await startRedis(this.folder)
    await ended.stop()
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl })
    await client.connect()
    try {
      return (await client.query<Row>(text, [...values])).rows
    } finally {
      await client.end()
    }
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([this.#postgres.stop(), this.#redis.stop()])
    await rm(this.folder, { recursive: true, force: true })
  }

  /** A fault that was under way when the run ended: its server would be nobody's. */
  #refuseAfterStop(): void {
    if (this.#isStopped) throw new Error('the run has ended')
  }
}

const startPostgres = (folder: string): Promise<EmbeddedServer> => startEmbeddedPostgres(deps, { folder, portPreferred: postgresPort })

const startRedis = (folder: string): Promise<EmbeddedServer> =>
  startEmbeddedRedis(deps, { folder, portPreferred: redisPort, searchPath: process.env['PATH'] ?? '' })

/** Both servers, empty and migrated. Throws when durability is weakened: nothing would be proven then. */
export async function openServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-nemesis-'))
  // Passage for the database's user; what is inside has modes of its own.
  await chmod(folder, 0o711)
  const [postgres, redis] = await Promise.all([startPostgres(folder), startRedis(folder)])
  const servers = new Servers({ folder, postgres, redis })
  try {
    await ensureDatabase(postgres.url)
    await migrateDatabase(postgres.url)
    servers.version = await refuseWeakDurability(postgres.url)
    return servers
  } catch (thrown) {
    await servers.stop()
    throw thrown
  }
}
