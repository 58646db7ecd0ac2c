/**
 * The API process as a program: started from its entry file, asked over HTTP, ended by its own signals.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { encodeBase64 } from '../../actors/records/base64.ts'
import type { TrustedClusterKeys } from '../../actors/records/cluster-key.ts'
import { mustEnd } from './leaks.ts'

const entry = fileURLToPath(new URL('../../api/main.ts', import.meta.url))

export interface EndedProgram {
  readonly exitCode: number | null
  readonly output: string
}

export interface ApiProgram {
  readonly child: ChildProcess
  /** Resolves with the port, rejects when it ended before it was ready. */
  readonly ready: Promise<number>
  readonly ended: Promise<EndedProgram>
}

/** Nothing of the surrounding environment but what a program needs to run. */
export function startApi(environment: Readonly<Record<string, string>>): ApiProgram {
  const child = fork(entry, {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', API_PORT: '0', API_DRAIN_NOTICE_MS: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  mustEnd('api process', () => child.exitCode === null && child.signalCode === null)
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  // Not `close`: after disconnect() Node waits with it for a channel that is already gone.
  const ended = Promise.all([once(child, 'exit'), endOf(child.stdout), endOf(child.stderr)]).then(
    ([[exitCode]]): EndedProgram => ({ exitCode: exitCode as number | null, output }),
  )
  const ready = new Promise<number>((resolve, reject) => {
    child.on('message', (message: { kind?: unknown; port?: unknown }) => {
      if (message.kind === 'ready' && typeof message.port === 'number') resolve(message.port)
    })
    ended.then(({ exitCode }) => reject(new Error(`the API ended with ${exitCode}: ${output}`))).catch(reject)
  })
  ready.catch(() => undefined) // Who waits for it is told; who expects it to end does not wait.
  return { child, ready, ended }
}

async function endOf(stream: NodeJS.ReadableStream | null): Promise<void> {
  if (stream !== null) await once(stream, 'end')
}

export function publicKeysText(trusted: TrustedClusterKeys): string {
  return [...trusted.values()].map(encodeBase64).join(',')
}
