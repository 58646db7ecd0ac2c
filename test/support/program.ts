/**
 * A process of the house as a test starts it: what it says is kept, its messages and its end can be waited for.
 *
 * Nothing is waited for by time: messages, lines and the end are events. A process that outlives its test fails that test.
 * Ending is always by pid.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { mustEnd } from './leaks.ts'

export interface ProgramExit {
  readonly exitCode: number | null
  readonly signal: string | null
}

export interface Program {
  readonly name: string
  readonly pid: number
  /** Everything printed so far, both streams as they came. */
  output(): string
  errors(): string
  lines(): readonly string[]
  /** Resolves with the first message, past or future, that `pick` takes; rejects when the process ends without it. */
  message<Value>(pick: (message: unknown) => Value | undefined): Promise<Value>
  onMessage(listener: (message: unknown) => void): void
  /** Resolves with the first line, past or future, that matches; rejects when the process ends without it. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  readonly exited: Promise<ProgramExit>
  /** Ended, and so has everybody who inherited its output: all has been said. */
  readonly closed: Promise<ProgramExit>
  kill(signal?: NodeJS.Signals): void
  /** To the whole process group, as a terminal does on ctrl-c. Only for programs started with `ownGroup`. */
  killGroup(signal: NodeJS.Signals): void
}

export interface ProgramOptions {
  readonly name: string
  /** Entry file, relative to the root of the house: source, or what `npm run build` made of it (`dist/….js`). */
  readonly entry: string
  readonly args?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly folder?: string
  /** With an IPC channel the process is a child that speaks; without, a command somebody typed. */
  readonly ipc: boolean
  readonly ownGroup?: boolean
}

/** Absolute, so that a program may be started in any folder. */
const loader = import.meta.resolve('tsx')

export function startProgram(options: ProgramOptions): Program {
  const entry = fileURLToPath(new URL(`../../${options.entry}`, import.meta.url))
  const loading = entry.endsWith('.ts') ? ['--import', loader] : []
  const child = spawn(process.execPath, [...loading, entry, ...(options.args ?? [])], {
    cwd: options.folder ?? process.cwd(),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.environment },
    stdio: options.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
  })
  mustEnd(options.name, () => child.exitCode === null && child.signalCode === null)
  return watch(child, options.name)
}

function watch(child: ChildProcess, name: string): Program {
  let output = ''
  let errors = ''
  let end: ProgramExit | null = null
  const messages: unknown[] = []
  const looks = new Set<() => void>()
  const wake = (): void => {
    for (const look of looks) look()
  }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    wake()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    errors += text
    wake()
  })
  child.on('message', (message) => {
    messages.push(message)
    wake()
  })
  const exited = new Promise<ProgramExit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
  const closed = new Promise<ProgramExit>((resolve) => {
    child.once('close', (exitCode, signal) => {
      end = { exitCode, signal }
      wake()
      resolve(end)
    })
  })
  const until = <Value>(look: () => Value | undefined, what: string): Promise<Value> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look()
        if (found === undefined && end === null) return
        looks.delete(check)
        if (found === undefined) reject(new Error(`${name} ended (${JSON.stringify(end)}) without ${what}:\n${output}`))
        else resolve(found)
      }
      looks.add(check)
      check()
    })
  const signal = (pid: number, sent: NodeJS.Signals): void => {
    try {
      process.kill(pid, sent)
    } catch (thrown) {
      // Ended by itself in the meantime.
      if (codeOf(coerceError(thrown)) !== 'ESRCH') throw thrown
    }
  }
  const pid = child.pid ?? 0
  return {
    name,
    pid,
    output: () => output,
    errors: () => errors,
    lines: () => output.split('\n'),
    message(pick) {
      for (const message of messages) {
        const value = pick(message)
        if (value !== undefined) return Promise.resolve(value)
      }
      return until(() => {
        const last = messages.at(-1)
        return last === undefined ? undefined : pick(last)
      }, 'the message waited for')
    },
    onMessage: (listener) => void child.on('message', listener),
    line: (pattern) => until(() => firstMatch(output, pattern), `a line like ${pattern}`),
    exited,
    closed,
    kill: (sent = 'SIGTERM') => signal(pid, sent),
    killGroup: (sent) => signal(-pid, sent),
  }
}

function firstMatch(text: string, pattern: RegExp): RegExpExecArray | undefined {
  for (const line of text.split('\n')) {
    const match = pattern.exec(line)
    if (match !== null) return match
  }
  return undefined
}

/** A zombie counts as gone: an orphan's new parent may be slow to reap it. */
export function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    const stat = readStat(pid)
    return stat !== null && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  }
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return codeOf(coerceError(thrown)) === 'EPERM'
  }
}

function readStat(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (thrown) {
    // No such process: there is nothing more to know.
    coerceError(thrown)
    return null
  }
}
