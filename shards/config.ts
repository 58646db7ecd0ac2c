/**
 * Configuration of a shard process: environment variables, parsed once, before anything connects.
 *
 * It holds the secrets that sign: the cluster's private key and the key-encryption key. Which shards it serves is told
 * by the manager through discord-hybrid-sharding's own variables. Every problem is told at once, without values.
 */
import { z } from 'zod'
import type { ClusterSigner, KeyEncryptionKeys, TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import { parseClusterSigner, parseKeyEncryptionKeys, parseTrustedClusterKeys } from '../actors/records/cluster-key.ts'
import { AppError, coerceError } from '../kernel/errors.ts'
import type { Generation } from '../kernel/ids.ts'
import { generation } from '../kernel/ids.ts'
import type { Tier } from '../actors/protocol/voice-settings.ts'
import { tiers } from '../actors/protocol/voice-settings.ts'
import type { LogLevel } from '../kernel/log.ts'
import { logLevels } from '../kernel/log.ts'

export interface ShardConfig {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly redisPrefix: string
  readonly discordToken: string
  /** REST base without a version, such as https://discord.com/api. */
  readonly discordApi: string
  readonly publicUrl: string
  readonly generation: Generation
  readonly clusterSigner: ClusterSigner
  readonly trustedClusterKeys: TrustedClusterKeys
  readonly keks: KeyEncryptionKeys
  /** The tier of guilds that were given none. */
  readonly defaultTier: Tier
  /** `host` or `host:port` that webhooks may be delivered to although they are not public; empty by default. */
  readonly webhookAllowList: readonly string[]
  readonly databaseConnectionsMax: number
  readonly logLevel: LogLevel
}

const discordApiDefault = 'https://discord.com/api'

function parsedBy<Value>(name: string, parse: (configured: { name: string; text: string }) => Value) {
  return z.string().transform((text, context): Value => {
    try {
      return parse({ name, text })
    } catch (thrown) {
      const message = coerceError(thrown).message.replace(new RegExp(`^${name}:? ?`), '')
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  })
}

const url = (...protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })

const schema = z.object({
  DATABASE_URL: url('postgres:', 'postgresql:'),
  REDIS_URL: url('redis:', 'rediss:'),
  REDIS_PREFIX: z.string().max(64).default('muster:'),
  DISCORD_TOKEN: z.string().min(1),
  DISCORD_API: url('http:', 'https:').default(discordApiDefault),
  PUBLIC_URL: url('http:', 'https:').default('http://127.0.0.1:8080'),
  MUSTER_GENERATION: z.coerce.number().int().min(1).default(1),
  MUSTER_CLUSTER_KEY: parsedBy('MUSTER_CLUSTER_KEY', parseClusterSigner),
  MUSTER_CLUSTER_PUBLIC_KEYS: parsedBy('MUSTER_CLUSTER_PUBLIC_KEYS', parseTrustedClusterKeys),
  MUSTER_KEK: parsedBy('MUSTER_KEK', parseKeyEncryptionKeys),
  MUSTER_DEFAULT_TIER: z.enum(tiers, { error: `must be one of ${tiers.join(', ')}` }).default('free'),
  MUSTER_WEBHOOK_ALLOW: z
    .string()
    .max(2000)
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim().toLowerCase()).filter((part) => part !== '')),
  DATABASE_MAX_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(5),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
})

/** Every variable that this process reads; .env.example explains each. */
export const shardVariables: readonly string[] = Object.keys(schema.shape)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseShardConfig(environment: Readonly<Record<string, string | undefined>>): ShardConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== undefined && text !== ''))
  // The manager's library writes the text "null" where it was given no token.
  if (set['DISCORD_TOKEN'] === 'null') delete set['DISCORD_TOKEN']
  const result = schema.safeParse(set)
  if (!result.success) {
    const lines = result.error.issues.map(({ path, message }) => {
      const name = String(path[0] ?? '')
      return `${name} ${set[name] === undefined ? 'is not set' : message}`
    })
    throw new AppError('configuration-invalid', `the configuration of the shard process cannot be used:\n  ${lines.join('\n  ')}`)
  }
  const values = result.data
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    discordToken: values.DISCORD_TOKEN,
    discordApi: values.DISCORD_API.replace(/\/+$/, ''),
    publicUrl: values.PUBLIC_URL.replace(/\/+$/, ''),
    generation: generation(values.MUSTER_GENERATION),
    clusterSigner: values.MUSTER_CLUSTER_KEY,
    trustedClusterKeys: values.MUSTER_CLUSTER_PUBLIC_KEYS,
    keks: values.MUSTER_KEK,
    defaultTier: values.MUSTER_DEFAULT_TIER,
    webhookAllowList: values.MUSTER_WEBHOOK_ALLOW,
    databaseConnectionsMax: values.DATABASE_MAX_CONNECTIONS,
    logLevel: values.LOG_LEVEL,
  })
}
