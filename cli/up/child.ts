/**
 * A process that `muster up` started: its log goes to a file, its messages to a listener, its end to a promise.
 *
 * It gets only the environment it is given here. Standard error is shown on the terminal as well: processes of this
 * house write there only sentences for a person. Ending it is SIGTERM, and SIGKILL by pid when it takes too long.
 */
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import type { Clock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'

export interface ChildExit {
  readonly exitCode: number | null
  readonly signal: string | null
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  readonly exited: Promise<ChildExit>
  /** Resolves with the first message that `pick` takes; rejects with `child-failed` when the process ends before, or on abort. */
  waitFor<Value>(signal: AbortSignal, pick: (message: unknown) => Value | undefined): Promise<Value>
  onMessage(listener: (message: unknown) => void): void
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly name: string
  /** File of the process without its extension, relative to the root of the house. */
  readonly program: string
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
  /** Longest wait between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs: number
}

/** What every process may know of the machine; the rest of our environment is nobody's business. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'] as const

export function startChild(deps: { readonly clock: Clock }, options: ChildOptions): Child {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const file = new URL(`../../${options.program}.${extension}`, import.meta.url)
  const base = Object.fromEntries(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  const child = fork(file, {
    env: { ...base, ...options.environment },
    execArgv: process.execArgv,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-c reaches the whole group of the terminal: the order in which the house ends is ours to keep.
    detached: true,
  })
  const log = createWriteStream(options.logFile, { flags: 'a' })
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  child.stderr?.pipe(process.stderr, { end: false })
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('close', (exitCode, signal) => {
      log.end()
      resolve({ exitCode, signal })
    })
  })
  return {
    name: options.name,
    pid: child.pid ?? 0,
    logFile: options.logFile,
    exited,
    onMessage: (listener) => void child.on('message', listener),
    waitFor: (signal, pick) => waitForMessage(child, options.name, { exited, signal, pick }),
    stop: () => stopChild(deps.clock, child, { exited, timeoutMs: options.stopTimeoutMs }),
  }
}

function waitForMessage<Value>(
  child: ChildProcess,
  name: string,
  options: { exited: Promise<ChildExit>; signal: AbortSignal; pick: (message: unknown) => Value | undefined },
): Promise<Value> {
  return new Promise((resolve, reject) => {
    options.signal.addEventListener('abort', () => reject(options.signal.reason as Error), { once: true })
    const listener = (message: unknown): void => {
      const value = options.pick(message)
      if (value === undefined) return
      child.off('message', listener)
      resolve(value)
    }
    child.on('message', listener)
    void options.exited.then(({ exitCode, signal }) => {
      const how = signal === null ? `exit code ${exitCode}` : signal
      reject(new AppError('child-failed', `${name} ended before it was ready (${how})`, { context: { name, exitCode } }))
    })
  })
}

async function stopChild(
  clock: Clock,
  child: ChildProcess,
  options: { exited: Promise<ChildExit>; timeoutMs: number },
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const timer = clock.after(options.timeoutMs, () => child.kill('SIGKILL'))
    child.kill('SIGTERM')
    await options.exited
    timer.cancel()
  }
}
