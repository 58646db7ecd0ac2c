/**
 * Configuration of `muster up`: what of the world is given, and what it is to bring along itself.
 *
 * Everything is optional: a missing Postgres or Redis runs embedded, a missing token means the sandbox. What is given is
 * checked here, before anything starts; each process then checks what it gets once more at its own door.
 */
import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'
import type { LogLevel } from '../kernel/log.ts'
import { logLevels } from '../kernel/log.ts'

export interface HouseConfig {
  readonly folder: string
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly discordToken: string | undefined
  readonly discordApi: string | undefined
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
  readonly logLevel: LogLevel
}

const url = (...protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })
const integer = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be an integer between ${min} and ${max}`,
    })
    .transform(Number)
const port = integer(0, 65_535)

const schema = z.object({
  MUSTER_HOME: z.string().min(1).default('.muster'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  DISCORD_TOKEN: z.string().min(1).optional(),
  DISCORD_BOT_TOKEN: z.string().min(1).optional(),
  DISCORD_API: url('http:', 'https:').optional(),
  MUSTER_CLUSTER_KEY: z.string().optional(),
  MUSTER_KEK: z.string().optional(),
  API_PORT: port.default(8080),
  SANDBOX_PORT: port.default(4140),
  MUSTER_SHARDS: integer(1, 384).optional(),
  MUSTER_PROCESSES: integer(1, 384).default(2),
  MUSTER_DEFAULT_TIER: z.enum(['free', 'pro'], { error: 'must be free or pro' }).default('free'),
  MUSTER_WEBHOOK_ALLOW: z.string().max(2000).optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
})

/** Every variable that this process reads; .env.example explains each. */
export const houseVariables: readonly string[] = Object.keys(schema.shape)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseHouseConfig(environment: Readonly<Record<string, string | undefined>>): HouseConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== undefined && text !== ''))
  const result = schema.safeParse(set)
  if (!result.success) {
    const lines = result.error.issues.map(({ path, message }) => `${String(path[0] ?? '')} ${message}`)
    throw new AppError(
      'configuration-invalid',
      `the configuration cannot be used (environment and .env):\n  ${lines.join('\n  ')}`,
    )
  }
  const values = result.data
  return Object.freeze({
    folder: values.MUSTER_HOME,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    discordToken: values.DISCORD_TOKEN ?? values.DISCORD_BOT_TOKEN,
    discordApi: values.DISCORD_API,
    clusterKey: values.MUSTER_CLUSTER_KEY,
    kek: values.MUSTER_KEK,
    apiPort: values.API_PORT,
    sandboxPort: values.SANDBOX_PORT,
    shardCount: values.MUSTER_SHARDS,
    processCount: values.MUSTER_PROCESSES,
    defaultTier: values.MUSTER_DEFAULT_TIER,
    webhookAllow: values.MUSTER_WEBHOOK_ALLOW,
    logLevel: values.LOG_LEVEL,
  })
}
