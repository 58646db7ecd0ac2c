/**
 * What only the manager knows, for `muster status`: topology and phase, processes that are not there and why, Discord's
 * budget of logins, what an operator has asked. Written every two seconds, forgotten soon after the manager is gone.
 */
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { ChildFacts } from './shard-child.ts'
import type { RescaleProgress, Shape } from './wish.ts'

const writeIntervalMs = 2_000
/** Two that are lost in a row, and a busy machine. */
const ttlMs = 8_000

export interface ManagerStatus {
  readonly kind: 'manager'
  readonly manager: string
  readonly pid: number
  /** Unix ms by the clock of this machine. */
  readonly at: number
  readonly topology: Shape | null
  /** True while every shard has a process that is ready. */
  readonly isWhole: boolean
  readonly processes: readonly ChildFacts[]
  readonly identify: { readonly left: number; readonly total: number; readonly resetAfterMs: number } | null
  /** What is being done, as it would be typed, and how far it has come. */
  readonly request: { readonly name: string; readonly progress: RescaleProgress } | null
}

export interface StatusWriterDeps {
  readonly clock: Clock
  readonly log: Log
  write(status: string, ttlMs: number): Promise<void>
  read(): ManagerStatus
}

export class StatusWriter {
  readonly #deps: StatusWriterDeps
  #timer: Timer | null = null
  #isStopped = false
  #isFailing = false

  constructor(deps: StatusWriterDeps) {
    this.#deps = deps
  }

  start(): void {
    void this.#write()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  async #write(): Promise<void> {
    try {
      await this.#deps.write(JSON.stringify(this.#deps.read()), ttlMs)
      this.#isFailing = false
    } catch (thrown) {
      // Redis is away: nothing depends on it.
      if (!this.#isFailing) this.#deps.log.debug('status could not be written', { error: coerceError(thrown) })
      this.#isFailing = true
    }
    if (!this.#isStopped) this.#timer = this.#deps.clock.after(writeIntervalMs, () => void this.#write())
  }
}
