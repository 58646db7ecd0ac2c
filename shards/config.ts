/**
 * Configuration of a shard process: environment variables, parsed once, before anything connects.
 *
 * It holds the secrets that sign: the cluster's private key and the key-encryption key. Which shards it serves is told
 * by the manager through discord-hybrid-sharding's own variables. Every problem is told at once, without values.
 */
import { z } from 'zod'
import type { ClusterSigner, KeyEncryptionKeys, TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import { parseClusterSigner, parseKeyEncryptionKeys, parseTrustedClusterKeys } from '../actors/records/cluster-key.ts'
import { channelId, isSnowflake } from '../kernel/ids.ts'
import type { AttendanceDefaults } from '../actors/protocol/attendance-settings.ts'
import { codeLengthBounds, intervalSecondsBounds } from '../actors/protocol/attendance-settings.ts'
import type { Tier } from '../actors/protocol/voice-settings.ts'
import { tiers } from '../actors/protocol/voice-settings.ts'
import type { LogLevel } from '../kernel/log.ts'
import type { Environment } from '../kernel/settings.ts'
import { baseUrl, integer, list, noted, optionally, parseSettings, parsedBy, variablesOf } from '../kernel/settings.ts'
import {
  clusterKey,
  clusterPublicKeys,
  databaseConnections,
  databaseUrl,
  defaultTier,
  discordApi,
  discordToken,
  keyEncryptionKeys,
  logLevel,
  membersIntent,
  publicUrlNotes,
  redisPrefix,
  redisUrl,
  webhookAllow,
} from '../kernel/shared-settings.ts'

export interface ShardConfig {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly redisPrefix: string
  readonly discordToken: string
  /** REST base without a version, such as https://discord.com/api. */
  readonly discordApi: string
  readonly publicUrl: string
  readonly clusterSigner: ClusterSigner
  readonly trustedClusterKeys: TrustedClusterKeys
  readonly keks: KeyEncryptionKeys
  /** The tier of guilds that were given none. */
  readonly defaultTier: Tier
  /** `host` or `host:port` that webhooks may be delivered to although they are not public; empty by default. */
  readonly webhookAllowList: readonly string[]
  /** True: Discord tells of members that leave or change roles. */
  readonly hasMembersIntent: boolean
  readonly databaseConnectionsMax: number
  /** What guilds have that set nothing of their own: for an installation that serves one. */
  readonly attendanceDefaults: AttendanceDefaults
  readonly logLevel: LogLevel
}

const webhookHosts = z
  .string()
  .max(2000)
  .default('')
  .transform((text) => text.toLowerCase())
  .pipe(list)

const channel = z
  .string()
  .refine(isSnowflake, { error: 'must be the number of a Discord channel' })
  .transform(channelId)

export const shardSettings = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  REDIS_PREFIX: redisPrefix,
  DISCORD_TOKEN: discordToken,
  DISCORD_API: discordApi,
  PUBLIC_URL: noted(baseUrl().default('http://127.0.0.1:8080'), publicUrlNotes),
  MUSTER_CLUSTER_KEY: clusterKey(parsedBy('MUSTER_CLUSTER_KEY', parseClusterSigner)),
  MUSTER_CLUSTER_PUBLIC_KEYS: clusterPublicKeys(parsedBy('MUSTER_CLUSTER_PUBLIC_KEYS', parseTrustedClusterKeys)),
  MUSTER_KEK: keyEncryptionKeys(parsedBy('MUSTER_KEK', parseKeyEncryptionKeys)),
  MUSTER_DEFAULT_TIER: defaultTier(tiers),
  MUSTER_WEBHOOK_ALLOW: webhookAllow(webhookHosts),
  MUSTER_MEMBERS_INTENT: membersIntent,
  DATABASE_MAX_CONNECTIONS: databaseConnections,
  ADMIN_CHANNEL_ID: noted(optionally(channel), {
    section: 'attendance',
    about: 'Channel in which staff opens classes and sees the code; for an installation that serves one server.',
    example: '',
  }),
  ATTENDANCE_CHANNEL_ID: noted(optionally(channel), {
    section: 'attendance',
    about: 'Channel in which members type the code; for an installation that serves one server.',
    example: '',
  }),
  CODE_ROTATION_INTERVAL: noted(integer(intervalSecondsBounds.min, intervalSecondsBounds.max).default(15), {
    section: 'attendance',
    about: `Seconds until the next code, ${intervalSecondsBounds.min} to ${intervalSecondsBounds.max}, where a server did not set it.`,
  }),
  CODE_LENGTH: noted(integer(codeLengthBounds.min, codeLengthBounds.max).default(4), {
    section: 'attendance',
    about: `Characters of a code, ${codeLengthBounds.min} to ${codeLengthBounds.max}, where a server did not set it.`,
  }),
  LOG_LEVEL: logLevel,
})

/** Every variable that this process reads; .env.example explains each. */
export const shardVariables = variablesOf(shardSettings)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseShardConfig(environment: Environment): ShardConfig {
  // The manager's library writes the text "null" where it was given no token.
  const { DISCORD_TOKEN: token, ...others } = environment
  const values = parseSettings(shardSettings, token === 'null' ? others : environment, 'the shard process')
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    discordToken: values.DISCORD_TOKEN,
    discordApi: values.DISCORD_API,
    publicUrl: values.PUBLIC_URL,
    clusterSigner: values.MUSTER_CLUSTER_KEY,
    trustedClusterKeys: values.MUSTER_CLUSTER_PUBLIC_KEYS,
    keks: values.MUSTER_KEK,
    defaultTier: values.MUSTER_DEFAULT_TIER,
    webhookAllowList: values.MUSTER_WEBHOOK_ALLOW,
    hasMembersIntent: values.MUSTER_MEMBERS_INTENT === 'on',
    databaseConnectionsMax: values.DATABASE_MAX_CONNECTIONS,
    attendanceDefaults: {
      adminChannelId: values.ADMIN_CHANNEL_ID ?? null,
      attendanceChannelId: values.ATTENDANCE_CHANNEL_ID ?? null,
      intervalSeconds: values.CODE_ROTATION_INTERVAL,
      codeLength: values.CODE_LENGTH,
    },
    logLevel: values.LOG_LEVEL,
  })
}
