/**
 * Configuration of the manager: environment variables, parsed once, before anything is spawned.
 *
 * The manager reads the token for one request, `/gateway/bot`; the keys that sign it never reads: they pass from its
 * environment to the shard processes untouched. Every problem is told at once, without values.
 */
import { z } from 'zod'
import type { LogLevel } from '../kernel/log.ts'
import type { Environment } from '../kernel/settings.ts'
import { integer, noted, parseSettings, variablesOf } from '../kernel/settings.ts'
import {
  databaseUrl,
  discordApi,
  discordToken,
  healthHost,
  healthPort,
  logLevel,
  processCount,
  redisPrefix,
  redisUrl,
  shardCount,
} from '../kernel/shared-settings.ts'
import { respawnDelayMsMaxDefault } from './respawn-budget.ts'

export interface ManagerConfig {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly redisPrefix: string
  readonly discordToken: string
  readonly discordApi: string
  /** null: as many as Discord recommends, rounded up to an allowed count. */
  readonly shardCount: number | null
  readonly processCount: number
  /** Longest pause before a process that died again and again is spawned once more. */
  readonly respawnDelayMsMax: number
  /** Where health and metrics of everything are served. */
  readonly healthHost: string
  readonly healthPort: number
  readonly logLevel: LogLevel
}

export const managerSettings = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  REDIS_PREFIX: redisPrefix,
  DISCORD_TOKEN: discordToken,
  DISCORD_API: discordApi,
  MUSTER_SHARDS: shardCount,
  MUSTER_PROCESSES: processCount,
  MUSTER_RESPAWN_DELAY_MS_MAX: noted(integer(0, 3_600_000).default(respawnDelayMsMaxDefault), {
    section: 'processes',
    about: 'Longest pause before a shard process that died again and again is spawned once more, milliseconds.',
  }),
  HEALTH_PORT: healthPort,
  HEALTH_HOST: healthHost,
  LOG_LEVEL: logLevel,
})

/** Every variable that this process reads; .env.example explains each. */
export const managerVariables = variablesOf(managerSettings)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseManagerConfig(environment: Environment): ManagerConfig {
  const values = parseSettings(managerSettings, environment, 'the manager')
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    discordToken: values.DISCORD_TOKEN,
    discordApi: values.DISCORD_API,
    shardCount: values.MUSTER_SHARDS ?? null,
    processCount: values.MUSTER_PROCESSES,
    respawnDelayMsMax: values.MUSTER_RESPAWN_DELAY_MS_MAX,
    healthHost: values.HEALTH_HOST,
    healthPort: values.HEALTH_PORT,
    logLevel: values.LOG_LEVEL,
  })
}
