/**
 * How often passphrases may be tried: a few a minute and guild, counted before any work is done.
 *
 * Kept in memory: a guild's interactions all come to the process that hears its shard. Bounded by the guilds that tried
 * within the window.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { GuildId } from '../../kernel/ids.ts'

const windowMs = 60_000
export const attemptsPerMinuteMax = 5

export class AttemptLimit {
  readonly #clock: Clock
  /** Monotonic ms of the attempts within the window, oldest first. */
  readonly #attempts = new Map<GuildId, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts an attempt. Otherwise the milliseconds until there may be another. */
  tryTake(guildId: GuildId): { readonly ok: true } | { readonly ok: false; readonly waitMs: number } {
    const now = this.#clock.monotonicMs()
    for (const [guild, times] of this.#attempts) {
      while (times[0] !== undefined && times[0] <= now - windowMs) times.shift()
      if (times.length === 0) this.#attempts.delete(guild)
    }
    const own = this.#attempts.get(guildId) ?? []
    const [oldest] = own
    if (oldest !== undefined && own.length >= attemptsPerMinuteMax) return { ok: false, waitMs: oldest + windowMs - now }
    this.#attempts.set(guildId, [...own, now])
    return { ok: true }
  }
}
