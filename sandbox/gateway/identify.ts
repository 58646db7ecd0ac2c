/**
 * The checks of IDENTIFY in Discord's order, as one pure function: a close code, or what was asked for.
 *
 * A second identify (4005) is the connection's business; buckets and the daily budget are identify-budget.ts's.
 */
import { GatewayCloseCodes, GatewayIntentBits } from 'discord-api-types/v10'
import { z } from 'zod'
import type { ShardPair } from './shard-route.ts'

export interface IdentifyRules {
  token: string
  /** Privileged intents enabled in the developer portal, as bits. */
  privilegedIntents: number
  /** How many guilds of the bot lie on the shard. */
  guildsOn(shard: ShardPair): number
  guildsPerShardMax: number
}

export type IdentifyVerdict =
  | { ok: true; shard: ShardPair; intents: number }
  | { ok: false; closeCode: GatewayCloseCodes; reason: string }

export const privilegedIntentBits =
  GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent

const knownIntentBits = Object.values(GatewayIntentBits)
  .filter((bit) => typeof bit === 'number')
  .reduce((all, bit) => all | bit, 0)

const versions = ['9', '10']
/** More shards than any bot has; Discord refuses absurd counts the same way. */
const shardCountMax = 16_384

const identifySchema = z.looseObject({
  token: z.string(),
  intents: z.unknown(),
  shard: z.unknown().optional(),
})
const shardSchema = z.tuple([z.int().min(0), z.int().min(1).max(shardCountMax)])

export function checkIdentify(rules: IdentifyRules, version: string | null, data: unknown): IdentifyVerdict {
  const refuse = (closeCode: GatewayCloseCodes, reason: string): IdentifyVerdict => ({ ok: false, closeCode, reason })
  const parsed = identifySchema.safeParse(data)
  if (!parsed.success) return refuse(GatewayCloseCodes.DecodeError, 'Error while decoding payload.')
  const { token, intents, shard: shardGiven = [0, 1] } = parsed.data
  if (token !== rules.token) return refuse(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.')
  if (version === null || !versions.includes(version)) {
    return refuse(GatewayCloseCodes.InvalidAPIVersion, 'Invalid API version.')
  }
  const shard = shardSchema.safeParse(shardGiven)
  if (!shard.success || shard.data[0] >= shard.data[1]) return refuse(GatewayCloseCodes.InvalidShard, 'Invalid shard.')
  if (rules.guildsOn(shard.data) > rules.guildsPerShardMax) {
    return refuse(GatewayCloseCodes.ShardingRequired, 'Sharding required.')
  }
  if (typeof intents !== 'number' || !Number.isInteger(intents) || (intents & ~knownIntentBits) !== 0) {
    return refuse(GatewayCloseCodes.InvalidIntents, 'Invalid intent(s).')
  }
  if ((intents & privilegedIntentBits & ~rules.privilegedIntents) !== 0) {
    return refuse(GatewayCloseCodes.DisallowedIntents, 'Disallowed intent(s).')
  }
  return { ok: true, shard: shard.data, intents }
}
