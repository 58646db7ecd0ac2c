/**
 * The shard counts that never split a slot: the divisors of 384, ascending.
 *
 * Manager and actors both need them, and neither may know the other.
 */
import { assert } from './assert.ts'
import { limits } from './limits.ts'

export const allowedShardCounts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 384] as const

assert(
  allowedShardCounts.every((count) => limits.slotCount % count === 0),
  'every allowed shard count divides the slots',
)
