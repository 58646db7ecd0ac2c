/**
 * Configuration of `muster up`: what of the world is given, and what it is to bring along itself.
 *
 * Everything is optional: a missing Postgres or Redis runs embedded, a missing token means the sandbox. What is given is
 * checked here, before anything starts; each process then checks what it gets once more at its own door.
 */
import { z } from 'zod'
import type { LogLevel } from '../kernel/log.ts'
import type { Environment } from '../kernel/settings.ts'
import { noted, optionally, parseSettings, variablesOf } from '../kernel/settings.ts'
import {
  apiPort,
  clusterKey,
  databaseUrl,
  defaultTier,
  discordApi,
  discordToken,
  keyEncryptionKeys,
  logLevel,
  membersIntent,
  processCount,
  redisPrefix,
  redisUrl,
  sandboxPort,
  shardCount,
  webhookAllow,
} from '../kernel/shared-settings.ts'

export interface HouseConfig {
  readonly folder: string
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly redisPrefix: string
  readonly discordToken: string | undefined
  readonly discordApi: string
  readonly clusterKey: string | undefined
  readonly kek: string | undefined
  readonly apiPort: number
  readonly sandboxPort: number
  readonly shardCount: number | undefined
  readonly processCount: number
  /** The tier of guilds that were given none. */
  readonly defaultTier: string
  /** Private hosts that webhooks may be delivered to. */
  readonly webhookAllow: string | undefined
  /** `on` or `off`. */
  readonly membersIntent: string
  readonly logLevel: LogLevel
}

export const houseSettings = z.object({
  MUSTER_HOME: noted(z.string().min(1).default('.muster'), {
    section: 'processes',
    about: 'Folder of everything that runs embedded, of keys, logs and the last run.',
  }),
  DATABASE_URL: optionally(databaseUrl),
  REDIS_URL: optionally(redisUrl),
  REDIS_PREFIX: redisPrefix,
  DISCORD_TOKEN: optionally(discordToken),
  DISCORD_API: discordApi,
  MUSTER_CLUSTER_KEY: clusterKey(z.string().optional()),
  MUSTER_KEK: keyEncryptionKeys(z.string().optional()),
  API_PORT: apiPort,
  SANDBOX_PORT: sandboxPort,
  MUSTER_SHARDS: shardCount,
  MUSTER_PROCESSES: processCount,
  MUSTER_DEFAULT_TIER: defaultTier(['free', 'pro']),
  MUSTER_WEBHOOK_ALLOW: webhookAllow(z.string().max(2000).optional()),
  MUSTER_MEMBERS_INTENT: membersIntent,
  LOG_LEVEL: logLevel,
})

/** Every variable that this process reads; .env.example explains each. */
export const houseVariables = variablesOf(houseSettings)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseHouseConfig(environment: Environment): HouseConfig {
  const values = parseSettings(houseSettings, environment, 'muster (environment and .env)')
  return Object.freeze({
    folder: values.MUSTER_HOME,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    discordToken: values.DISCORD_TOKEN,
    discordApi: values.DISCORD_API,
    clusterKey: values.MUSTER_CLUSTER_KEY,
    kek: values.MUSTER_KEK,
    apiPort: values.API_PORT,
    sandboxPort: values.SANDBOX_PORT,
    shardCount: values.MUSTER_SHARDS,
    processCount: values.MUSTER_PROCESSES,
    defaultTier: values.MUSTER_DEFAULT_TIER,
    webhookAllow: values.MUSTER_WEBHOOK_ALLOW,
    membersIntent: values.MUSTER_MEMBERS_INTENT,
    logLevel: values.LOG_LEVEL,
  })
}
