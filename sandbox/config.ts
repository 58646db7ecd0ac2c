/**
 * The sandbox's configuration: environment in, frozen options out, every problem named at once.
 *
 * Only what a person starting it alone may want to set; limits are loosened in code, by the test that says so.
 */
import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'
import type { LogLevel } from '../kernel/log.ts'
import { logLevels } from '../kernel/log.ts'
import { sandboxToken } from './options.ts'

export interface SandboxConfig {
  readonly port: number
  readonly token: string
  readonly stateFile: string | undefined
  readonly voiceLogFile: string | undefined
  readonly requestLogFile: string | undefined
  readonly botName: string
  readonly recommendedShards: number | undefined
  /** Identifies at once; Discord gives new bots 1. */
  readonly maxConcurrency: number
  readonly logLevel: LogLevel
}

/** Not a port of anything well known; the same every time, since bots remember the gateway's address. */
const portDefault = 4_140

const file = z.string().min(1).optional()
const environmentSchema = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(portDefault),
  SANDBOX_TOKEN: z.string().regex(/^\S{20,200}$/, 'a token is 20 to 200 characters without spaces').default(sandboxToken),
  SANDBOX_STATE_FILE: file,
  SANDBOX_VOICE_LOG: file,
  SANDBOX_REQUEST_LOG: file,
  SANDBOX_BOT_NAME: z.string().min(1).max(32).default('Muster'),
  SANDBOX_SHARDS: z.coerce.number().int().min(1).max(16_384).optional(),
  SANDBOX_MAX_CONCURRENCY: z.coerce.number().int().min(1).max(1_024).default(1),
  SANDBOX_LOG_LEVEL: z.enum(logLevels).default('info'),
})

/** Every variable that this process reads; .env.example explains each. */
export const sandboxVariables: readonly string[] = Object.keys(environmentSchema.shape)

/** An empty variable counts as not set, as `.env` files have it. */
export function parseSandboxConfig(environment: Readonly<Record<string, string | undefined>>): SandboxConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environmentSchema.safeParse(set)
  if (!parsed.success) {
    throw new AppError('configuration-invalid', `the sandbox cannot start:\n${z.prettifyError(parsed.error)}`)
  }
  const { data } = parsed
  return Object.freeze({
    port: data.SANDBOX_PORT,
    token: data.SANDBOX_TOKEN,
    stateFile: data.SANDBOX_STATE_FILE,
    voiceLogFile: data.SANDBOX_VOICE_LOG,
    requestLogFile: data.SANDBOX_REQUEST_LOG,
    botName: data.SANDBOX_BOT_NAME,
    recommendedShards: data.SANDBOX_SHARDS,
    maxConcurrency: data.SANDBOX_MAX_CONCURRENCY,
    logLevel: data.SANDBOX_LOG_LEVEL,
  })
}
