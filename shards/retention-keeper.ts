/**
 * Runs the retention sweep, one small step at a time, in the process that hears shard 0.
 *
 * A whole round takes some minutes and is felt by nobody. A step that fails is no loss: the rows are still there for the
 * next one.
 */
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

const stepIntervalMs = 250

export interface RetentionKeeperDeps {
  /** One step; answers how many rows went. */
  step(): Promise<number>
  readonly clock: Clock
  readonly log: Log
}

export class RetentionKeeper {
  readonly #deps: RetentionKeeperDeps
  #timer: Timer | null = null
  #stepping: Promise<void> = Promise.resolve()
  #stopped = false
  #failing = false

  constructor(deps: RetentionKeeperDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = this.#deps.clock.after(stepIntervalMs, () => {
      this.#stepping = this.#step().then(() => {
        if (!this.#stopped) this.start()
      })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#stepping
  }

  async #step(): Promise<void> {
    try {
      const gone = await this.#deps.step()
      if (gone > 0) this.#deps.log.debug('old rows swept', { rows: gone })
      this.#failing = false
    } catch (thrown) {
      if (!this.#failing) this.#deps.log.warn('retention sweep failed', { error: coerceError(thrown) })
      this.#failing = true
    }
  }
}
