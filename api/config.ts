/**
 * Configuration of the API process: environment variables, parsed once, before anything connects.
 *
 * It names only what this process needs: no bot token, no private key, no key-encryption key can leak from a process
 * that never reads them. The public keys of the cluster come from here and never from Postgres. Every problem is told at
 * once, by variable and without its value.
 */
import { z } from 'zod'
import { AppError, coerceError } from '../kernel/errors.ts'
import { logLevels } from '../kernel/log.ts'
import type { LogLevel } from '../kernel/log.ts'
import { parseTrustedClusterKeys } from '../actors/records/cluster-key.ts'
import type { TrustedClusterKeys } from '../actors/records/cluster-key.ts'

export interface ApiConfig {
  readonly databaseUrl: string
  /** null: requests are counted in this process alone, and no webhook is taken. */
  readonly redisUrl: string | null
  /** Of every key and channel, as in the shard processes. */
  readonly redisPrefix: string
  readonly host: string
  readonly port: number
  /** How others reach this process, without a slash at the end; null: links are paths. */
  readonly publicUrl: string | null
  readonly trustedClusterKeys: TrustedClusterKeys
  /** Addresses or subnets of proxies whose X-Forwarded-For is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[]
  readonly databaseConnectionsMax: number
  /** Points an address may spend a minute; a plain question costs one. 0: no limit. */
  readonly requestsPerMinute: number
  /** How long a verdict is given out again without looking; 0: never. */
  readonly verdictMemoryMs: number
  readonly logLevel: LogLevel
}

/** Behind this address only a proxy on the same machine reaches it; a container sets 0.0.0.0. */
const hostDefault = '127.0.0.1'
const portDefault = 8080

const url = (protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })

const integer = (min: number, max: number, byDefault: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `must be an integer between ${min} and ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be an integer between ${min} and ${max}` })
    .default(byDefault)

/** An address, a subnet, or one of the names that Express knows for local networks. */
const proxyPattern = /^(loopback|linklocal|uniquelocal|[0-9a-fA-F.:]+(\/\d{1,3})?)$/

/** A school behind one address, its classes opening links at the same time, stays below. */
const requestsPerMinuteDefault = 1_200
/** Well below the minute for which whoever got a verdict may believe it anyway. */
const verdictMemoryMsDefault = 5_000

const schema = z.object({
  DATABASE_URL: url(['postgres:', 'postgresql:']),
  REDIS_URL: url(['redis:', 'rediss:']).optional(),
  API_HOST: z.string().regex(/^[0-9A-Za-z.:-]+$/, { error: 'must be an address or a host name' }).default(hostDefault),
  API_PORT: integer(0, 65_535, portDefault),
  PUBLIC_URL: url(['http:', 'https:']).optional(),
  MUSTER_CLUSTER_PUBLIC_KEYS: z.string().transform((text, context) => {
    try {
      return parseTrustedClusterKeys({ name: 'MUSTER_CLUSTER_PUBLIC_KEYS', text })
    } catch (thrown) {
      const message = coerceError(thrown).message.replace(/^MUSTER_CLUSTER_PUBLIC_KEYS:? ?/, '')
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  }),
  TRUST_PROXY: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''))
    .refine((parts) => parts.every((part) => proxyPattern.test(part)), {
      error: 'must be addresses or subnets of proxies, separated by commas',
    }),
  API_DATABASE_CONNECTIONS: integer(1, 100, 10),
  API_REQUESTS_PER_MINUTE: integer(0, 1_000_000, requestsPerMinuteDefault),
  API_VERDICT_MEMORY_MS: integer(0, 60_000, verdictMemoryMsDefault),
  REDIS_PREFIX: z.string().max(64).default('muster:'),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
})

/** Every variable that this process reads; .env.example explains each. */
export const apiVariables: readonly string[] = Object.keys(schema.shape)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseApiConfig(environment: Readonly<Record<string, string | undefined>>): ApiConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== undefined && text !== ''))
  const result = schema.safeParse(set)
  if (!result.success) {
    const lines = result.error.issues.map(({ path, message }) => {
      const name = String(path[0] ?? '')
      return `${name} ${set[name] === undefined ? 'is not set' : message}`
    })
    throw new AppError('configuration-invalid', `the configuration of the API cannot be used:\n  ${lines.join('\n  ')}`)
  }
  const values = result.data
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL ?? null,
    host: values.API_HOST,
    port: values.API_PORT,
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    trustedClusterKeys: values.MUSTER_CLUSTER_PUBLIC_KEYS,
    trustedProxies: values.TRUST_PROXY,
    redisPrefix: values.REDIS_PREFIX,
    requestsPerMinute: values.API_REQUESTS_PER_MINUTE,
    verdictMemoryMs: values.API_VERDICT_MEMORY_MS,
    databaseConnectionsMax: values.API_DATABASE_CONNECTIONS,
    logLevel: values.LOG_LEVEL,
  })
}
