/**
 * A real Redis on this machine for whoever has configured none.
 *
 * It keeps nothing on disk: the house promises to survive a Redis that loses everything, and the embedded one makes
 * that promise part of every demo and every test. It never evicts (an evicted lease would look like a lost one),
 * listens on 127.0.0.1 only and asks for a generated password, which reaches it through standard input because a
 * command line can be read by everybody. A server that still runs for the folder is adopted, as with Postgres.
 */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../kernel/errors.ts'
import { giveToOwnerOf, openDataFolder, pathsOf, readFileIfThere, readOrCreateSecret, withFolderLock } from './data-folder.ts'
import type { EmbeddedServer, EmbeddedServerDeps, EmbeddedServerOptions } from './embedded-server.ts'
import { findFreePort } from './free-port.ts'
import { keepServer, visitServer } from './keep-server.ts'
import { findRedisProgram } from './redis-program.ts'
import { redisPidThatAnswers } from './server-answers.ts'
import { startServerProcess } from './server-process.ts'
import { isKept, readServerRecord } from './server-record.ts'

/** Ports that were free when asked and taken when used; so many in a row do not happen. */
const portAttemptsMax = 10
/** It has nothing to save, so the polite signal is answered at once. */
const ending = [
  { signal: 'SIGTERM', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const

export interface EmbeddedRedisOptions extends EmbeddedServerOptions {
  /** The PATH to look for a Redis in. */
  readonly searchPath: string
}

/** Starts Redis for the folder, or adopts the one that runs for it. */
export async function startEmbeddedRedis(deps: EmbeddedServerDeps, options: EmbeddedRedisOptions): Promise<EmbeddedServer> {
  const folder = await openDataFolder(options.folder)
  const paths = pathsOf(folder, 'redis')
  return await withFolderLock(deps.clock, paths.lock, async () => {
    const password = await readOrCreateSecret(paths.password)
    const record = await readServerRecord(paths.record)
    const pid = record === undefined ? undefined : await redisPidThatAnswers(record.port, password)
    if (record !== undefined && pid !== undefined) {
      const server = { pid, port: record.port, url: urlOf(password, record.port), reused: true }
      if (record.pid === pid && (await isKept(record))) return visitServer(server)
      return await keepServer(deps.clock, server, { recordFile: paths.record, ending, guardianSignal: 'TERM' })
    }
    const program = await findRedisProgram({ folder, searchPath: options.searchPath, progress: deps.progress })
    await mkdir(paths.data, { recursive: true, mode: 0o700 })
    await giveToOwnerOf(folder, paths.data)
    const portFirst = options.portPreferred === 0 ? 0 : (record?.port ?? options.portPreferred)
    let port = await findFreePort(portFirst)
    for (let attempt = 1; attempt <= portAttemptsMax; attempt++) {
      const start = await startServerProcess(
        deps.clock,
        { ...program, args: ['-'], input: configuration({ port, password, data: paths.data }), logFile: join(paths.data, 'server.log') },
        async (started) => (await redisPidThatAnswers(port, password)) === started,
      )
      if (start.kind === 'ready') {
        const server = { pid: start.pid, port, url: urlOf(password, port), reused: false }
        return await keepServer(deps.clock, server, { recordFile: paths.record, ending, guardianSignal: 'TERM' })
      }
      if (start.kind === 'failed') throw new AppError('embedded-server-failed', `Redis did not start: ${start.reason}`)
      port = await findFreePort(portFirst === 0 ? 0 : port + 1)
    }
    throw new AppError('port-exhausted', `no port stayed free long enough to start Redis, ${portAttemptsMax} tried`)
  })
}

/** The URL of the Redis that runs for the folder; null when none does. Nothing is made or started. */
export async function findEmbeddedRedis(folder: string): Promise<string | null> {
  const paths = pathsOf(resolve(folder), 'redis')
  const record = await readServerRecord(paths.record)
  const password = (await readFileIfThere(paths.password))?.trim()
  if (record === undefined || password === undefined) return null
  return (await redisPidThatAnswers(record.port, password)) === undefined ? null : urlOf(password, record.port)
}

function urlOf(password: string, port: number): string {
  return `redis://:${password}@127.0.0.1:${port}/0`
}

function configuration(options: { port: number; password: string; data: string }): string {
  return [
    `bind 127.0.0.1`,
    `port ${options.port}`,
    `requirepass ${options.password}`,
    `dir "${options.data.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    `daemonize no`,
    `save ""`,
    `appendonly no`,
    `maxmemory-policy noeviction`,
    '',
  ].join('\n')
}
