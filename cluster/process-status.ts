/**
 * What a shard process publishes about itself every two seconds, for `muster status` and whoever else wants to know.
 *
 * It crosses processes, and versions during a deployment: it is parsed where it is read, and what a newer process adds is
 * passed over. Nothing in it is secret and nothing names a guild.
 */
import { z } from 'zod'

const count = z.number().int().min(0)

const shardFactsSchema = z.object({
  id: count,
  /** starting: connected, and its guilds or slots are not complete yet. away: not connected. */
  state: z.enum(['starting', 'ready', 'away']),
  /** Round trip of the last heartbeat; null before the first. */
  pingMs: count.nullable(),
  guilds: count,
})
export type ShardFacts = z.infer<typeof shardFactsSchema>

export const processStatusSchema = z.object({
  /** As in its logs and metrics. */
  process: z.string().min(1).max(64),
  incarnation: z.string().min(1).max(200),
  generation: count,
  version: z.string().max(64),
  /** draining: it finishes and takes nothing new. */
  state: z.enum(['starting', 'ready', 'draining']),
  pid: count,
  /** Unix ms by the process' own clock. */
  startedAt: count,
  shards: z.array(shardFactsSchema).max(384),
  shardCount: count,
  /** Slots it serves. */
  slots: count,
  active: count,
  resting: count,
  mailboxDepth: count,
  undurableEvents: count,
  outboxHeld: count,
  /** Over the last interval. */
  eventsPerSecond: z.number().min(0),
  rssBytes: count,
  heapBytes: count,
  leaseCovers: z.boolean(),
  /** Where it answers /health and /metrics, on its own machine; null: nowhere. */
  healthPort: count.nullable(),
})
export type ProcessStatus = z.infer<typeof processStatusSchema>

/** Null: not a status, or one of a version that says other things. */
export function parseProcessStatus(text: string): ProcessStatus | null {
  try {
    const result = processStatusSchema.safeParse(JSON.parse(text))
    return result.success ? result.data : null
  } catch (thrown) {
    // Not JSON: whoever wrote it was none of ours.
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

/** How often it is written, and for how long it is believed. */
export const statusIntervalMs = 2_000
export const statusTtlMs = 6_000
