/**
 * What a sandbox can be told. Everything left out is as Discord has it, or off.
 */
import type { GatewayLimits } from './gateway/limits.ts'
import type { RestLimits } from './rest/rate-limits.ts'

/** A token of the right form that no Discord ever gave out. */
export const sandboxToken = 'MTAwMDAwMDAwMDAwMDAwMDAwMA.SANDBX.this-token-works-only-in-the-sandbox'

export interface SandboxOptions {
  /** Tried first, then the next free one; 0 (the default) takes any. */
  port?: number
  token?: string
  botName?: string
  gatewayLimits?: Partial<GatewayLimits>
  restLimits?: RestLimits
  /** Privileged intents enabled in the "developer portal"; all by default. */
  privilegedIntents?: number
  /** The `shards` of GET /gateway/bot; by default computed from the number of guilds. */
  recommendedShards?: number
  /** The world is loaded from here and saved here. */
  stateFile?: string
  /** JSON lines of who joined and left voice when. */
  voiceLogFile?: string
  /** JSON lines of every request and dispatch. */
  requestLogFile?: string
}
