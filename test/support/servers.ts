/**
 * Real Postgres and Redis for tests: one of each per mocha run, started when a test first asks, ended at the end.
 *
 * A run has a folder of its own below the system's temporary folder, so runs in several shells do not meet; the folder
 * goes with the run, also when mocha is killed (guardian.ts). Settings of durability are the defaults, as in production.
 * MUSTER_TEST_DATABASE_URL and MUSTER_TEST_REDIS_URL name servers to use instead.
 *
 *   const database = await createTestDatabase()   a migrated database of its own, copied from a template
 *   const prefix = testRedisPrefix()              keys that meet nobody else's
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RootHookObject } from 'mocha'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../cli/embedded/embedded-postgres.ts'
import { startEmbeddedRedis } from '../../cli/embedded/embedded-redis.ts'
import type { EmbeddedServer } from '../../cli/embedded/embedded-server.ts'
import { createSystemClock } from '../../kernel/clock.ts'
import { ensureDatabase, migrateDatabase } from '../../prisma/migrate.ts'
import { leakHooks } from './leaks.ts'

export interface TestServers {
  /** Administrator's URL of the maintenance database; tests want createTestDatabase(). */
  readonly postgresUrl: string
  readonly redisUrl: string
  /** For faults by signal (SIGSTOP, SIGKILL); undefined when the servers were given. */
  readonly postgresPid: number | undefined
  readonly redisPid: number | undefined
}

export interface TestDatabase {
  readonly url: string
  /** Ends connections that are still open and removes the database. */
  drop(): Promise<void>
}

/** Downloading Redis on a bare machine is part of the first call; everything later takes milliseconds. */
const firstStartTimeoutMs = 240_000

interface Run {
  readonly servers: TestServers
  readonly embedded: readonly EmbeddedServer[]
  readonly folder: string
}

let run: Promise<Run> | undefined
let template: Promise<string> | undefined
let databasesMade = 0
/** Copying a template needs it to itself: creations take turns. */
let creations: Promise<unknown> = Promise.resolve()

/** The servers of this run. In a `before` hook, allow for the first start: `this.timeout(testServersTimeoutMs)`. */
export async function testServers(): Promise<TestServers> {
  run ??= startRun()
  return (await run).servers
}

export const testServersTimeoutMs = firstStartTimeoutMs

/** A database for one test file: migrated, or empty when `migrated` is false. */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { postgresUrl } = await testServers()
  const name = `${runName}_${++databasesMade}`
  const from = options.migrated === false ? 'template0' : await (template ??= makeTemplate(postgresUrl))
  const creation = creations.then(() => administrate(postgresUrl, `CREATE DATABASE ${name} TEMPLATE ${from}`))
  creations = creation.catch(() => undefined) // The creator is told below; the next one has its own turn.
  await creation
  return {
    url: withDatabase(postgresUrl, name),
    drop: () => administrate(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

let prefixesMade = 0

/** A prefix no other test uses, for every key of one test file. */
export function testRedisPrefix(): string {
  return `${runName}:${++prefixesMade}:`
}

/** Names of one run, so that runs which were given the same servers do not meet. */
const runName = `muster_test_${process.pid}_${randomBytes(4).toString('hex')}`

async function startRun(): Promise<Run> {
  const given = { postgres: process.env['MUSTER_TEST_DATABASE_URL'], redis: process.env['MUSTER_TEST_REDIS_URL'] }
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'))
  // Passage for the database's user; what is inside has modes of its own.
  await chmod(folder, 0o711)
  const deps = { clock: createSystemClock(), progress: (sentence: string) => process.stderr.write(`tests: ${sentence}\n`) }
  const options = { folder, portPreferred: 0, disposable: true }
  const [postgres, redis] = await Promise.all([
    given.postgres === undefined ? startEmbeddedPostgres(deps, options) : undefined,
    given.redis === undefined ? startEmbeddedRedis(deps, { ...options, searchPath: process.env['PATH'] ?? '' }) : undefined,
  ])
  const servers: TestServers = {
    postgresUrl: withDatabase(given.postgres ?? postgres?.url ?? '', 'postgres'),
    redisUrl: given.redis ?? redis?.url ?? '',
    postgresPid: postgres?.pid,
    redisPid: redis?.pid,
  }
  return { servers, embedded: [postgres, redis].filter((server) => server !== undefined), folder }
}

async function makeTemplate(postgresUrl: string): Promise<string> {
  const name = `${runName}_template`
  const url = withDatabase(postgresUrl, name)
  await ensureDatabase(url)
  await migrateDatabase(url)
  return name
}

/** One statement as administrator, over a connection of its own: databases are made and dropped outside transactions. */
async function administrate(postgresUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

/** How often is looked for mocha's launcher. */
const launcherWatchMs = 500
let launcherWatch: NodeJS.Timeout | undefined

/**
 * Called by mocha once, before all files. Mocha runs in a child of the process that was started, and a signal to that
 * one alone would leave the child running for nobody: it ends with its launcher, and the guardians clean up.
 */
export function mochaGlobalSetup(): void {
  const launcher = process.ppid
  launcherWatch = setInterval(() => {
    if (process.ppid !== launcher) process.kill(process.pid, 'SIGTERM')
  }, launcherWatchMs)
  launcherWatch.unref()
}

/** Called by mocha once, after all files; also after an interrupted run. */
export async function mochaGlobalTeardown(): Promise<void> {
  clearInterval(launcherWatch)
  if (run === undefined) return
  const { servers, embedded, folder } = await run
  if (template !== undefined && servers.postgresPid === undefined) {
    await administrate(servers.postgresUrl, `DROP DATABASE IF EXISTS ${await template} WITH (FORCE)`)
  }
  await Promise.all(embedded.map((server) => server.stop()))
  await rm(folder, { recursive: true, force: true })
}

export const mochaHooks: RootHookObject = leakHooks
