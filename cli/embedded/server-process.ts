/**
 * Starts a server program and waits until it is ready, ends by itself, or takes too long.
 *
 * The program gets a session of its own, a minimal environment (nothing of ours leaks into it, no PGPORT bends it)
 * and a log file instead of pipes, so that it can outlive us. It stays our child: `stop` and the guardian end it.
 */
import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { waitFor } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { giveToOwnerOf } from './data-folder.ts'
import { lookAgainMs, startTimeoutMs } from './embedded-server.ts'

export interface ServerProgram {
  readonly file: string
  readonly args: readonly string[]
  /** Written to standard input, which is then closed: how secrets reach a program without showing in `ps`. */
  readonly input?: string
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly environment?: Readonly<Record<string, string>>
  readonly logFile: string
}

export type ServerStart =
  | { readonly kind: 'ready'; readonly pid: number }
  | { readonly kind: 'port-taken' }
  | { readonly kind: 'failed'; readonly reason: string }

/** Starts the program; `isReady` is asked again and again with its pid. A start that fails leaves no process. */
export async function startServerProcess(
  clock: Clock,
  program: ServerProgram,
  isReady: (pid: number) => Promise<boolean>,
): Promise<ServerStart> {
  const logHandle = await open(program.logFile, 'w', 0o600)
  await giveToOwnerOf(dirname(program.logFile), program.logFile)
  let ended: string | undefined
  const child = spawn(program.file, [...program.args], {
    detached: true,
    stdio: ['pipe', logHandle.fd, logHandle.fd],
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...program.environment },
    ...program.user,
  })
  child.once('error', (thrown) => (ended = coerceError(thrown).message))
  child.once('exit', (status, signal) => (ended ??= signal === null ? `exit status ${status ?? '?'}` : `ended by ${signal}`))
  child.stdin?.on('error', () => undefined) // A program that ended early does not read; `ended` tells why.
  child.stdin?.end(program.input ?? '')
  child.unref()
  await logHandle.close()
  const deadlineMs = clock.monotonicMs() + startTimeoutMs
  while (ended === undefined) {
    if (child.pid !== undefined && (await isReady(child.pid))) return { kind: 'ready', pid: child.pid }
    if (clock.monotonicMs() >= deadlineMs) {
      child.kill('SIGKILL')
      ended = `not ready after ${startTimeoutMs} ms`
    }
    await waitFor(clock, lookAgainMs)
  }
  return await explainFailure(program.logFile, ended)
}

async function explainFailure(logFile: string, ended: string): Promise<ServerStart> {
  const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  if (lines.some((line) => /address already in use/i.test(line))) return { kind: 'port-taken' }
  const telling = lines.findLast((line) => /fatal|panic|error|can't|could not/i.test(line)) ?? lines.at(-1)
  return { kind: 'failed', reason: telling === undefined ? ended : `${telling.trim()} (${ended})` }
}
