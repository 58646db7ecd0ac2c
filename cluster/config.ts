/**
 * Configuration of the manager: environment variables, parsed once, before anything is spawned.
 *
 * The manager reads the token for one request, `/gateway/bot`; the keys that sign it never reads: they pass from its
 * environment to the shard processes untouched. Every problem is told at once, without values.
 */
import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'
import type { Generation } from '../kernel/ids.ts'
import { generation } from '../kernel/ids.ts'
import type { LogLevel } from '../kernel/log.ts'
import { logLevels } from '../kernel/log.ts'
import { allowedShardCounts } from '../kernel/shard-counts.ts'
import { respawnDelayMsMaxDefault } from './respawn-budget.ts'

export interface ManagerConfig {
  readonly discordToken: string
  readonly discordApi: string
  /** null: as many as Discord recommends, rounded up to an allowed count. */
  readonly shardCount: number | null
  readonly processCount: number
  readonly generation: Generation
  /** Longest pause before a process that died again and again is spawned once more. */
  readonly respawnDelayMsMax: number
  readonly logLevel: LogLevel
}

const schema = z.object({
  DISCORD_TOKEN: z.string().min(1),
  DISCORD_API: z.url({ protocol: /^https?$/ }).default('https://discord.com/api'),
  MUSTER_SHARDS: z.coerce
    .number()
    .refine((count) => (allowedShardCounts as readonly number[]).includes(count), {
      error: `must be one of ${allowedShardCounts.join(', ')}`,
    })
    .optional(),
  MUSTER_PROCESSES: z.coerce.number().int().min(1).max(384).default(2),
  MUSTER_GENERATION: z.coerce.number().int().min(1).default(1),
  MUSTER_RESPAWN_DELAY_MS_MAX: z.coerce.number().int().min(0).max(3_600_000).default(respawnDelayMsMaxDefault),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
})

/** Every variable that this process reads; .env.example explains each. */
export const managerVariables: readonly string[] = Object.keys(schema.shape)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseManagerConfig(environment: Readonly<Record<string, string | undefined>>): ManagerConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== undefined && text !== ''))
  const result = schema.safeParse(set)
  if (!result.success) {
    const lines = result.error.issues.map(({ path, message }) => {
      const name = String(path[0] ?? '')
      return `${name} ${set[name] === undefined ? 'is not set' : message}`
    })
    throw new AppError('configuration-invalid', `the configuration of the manager cannot be used:\n  ${lines.join('\n  ')}`)
  }
  const values = result.data
  return Object.freeze({
    discordToken: values.DISCORD_TOKEN,
    discordApi: values.DISCORD_API.replace(/\/+$/, ''),
    shardCount: values.MUSTER_SHARDS ?? null,
    processCount: values.MUSTER_PROCESSES,
    generation: generation(values.MUSTER_GENERATION),
    respawnDelayMsMax: values.MUSTER_RESPAWN_DELAY_MS_MAX,
    logLevel: values.LOG_LEVEL,
  })
}
