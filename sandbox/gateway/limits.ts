/**
 * The gateway's limits: Discord's by default, each with its reason; a test loosens them in its title.
 *
 * https://docs.discord.com/developers/events/gateway and /topics/opcodes-and-status-codes
 */

export interface GatewayLimits {
  /** Identifies of different buckets (`shard_id % maxConcurrency`) may come within the same 5 s. */
  maxConcurrency: number
  identifyIntervalMs: number
  /** Identifies a day; then the token counts as reset (4004). */
  identifiesPerDay: number
  /** More guilds than this on one shard: 4011. */
  guildsPerShardMax: number
  /** The recommended shard count is one for this many guilds. */
  guildsPerShardRecommended: number
  heartbeatIntervalMs: number
  /** Frames a client may send in `sendWindowMs`: 4008. */
  sendsPerWindow: number
  sendWindowMs: number
  /** Bytes of one frame from a client: 4002. */
  frameBytesMax: number
  /** All-members requests: one a guild in this time, else RATE_LIMITED. */
  memberRequestIntervalMs: number
  /** How long a session without a socket can be resumed. Discord does not say; minutes have been seen. */
  resumeWindowMs: number
  /** Dispatches kept for replay per session; a session that misses more is invalid. */
  replayFramesMax: number
  /** Sessions at once, with and without a socket; beyond it the one longest without a socket ends. */
  sessionsMax: number
  /** Unsent bytes of one socket; a client that does not read is cut off and may resume. */
  unsentBytesMax: number
}

export const discordGatewayLimits: GatewayLimits = {
  maxConcurrency: 1,
  identifyIntervalMs: 5_000,
  identifiesPerDay: 1_000,
  guildsPerShardMax: 2_500,
  guildsPerShardRecommended: 1_000,
  heartbeatIntervalMs: 41_250,
  sendsPerWindow: 120,
  sendWindowMs: 60_000,
  frameBytesMax: 4_096,
  memberRequestIntervalMs: 30_000,
  resumeWindowMs: 180_000,
  replayFramesMax: 5_000,
  sessionsMax: 500,
  unsentBytesMax: 64 * 1024 * 1024,
}
