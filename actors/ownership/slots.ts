/**
 * Which slot a guild lives in, and which shard hears a slot. Pure arithmetic.
 *
 * Discord routes a guild to shard (guild_id >> 22) % shardCount. Slots use the same bits modulo 384, so for every
 * allowed shard count (a divisor of 384) all guilds of a slot are heard by the same shard.
 * https://docs.discord.com/developers/events/gateway#sharding
 */
import { assert } from '../../kernel/assert.ts'
import type { GuildId, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { allowedShardCounts } from '../../kernel/shard-counts.ts'

/** floor(id / 2^22) mod 384 is told by the id modulo 384 · 2^22. */
const idModulus = limits.slotCount * 2 ** 22
/** So many digits at a time stay exact: 384 · 2^22 · 10^6 is below 2^53. */
const digitsAtOnce = 6

/** Every command comes by here: plain arithmetic takes a tenth of the time that BigInt does. */
export function slotOf(guild: GuildId): Slot {
  let rest = 0
  for (let at = 0; at < guild.length; ) {
    const end = Math.min(at + digitsAtOnce, guild.length)
    let digits = 0
    let scale = 1
    for (; at < end; at += 1) {
      digits = digits * 10 + guild.charCodeAt(at) - 48
      scale *= 10
    }
    rest = (rest * scale + digits) % idModulus
  }
  return Math.floor(rest / 2 ** 22) as Slot
}

export function slot(value: number): Slot {
  assert(Number.isInteger(value) && value >= 0 && value < limits.slotCount, `no slot ${value}`)
  return value as Slot
}

export function shardOfSlot(of: Slot, shardCount: number): number {
  assert((allowedShardCounts as readonly number[]).includes(shardCount), `shard count ${shardCount} splits slots`)
  return of % shardCount
}

/** All slots that the given shards hear. */
export function slotsOfShards(shardIds: readonly number[], shardCount: number): Slot[] {
  const wanted = new Set(shardIds)
  const all = Array.from({ length: limits.slotCount }, (_, index) => index as Slot)
  return all.filter((candidate) => wanted.has(shardOfSlot(candidate, shardCount)))
}
