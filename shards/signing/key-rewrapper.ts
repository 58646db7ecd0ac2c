/**
 * Re-wraps guild keys under the first key-encryption key, a few at a time, in the process that hears shard 0.
 *
 * Nothing waits for it: the older keys still unwrap. When a round finds nothing left, the next one comes in an hour, for
 * keys that a process with an older configuration may have made meanwhile.
 */
import type { RewrapDeps } from '../../actors/records/key-rewrap.ts'
import { rewrapStep } from '../../actors/records/key-rewrap.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'

const keysPerStepMax = 20
const stepIntervalMs = 1_000
const roundIntervalMs = 3_600_000

export class KeyRewrapper {
  readonly #deps: RewrapDeps & { readonly clock: Clock; readonly log: Log }
  #timer: Timer | null = null
  #stepping: Promise<void> = Promise.resolve()
  #after: string | null = null
  #stopped = false

  constructor(deps: RewrapDeps & { readonly clock: Clock; readonly log: Log }) {
    this.#deps = deps
  }

  start(): void {
    this.#later(stepIntervalMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#stepping
  }

  #later(delayMs: number): void {
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#stepping = this.#step().then((nextDelayMs) => {
        if (!this.#stopped) this.#later(nextDelayMs)
      })
    })
  }

  async #step(): Promise<number> {
    const { log } = this.#deps
    try {
      const { rewrapped, failed, next } = await rewrapStep(this.#deps, { after: this.#after, limit: keysPerStepMax })
      if (rewrapped > 0) log.info('guild keys wrapped by the first key-encryption key', { rewrapped })
      for (const { keyId, guildId, problem } of failed) log.error('guild key not wrapped anew', { keyId, guildId, problem })
      this.#after = next
      return next === null ? roundIntervalMs : stepIntervalMs
    } catch (thrown) {
      log.warn('guild keys not wrapped anew', { error: coerceError(thrown) })
      return roundIntervalMs / 60
    }
  }
}
