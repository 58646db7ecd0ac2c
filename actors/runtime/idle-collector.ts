/**
 * Releases guilds that nobody needs in memory: unused for three minutes, or the least recently used past the cap.
 *
 * Only a quiet guild without open work is released; its state is snapshotted first, so that it comes back fast. A guild
 * that is used again meanwhile simply stays. Long before that, a guild that nobody asks is put to rest: open work or not,
 * it stays in memory and takes little of it.
 */
import { waitFor } from '../../kernel/clock.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { Activation } from './activation.ts'
import type { Catalog } from './catalog.ts'
import type { Snapshotter } from './snapshotter.ts'

const lookIntervalMs = 5_000
/** Guilds packed before the event loop is let breathe: about 3 ms. */
const restsPerBreathMax = 32
/** Releases that go on at once: each may write a snapshot. */
const releasesAtOnceMax = 32

export class IdleCollector {
  readonly #deps: {
    readonly catalog: Catalog
    readonly snapshotter: Snapshotter
    readonly clock: Clock
    readonly log: Log
  }
  #timer: Timer | null = null
  #collecting: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(deps: {
    readonly catalog: Catalog
    readonly snapshotter: Snapshotter
    readonly clock: Clock
    readonly log: Log
  }) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = this.#deps.clock.after(lookIntervalMs, () => {
      this.#collecting = this.collect()
      void this.#collecting.finally(() => {
        if (!this.#stopped) this.start()
      })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#collecting
  }

  /** One look: releases what is idle, and past the cap the least recently used. */
  async collect(): Promise<void> {
    const { catalog, clock, log } = this.#deps
    const now = clock.monotonicMs()
    const overCap = Math.max(0, catalog.activationCount - limits.activationsMax)
    const idle = catalog.releasable(now - limits.idleReleaseMs)
    const chosen = overCap > idle.length ? catalog.releasable(now).slice(0, overCap) : idle
    await this.#restSome(catalog.restable(now - limits.restAfterMs))
    let released = 0
    for (let from = 0; from < chosen.length && !this.#stopped; from += releasesAtOnceMax) {
      const some = chosen.slice(from, from + releasesAtOnceMax)
      const outcomes = await Promise.all(some.map(({ guildId }) => this.#release(guildId)))
      released += outcomes.filter(Boolean).length
    }
    if (released > 0) log.debug('guilds released', { released, left: catalog.activationCount })
  }

  async #restSome(quiet: readonly Activation[]): Promise<void> {
    const { catalog, snapshotter, clock, log } = this.#deps
    let rested = 0
    for (const [index, activation] of quiet.entries()) {
      if (index % restsPerBreathMax === restsPerBreathMax - 1) await waitFor(clock, 0)
      if (this.#stopped) return
      // Asked again meanwhile, or gone: another look finds it.
      if (!activation.canRest || snapshotter.isWriting(activation)) continue
      catalog.rest(activation)
      rested += 1
    }
    if (rested > 0) log.debug('guilds put to rest', { rested })
  }

  async #release(guild: GuildId): Promise<boolean> {
    if (this.#deps.catalog.releaseResting(guild)) return true
    const activation = this.#deps.catalog.find(guild)
    if (activation === undefined) return false
    const usedAt = activation.usedAt
    await this.#deps.snapshotter.writeNow(activation)
    if (activation.phase !== 'active' || activation.usedAt !== usedAt || !activation.isQuiet) return false
    this.#deps.catalog.release(activation)
    return true
  }
}
