/**
 * Configuration of the API process: environment variables, parsed once, before anything connects.
 *
 * It names only what this process needs: no bot token, no private key, no key-encryption key can leak from a process
 * that never reads them. The public keys of the cluster come from here and never from Postgres. Every problem is told at
 * once, by variable and without its value.
 */
import { z } from 'zod'
import type { LogLevel } from '../kernel/log.ts'
import type { Environment } from '../kernel/settings.ts'
import { baseUrl, host, integer, list, noted, optionally, parseSettings, parsedBy, variablesOf } from '../kernel/settings.ts'
import { apiPort, clusterPublicKeys, databaseUrl, logLevel, publicUrlNotes, redisPrefix, redisUrl } from '../kernel/shared-settings.ts'
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
  /** How long it goes on serving, as `draining`, before it takes no more connections. */
  readonly drainNoticeMs: number
  readonly logLevel: LogLevel
}

/** Behind this address only a proxy on the same machine reaches it; a container sets 0.0.0.0. */
const hostDefault = '127.0.0.1'

/** An address, a subnet, or one of the names that Express knows for local networks. */
const proxyPattern = /^(loopback|linklocal|uniquelocal|[0-9a-fA-F.:]+(\/\d{1,3})?)$/

/** A school behind one address, its classes opening links at the same time, stays below. */
const requestsPerMinuteDefault = 1_200
/** Well below the minute for which whoever got a verdict may believe it anyway. */
const verdictMemoryMsDefault = 5_000
/** Two looks of a load balancer that asks every half second, and one to spare. */
const drainNoticeMsDefault = 1_500

const trustProxy = list
  .refine((parts) => parts.every((part) => proxyPattern.test(part)), {
    error: 'must be addresses or subnets of proxies, separated by commas',
  })
  .default([])

export const apiSettings = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: optionally(redisUrl),
  API_HOST: noted(host.default(hostDefault), { section: 'api', about: 'Address it listens on; a container sets 0.0.0.0.' }),
  API_PORT: apiPort,
  PUBLIC_URL: noted(baseUrl().optional(), publicUrlNotes),
  MUSTER_CLUSTER_PUBLIC_KEYS: clusterPublicKeys(parsedBy('MUSTER_CLUSTER_PUBLIC_KEYS', parseTrustedClusterKeys)),
  TRUST_PROXY: noted(trustProxy, {
    section: 'api',
    about: 'Proxies whose X-Forwarded-For is believed: addresses, subnets, or loopback, linklocal, uniquelocal; none by default.',
    example: '',
  }),
  API_DATABASE_CONNECTIONS: noted(integer(1, 100).default(10), {
    section: 'api',
    about: 'Connections to Postgres that one API process opens.',
  }),
  API_REQUESTS_PER_MINUTE: noted(integer(0, 1_000_000).default(requestsPerMinuteDefault), {
    section: 'api',
    about: 'Points an address may spend a minute, a plain question costs one; 0: no limit.',
  }),
  API_VERDICT_MEMORY_MS: noted(integer(0, 60_000).default(verdictMemoryMsDefault), {
    section: 'api',
    about: 'How long a verdict is given out again without looking, milliseconds; 0: never.',
  }),
  API_DRAIN_NOTICE_MS: noted(integer(0, 60_000).default(drainNoticeMsDefault), {
    section: 'api',
    about: 'How long it serves on as draining when it is told to end, so that load balancers look elsewhere, milliseconds.',
  }),
  REDIS_PREFIX: redisPrefix,
  LOG_LEVEL: logLevel,
})

/** Every variable that this process reads; .env.example explains each. */
export const apiVariables = variablesOf(apiSettings)

/** Throws `configuration-invalid` with one line a problem. An empty variable counts as not set. */
export function parseApiConfig(environment: Environment): ApiConfig {
  const values = parseSettings(apiSettings, environment, 'the API')
  return Object.freeze({
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL ?? null,
    host: values.API_HOST,
    port: values.API_PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    trustedClusterKeys: values.MUSTER_CLUSTER_PUBLIC_KEYS,
    trustedProxies: values.TRUST_PROXY,
    redisPrefix: values.REDIS_PREFIX,
    requestsPerMinute: values.API_REQUESTS_PER_MINUTE,
    verdictMemoryMs: values.API_VERDICT_MEMORY_MS,
    drainNoticeMs: values.API_DRAIN_NOTICE_MS,
    databaseConnectionsMax: values.API_DATABASE_CONNECTIONS,
    logLevel: values.LOG_LEVEL,
  })
}
