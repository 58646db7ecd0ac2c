/**
 * Which shard goes to which process. Pure.
 *
 * Every shard from 0 to N−1 is given to exactly one process (I12); processes differ by at most one shard.
 */
import { assert } from '../kernel/assert.ts'
import { allowedShardCounts } from '../kernel/shard-counts.ts'

/** The smallest allowed count that is not below what is wanted; the largest when more is wanted than there is. */
export function allowedShardCountFor(wanted: number): number {
  return allowedShardCounts.find((count) => count >= wanted) ?? 384
}

/** Shards of each process, in order. There are never more processes than shards. */
export function planShards(options: { readonly shardCount: number; readonly processCount: number }): readonly number[][] {
  const { shardCount } = options
  assert((allowedShardCounts as readonly number[]).includes(shardCount), `shard count ${shardCount} is not allowed`)
  const processCount = Math.min(options.processCount, shardCount)
  const plan: number[][] = Array.from({ length: processCount }, () => [])
  for (let shard = 0; shard < shardCount; shard += 1) plan[Math.floor((shard * processCount) / shardCount)]?.push(shard)
  assert(plan.flat().length === shardCount && plan.every((own) => own.length > 0), 'I12: every shard has one process')
  return plan
}
