/**
 * Clients that ask without a pause over connections they keep, as a busy evening does, and write down what did not come
 * back as it should. Nothing is asked twice: a request that fails because its connection was closed under it counts.
 */
import { Agent, request } from 'node:http'
import { coerceError } from '../../kernel/errors.ts'

export interface SteadyRequests {
  /** Answers so far. */
  answered(): number
  /** Resolves when so many more have been answered, or failed. */
  more(count: number): Promise<void>
  /** Asks nothing new; resolves with everything that went wrong. */
  end(): Promise<{ readonly answered: number; readonly failures: readonly string[] }>
}

const timeoutMs = 15_000

/** `paths` are asked in turn; an answer other than 200 is a failure. */
export function startSteadyRequests(options: { readonly port: number; readonly clients: number; readonly paths: readonly string[] }): SteadyRequests {
  const agent = new Agent({ keepAlive: true, maxSockets: options.clients })
  const failures: string[] = []
  let answered = 0
  let isEnding = false
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>()
  const count = (): number => answered + failures.length
  const note = (failure: string | null): void => {
    if (failure === null) answered += 1
    else failures.push(failure)
    for (const entry of waiting) {
      if (count() < entry.at) continue
      waiting.delete(entry)
      entry.resolve()
    }
  }
  const client = async (index: number): Promise<void> => {
    for (let turn = index; !isEnding; turn += 1) {
      const path = options.paths[turn % options.paths.length] ?? '/'
      note(await ask(agent, options.port, path))
    }
  }
  const clients = Array.from({ length: options.clients }, (_, index) => client(index))
  return {
    answered: () => answered,
    more: (wanted) => new Promise((resolve) => waiting.add({ at: count() + wanted, resolve })),
    async end() {
      isEnding = true
      await Promise.all(clients)
      agent.destroy()
      return { answered, failures }
    },
  }
}

/** null: answered as it should be. */
function ask(agent: Agent, port: number, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request({ agent, host: '127.0.0.1', port, path, timeout: timeoutMs }, (response) => {
      response.on('error', (error) => resolve(`${path}: ${error.message} in the answer`))
      response.resume().on('end', () => resolve(response.statusCode === 200 ? null : `${path}: ${response.statusCode}`))
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    asked.on('error', (error) => resolve(`${path}: ${coerceError(error).message}${asked.reusedSocket ? ' on a kept connection' : ''}`))
    asked.end()
  })
}
