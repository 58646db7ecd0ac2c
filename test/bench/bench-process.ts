/**
 * A child of a row: one entry of this folder in a process of its own, spoken to by plain messages.
 */
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface BenchProcess {
  readonly pid: number
  send(message: object): void
  /** The next message of this kind that has not been taken yet; rejects when the process ends before it. */
  next<Message extends { readonly kind: string }>(kind: Message['kind']): Promise<Message>
  /** Resolves at the exit event. */
  readonly exited: Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Lets it end by itself. */
  stop(): Promise<void>
}

const loader = import.meta.resolve('tsx')

export function startBenchProcess(
  entry: string,
  environment: Readonly<Record<string, string>>,
  options: { readonly args?: readonly string[]; readonly nodeFlags?: readonly string[] } = {},
): BenchProcess {
  // BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir=…" profiles every process of a row.
  const flags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '')
  const child = fork(fileURLToPath(new URL(`./${entry}`, import.meta.url)), [...(options.args ?? [])], {
    execArgv: ['--import', loader, ...(options.nodeFlags ?? []), ...flags],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], BENCH_NODE_FLAGS: flags.join(' '), ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return wrap(child, entry)
}

function wrap(child: ChildProcess, entry: string): BenchProcess {
  const come: { readonly kind: string }[] = []
  const waiting: { readonly kind: string; readonly resolve: (message: never) => void; readonly reject: (error: Error) => void }[] = []
  let mayEnd = false
  const exited = new Promise<void>((resolve) =>
    child.once('exit', (exitCode, signal) => {
      resolve()
      // Whoever waits for its answers would wait for ever: the row ends here, loudly.
      if (!mayEnd && exitCode !== 0) throw new Error(`${entry} ended by itself: ${signal ?? exitCode}`)
    }),
  )
  child.on('message', (message: { kind: string }) => {
    const at = waiting.findIndex(({ kind }) => kind === message.kind)
    if (at < 0) come.push(message)
    else waiting.splice(at, 1)[0]?.resolve(message as never)
  })
  void exited.then(() => {
    for (const { kind, reject } of waiting.splice(0)) reject(new Error(`${entry} ended before it said "${kind}"`))
  })
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.send(message),
    next(kind) {
      const at = come.findIndex((message) => message.kind === kind)
      if (at >= 0) return Promise.resolve(come.splice(at, 1)[0] as never)
      return new Promise((resolve, reject) => waiting.push({ kind, resolve, reject }))
    },
    exited,
    kill(signal) {
      mayEnd = true
      child.kill(signal)
    },
    async stop() {
      mayEnd = true
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
