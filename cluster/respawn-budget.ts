/**
 * How long to wait before a process is spawned again: at once after a good life, longer after each bad one.
 *
 * Every spawn costs an IDENTIFY for each shard of the process, and Discord allows 1,000 a day: a process that dies again
 * and again must not spend them. A life that was ready for a while wipes the slate clean.
 */
import type { Clock } from '../kernel/clock.ts'

const delayMsMin = 250
/** One IDENTIFY a minute and shard stays far below the daily thousand for all but the largest bots. */
export const respawnDelayMsMaxDefault = 60_000
/** Ready for this long counts as a good life. */
const goodLifeMs = 60_000

interface Life {
  badLives: number
  readySinceMs: number | null
}

export class RespawnBudget {
  readonly #clock: Clock
  readonly #delayMsMax: number
  readonly #lives = new Map<number, Life>()

  constructor(clock: Clock, options: { readonly delayMsMax: number }) {
    this.#clock = clock
    this.#delayMsMax = options.delayMsMax
  }

  noteReady(clusterId: number): void {
    this.#lifeOf(clusterId).readySinceMs = this.#clock.monotonicMs()
  }

  /** The process exited: how long to wait. 0 after a good life. */
  nextDelayMs(clusterId: number): number {
    const life = this.#lifeOf(clusterId)
    const wasGood = life.readySinceMs !== null && this.#clock.monotonicMs() - life.readySinceMs >= goodLifeMs
    const wasReady = life.readySinceMs !== null
    life.readySinceMs = null
    if (wasGood) life.badLives = 0
    const { badLives } = life
    life.badLives += 1
    // The first exit of a process that was serving is respawned at once: its people are waiting.
    if (badLives === 0 && wasReady) return 0
    return Math.min(this.#delayMsMax, delayMsMin * 2 ** Math.min(badLives, 16))
  }

  /** Lives in a row that ended badly, the newest included. */
  badLivesOf(clusterId: number): number {
    return this.#lifeOf(clusterId).badLives
  }

  #lifeOf(clusterId: number): Life {
    let life = this.#lives.get(clusterId)
    if (life === undefined) {
      life = { badLives: 0, readySinceMs: null }
      this.#lives.set(clusterId, life)
    }
    return life
  }
}
