/**
 * A process of the run: a program of this folder with an IPC channel, its output in a file of the run.
 *
 * It is ended by its pid and by nothing else. While it is stopped a guardian stands beside it: a stopped process does
 * not notice that the nemesis is gone.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startGuardian } from '../../cli/embedded/guardian.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { machineMs } from './machine-time.ts'

export interface ChildEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** When the exit was seen, machine time. */
  readonly at: number
}

export interface Child<Sent, Heard> {
  readonly name: string
  readonly pid: number
  readonly exited: Promise<ChildEnd>
  readonly hasExited: () => boolean
  send(message: Sent): void
  onMessage(listener: (message: Heard) => void): void
  /** The next message of this kind; rejects when the process ends before it. */
  next<Kind extends Heard extends { kind: infer Any } ? Any : never>(kind: Kind): Promise<Extract<Heard, { kind: Kind }>>
  signal(signal: NodeJS.Signals): void
}

const loader = import.meta.resolve('tsx')

export function startChild<Sent extends object, Heard extends { readonly kind: string }>(options: {
  readonly name: string
  /** A program of this folder. */
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
}): Child<Sent, Heard> {
  const log = openSync(options.logFile, 'a')
  const entry = fileURLToPath(new URL(options.program, import.meta.url))
  const child = spawn(process.execPath, ['--import', loader, entry, ...options.args], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...options.environment },
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const exited = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, at: machineMs() }))
  })
  // A message to a process that has just ended: its end is told by `exited`.
  child.on('error', () => undefined)
  return {
    name: options.name,
    pid: child.pid ?? 0,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    send: (message) => {
      if (child.connected) child.send(message)
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as Heard)),
    next: (kind) => nextMessage(child, exited, { kind, name: options.name }),
    signal: (signal) => signalProcess(child.pid ?? 0, signal),
  }
}

function nextMessage<Message>(
  child: ChildProcess,
  exited: Promise<ChildEnd>,
  { kind, name }: { kind: string; name: string },
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      if ((message as { kind: string }).kind !== kind) return
      child.off('message', listen)
      resolve(message as Message)
    }
    child.on('message', listen)
    void exited.then((end) => reject(new Error(`${name} ended (${JSON.stringify(end)}) before it was ${kind}`)))
  })
}

export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    const error = coerceError(thrown)
    // It ended by itself meanwhile.
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

/** SIGSTOP to all of them; answers how they are let go on. */
export function stopProcesses(pids: readonly number[]): { resume(): Promise<void> } {
  const guardians = pids.map((pid) => startGuardian({ pid, signal: 'KILL' }))
  for (const pid of pids) signalProcess(pid, 'SIGSTOP')
  return {
    async resume() {
      for (const pid of pids.toReversed()) signalProcess(pid, 'SIGCONT')
      await Promise.all(guardians.map((guardian) => guardian.dismiss()))
    },
  }
}
