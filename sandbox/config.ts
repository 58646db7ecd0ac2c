/**
 * The sandbox's configuration: environment in, frozen options out, every problem named at once.
 *
 * Only what a person starting it alone may want to set; limits are loosened in code, by the test that says so.
 */
import { z } from 'zod'
import type { LogLevel } from '../kernel/log.ts'
import { logLevels } from '../kernel/log.ts'
import type { Environment } from '../kernel/settings.ts'
import { integer, noted, oneOf, parseSettings, variablesOf } from '../kernel/settings.ts'
import { sandboxPort } from '../kernel/shared-settings.ts'
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

const file = z.string().min(1).optional()
const section = 'sandbox'

export const sandboxSettings = z.object({
  SANDBOX_PORT: sandboxPort,
  SANDBOX_TOKEN: noted(z.string().regex(/^\S{20,200}$/, 'must be 20 to 200 characters without spaces').default(sandboxToken), {
    section,
    about: 'Token that bots log in to it with; not set: the one that `npm run sandbox` prints.',
    example: '',
    isSecret: true,
  }),
  SANDBOX_STATE_FILE: noted(file, {
    section,
    about: 'File that keeps its servers and people over restarts; not set: memory only.',
    example: 'sandbox.json',
  }),
  SANDBOX_VOICE_LOG: noted(file, {
    section,
    about: 'File that it writes who joined and left voice to, JSON lines; not set: none.',
    example: 'voice-log.jsonl',
  }),
  SANDBOX_REQUEST_LOG: noted(file, {
    section,
    about: 'File that it writes every request to, JSON lines; not set: none.',
    example: 'requests.jsonl',
  }),
  SANDBOX_BOT_NAME: noted(z.string().min(1).max(32).default('Muster'), { section, about: 'Name of the bot in it.' }),
  SANDBOX_SHARDS: noted(integer(1, 16_384).optional(), {
    section,
    about: 'Shards it recommends; not set: by the number of its servers.',
    example: '1',
  }),
  SANDBOX_MAX_CONCURRENCY: noted(integer(1, 1_024).default(1), {
    section,
    about: 'Identifies it allows at once; Discord gives new bots 1.',
  }),
  SANDBOX_LOG_LEVEL: noted(oneOf(logLevels).default('info'), { section, about: 'debug, info, warn, error or silent.' }),
})

/** Every variable that this process reads; .env.example explains each. */
export const sandboxVariables = variablesOf(sandboxSettings)

/** An empty variable counts as not set, as `.env` files have it. */
export function parseSandboxConfig(environment: Environment): SandboxConfig {
  const data = parseSettings(sandboxSettings, environment, 'the sandbox')
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
