/**
 * New ids: unique for the life of a world, always carrying a current time.
 *
 * discord.js recognises ids by 17 to 19 digits and reads their time (old messages use another rate limit bucket), so
 * invented small numbers would not do. Guild ids get a millisecond each, because Discord routes a guild to its shard
 * by the time bits alone: guilds made in the same millisecond would all meet on one shard.
 */
import type { Clock } from '../../kernel/clock.ts'
import { snowflakeAt } from '../../kernel/ids.ts'

/** The counters of the generator; part of the saved world, so that a restart never gives an id twice. */
export interface SnowflakeCounters {
  low: number
  lastGuildMs: number
}

export interface Snowflakes {
  next(): string
  nextGuild(): string
}

/** Guild ids begin this far in the past, so that thousands of them, one a millisecond, are not in the future. */
const guildIdLeadMs = 3_600_000
const low22Values = 2 ** 22

export function createSnowflakes(clock: Clock, counters: SnowflakeCounters): Snowflakes {
  return {
    next() {
      counters.low = (counters.low + 1) % low22Values
      return snowflakeAt(clock.wallMs(), counters.low)
    },
    nextGuild() {
      counters.lastGuildMs = Math.max(counters.lastGuildMs + 1, Math.trunc(clock.wallMs()) - guildIdLeadMs)
      return snowflakeAt(counters.lastGuildMs)
    },
  }
}
