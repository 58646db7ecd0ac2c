/**
 * The health and the metrics of the shard processes, asked of each where it told the manager that it listens.
 *
 * A child that does not answer within its second is told as such; nobody waits longer for it.
 */
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface ChildDoor {
  readonly pid: number
  /** As in its logs and metrics. */
  readonly process: string
  readonly generation: number
  /** On this machine. */
  readonly port: number
}

export interface ChildHealth extends ChildDoor {
  /** Its own `/health`, or null when it does not answer. */
  readonly body: Readonly<Record<string, unknown>> | null
}

const answerTimeoutMs = 1_500

export class ChildVitals {
  readonly #log: Log
  readonly #doors = new Map<number, ChildDoor>()

  constructor(deps: { readonly log: Log }) {
    this.#log = deps.log
  }

  open(door: ChildDoor): void {
    this.#doors.set(door.pid, door)
  }

  close(pid: number): void {
    this.#doors.delete(pid)
  }

  /** In the order in which they began to listen. Never rejects. */
  async health(): Promise<readonly ChildHealth[]> {
    return await Promise.all(
      [...this.#doors.values()].map(async (door) => {
        const text = await this.#ask(door, '/health')
        return { ...door, body: text === null ? null : (JSON.parse(text) as Record<string, unknown>) }
      }),
    )
  }

  /** The pages of those that answer. Never rejects. */
  async metrics(): Promise<readonly string[]> {
    const pages = await Promise.all([...this.#doors.values()].map((door) => this.#ask(door, '/metrics')))
    return pages.filter((page) => page !== null)
  }

  async #ask(door: ChildDoor, path: string): Promise<string | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${door.port}${path}`, { signal: AbortSignal.timeout(answerTimeoutMs) })
      const text = await response.text()
      return response.ok ? text : null
    } catch (thrown) {
      // Being asked is not being needed: whoever asked is told that it does not answer.
      this.#log.debug('shard process does not answer', { process: door.process, pid: door.pid, path, error: coerceError(thrown) })
      return null
    }
  }
}
