/**
 * Which shard an event belongs to: Discord's formula over the time bits of the guild id.
 *
 * https://docs.discord.com/developers/events/gateway#sharding
 */

/** `[shard_id, num_shards]`, as IDENTIFY carries it. */
export type ShardPair = readonly [id: number, count: number]

/** Events without a guild (direct messages) belong to shard 0. */
export function isOnShard(guildId: string | undefined, [id, count]: ShardPair): boolean {
  if (guildId === undefined) return id === 0
  return Number((BigInt(guildId) >> 22n) % BigInt(count)) === id
}
