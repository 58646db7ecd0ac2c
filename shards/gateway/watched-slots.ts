/**
 * Until when a slot was watched, whatever the shards were called then. Pure.
 *
 * A row is only written by a process that serves every slot of its shard, so the newest row of any topology that covers
 * a slot tells until when that slot's owner heard it.
 */
import { shardOfSlot, slotsOfShards } from '../../actors/ownership/slots.ts'
import type { WatchedShard } from '../../actors/runtime/ports.ts'
import type { Slot } from '../../kernel/ids.ts'

/** Unix ms; 0: nobody is known to have watched it, ever. */
export function slotWatchedUntil(rows: readonly WatchedShard[], slot: Slot): number {
  let newest = 0
  for (const { shardCount, shardId, watchedUntil } of rows) {
    if (shardOfSlot(slot, shardCount) === shardId) newest = Math.max(newest, watchedUntil)
  }
  return newest
}

/** The earliest of its slots: below it all of them were watched. */
export function shardWatchedUntil(rows: readonly WatchedShard[], shard: { readonly shardId: number; readonly shardCount: number }): number {
  return Math.min(...slotsOfShards([shard.shardId], shard.shardCount).map((slot) => slotWatchedUntil(rows, slot)))
}
