/**
 * A real PostgreSQL on this machine for whoever has configured none: programs from npm, data in `<folder>/postgres`.
 *
 * Promises: it listens on 127.0.0.1 only and asks for a generated password; nothing of its durability is weakened;
 * the second start finds the data of the first. A server that still runs on the data is adopted, never doubled:
 * postmaster.pid says who runs, and is believed only if that process is a Postgres on this very data.
 *
 *   start ─▶ lock the folder ─▶ runs already? ─yes─▶ adopt (stop it later only if its keeper is dead)
 *                                   │no
 *                                   ▼
 *             initdb, once, into a draft that is renamed ─▶ postgres ─▶ postmaster.pid says "ready"
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError, codeOf, coerceError } from '../../kernel/errors.ts'
import { openDataFolder, pathsOf, readFileIfThere, readOrCreateSecret, withFolderLock } from './data-folder.ts'
import { lookAgainMs, startTimeoutMs } from './embedded-server.ts'
import type { EmbeddedServer, EmbeddedServerDeps, EmbeddedServerOptions } from './embedded-server.ts'
import { findFreePort } from './free-port.ts'
import { keepServer, visitServer } from './keep-server.ts'
import { findPostgresPrograms, openPostgresPlace } from './postgres-place.ts'
import type { PostgresPrograms } from './postgres-place.ts'
import { choosePostgresUser } from './postgres-user.ts'
import type { ServerUser } from './postgres-user.ts'
import { processCommand } from './process-identity.ts'
import { postgresAnswers } from './server-answers.ts'
import { isKept, readServerRecord } from './server-record.ts'
import { startServerProcess } from './server-process.ts'

const run = promisify(execFile)
/** Superuser and database of the embedded server. The database itself is made by whoever migrates. */
const userName = 'muster'
/** Manager, shard processes, API and tools together stay far below; each idle connection costs 2 MB. */
const connectionsMax = 200
/** Ports that were free when asked and taken when used; so many in a row do not happen. */
const portAttemptsMax = 10
/** Fast shutdown first; then immediate, after which the next start replays the log; then the kernel. */
const ending = [
  { signal: 'SIGINT', patienceMs: 15_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const

interface Ground {
  readonly paths: ReturnType<typeof pathsOf>
  readonly place: string
  readonly data: string
  readonly user: ServerUser | undefined
  readonly password: string
}

/** Starts PostgreSQL on the folder's data, or adopts the one that runs there. */
export async function startEmbeddedPostgres(deps: EmbeddedServerDeps, options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const folder = await openDataFolder(options.folder)
  const paths = pathsOf(folder, 'postgres')
  return await withFolderLock(deps.clock, paths.lock, async () => {
    const password = await readOrCreateSecret(paths.password)
    const user = await choosePostgresUser(paths.data)
    const place = await openPostgresPlace(paths.data, user)
    const ground: Ground = { paths, place, data: join(place, 'data'), user, password }
    const running = await findRunning(deps.clock, ground)
    if (running !== undefined) return await adopt(deps, options, ground, running)
    const programs = await findPostgresPrograms(user)
    await initialiseOnce(deps, ground, programs)
    return await startOnFreePort(deps, options, ground, programs)
  })
}

/** The URL of the PostgreSQL that runs for the folder; null when none does. Nothing is made or started. */
export async function findEmbeddedPostgres(folder: string): Promise<string | null> {
  const paths = pathsOf(resolve(folder), 'postgres')
  const record = await readServerRecord(paths.record)
  const password = (await readFileIfThere(paths.password))?.trim()
  if (record === undefined || password === undefined) return null
  return (await postgresAnswers(record.port)) ? urlOf(password, record.port) : null
}

async function adopt(
  deps: EmbeddedServerDeps,
  options: EmbeddedServerOptions,
  ground: Ground,
  running: { pid: number; port: number },
): Promise<EmbeddedServer> {
  const server = { ...running, url: urlOf(ground.password, running.port), reused: true }
  const record = await readServerRecord(ground.paths.record)
  if (record?.pid === running.pid && (await isKept(record))) return visitServer(server)
  return await keepServer(deps.clock, server, keeping(ground, options))
}

async function startOnFreePort(
  deps: EmbeddedServerDeps,
  options: EmbeddedServerOptions,
  ground: Ground,
  programs: PostgresPrograms,
): Promise<EmbeddedServer> {
  const portOfLastTime = (await readServerRecord(ground.paths.record))?.port
  let port = await findFreePort(options.portPreferred === 0 ? 0 : (portOfLastTime ?? options.portPreferred))
  for (let attempt = 1; attempt <= portAttemptsMax; attempt++) {
    const start = await startServerProcess(
      deps.clock,
      {
        file: programs.postgres,
        args: serverArguments(ground.data, port),
        logFile: join(ground.place, 'server.log'),
        ...(ground.user === undefined ? {} : { user: { uid: ground.user.uid, gid: ground.user.gid } }),
      },
      async (pid) => isReady(await readPostmaster(ground.data), pid),
    )
    if (start.kind === 'ready') {
      const server = { pid: start.pid, port, url: urlOf(ground.password, port), reused: false }
      return await keepServer(deps.clock, server, keeping(ground, options))
    }
    if (start.kind === 'failed') throw new AppError('embedded-server-failed', `PostgreSQL did not start: ${start.reason}`)
    port = await findFreePort(options.portPreferred === 0 ? 0 : port + 1)
  }
  throw new AppError('port-exhausted', `no port stayed free long enough to start PostgreSQL, ${portAttemptsMax} tried`)
}

function keeping(ground: Ground, options: EmbeddedServerOptions): Parameters<typeof keepServer>[2] {
  const removeFolders = options.disposable === true ? [ground.place, options.folder] : []
  return { recordFile: ground.paths.record, ending, guardianSignal: 'INT', removeFolders }
}

function serverArguments(data: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(connectionsMax),
    timezone: 'UTC',
    log_timezone: 'UTC',
  }
  return ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

function urlOf(password: string, port: number): string {
  return `postgresql://${userName}:${password}@127.0.0.1:${port}/${userName}`
}

/** initdb works in a draft: a start that was killed halfway leaves nothing that looks like data. */
async function initialiseOnce(deps: EmbeddedServerDeps, ground: Ground, programs: PostgresPrograms): Promise<void> {
  const versionKept = (await readFileIfThere(join(ground.data, 'PG_VERSION')))?.trim()
  const versionInstalled = programs.version.split('.')[0]
  if (versionKept === versionInstalled) return
  if (versionKept !== undefined) {
    throw new AppError('embedded-server-failed', `the data in ${ground.data} is of PostgreSQL ${versionKept}, installed is ${versionInstalled}: export it with the older release first, or remove the folder to begin anew`)
  }
  deps.progress('making a new PostgreSQL database')
  const draft = join(ground.place, 'data.draft')
  const passwordFile = join(ground.place, `password.${randomBytes(4).toString('hex')}`)
  await rm(draft, { recursive: true, force: true })
  try {
    await writeFile(passwordFile, `${ground.password}\n`, { mode: 0o600, flag: 'wx' })
    if (ground.user !== undefined) await chown(passwordFile, ground.user.uid, ground.user.gid)
    await runInitdb(programs.initdb, { draft, passwordFile, user: ground.user })
    await rename(draft, ground.data)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function runInitdb(
  initdb: string,
  { draft, passwordFile, user }: { draft: string; passwordFile: string; user: ServerUser | undefined },
): Promise<void> {
  // The built-in C.UTF-8 sorts the same on every machine and depends on no library of the system.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const args = [`--pgdata=${draft}`, `--username=${userName}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, ...locale]
  try {
    await run(initdb, args, {
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    })
  } catch (thrown) {
    const error = coerceError(thrown)
    const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
    throw new AppError('embedded-server-failed', `PostgreSQL could not make its data: ${said === '' ? error.message : said}`, { cause: error })
  }
}

interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly status: string
}

function isReady(postmaster: Postmaster | undefined, pid: number): boolean {
  return postmaster?.pid === pid && postmaster.status === 'ready'
}

/** Lines of postmaster.pid: pid, data folder, start, port, socket folder, address, shared memory, status. */
async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = ((await readFileIfThere(join(data, 'postmaster.pid'))) ?? '').split('\n').map((line) => line.trim())
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return { pid, port, status: lines[7] ?? '' }
}

/**
 * The Postgres that runs on the data, once it answers; undefined when none does. A postmaster.pid whose process is
 * gone, or is another program that got the same number, is stale: removed, or Postgres itself might refuse to start.
 */
async function findRunning(clock: Clock, ground: Ground): Promise<{ pid: number; port: number } | undefined> {
  const deadlineMs = clock.monotonicMs() + startTimeoutMs
  for (;;) {
    const postmaster = await readPostmaster(ground.data)
    if (postmaster === undefined) return undefined
    const command = await processCommand(postmaster.pid)
    if (command === undefined || !command.includes(`-D ${ground.data} `)) {
      await removeStale(join(ground.data, 'postmaster.pid'))
      return undefined
    }
    if (postmaster.status === 'ready' && (await postgresAnswers(postmaster.port))) {
      return { pid: postmaster.pid, port: postmaster.port }
    }
    // It may be starting, or shutting down after its keeper was killed: both pass.
    if (clock.monotonicMs() >= deadlineMs) {
      throw new AppError('embedded-server-failed', `a PostgreSQL (process ${postmaster.pid}) runs on ${ground.data} and does not answer: end it with kill -INT ${postmaster.pid}`)
    }
    await waitFor(clock, lookAgainMs)
  }
}

async function removeStale(file: string): Promise<void> {
  try {
    await rm(file, { force: true })
  } catch (thrown) {
    const error = coerceError(thrown)
    throw new AppError('embedded-server-failed', `${file} is left from a killed run and cannot be removed (${codeOf(error) ?? error.message})`, { cause: error })
  }
}
