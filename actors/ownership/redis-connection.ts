/**
 * Connections to Redis, all with the same manners: a command runs once or fails, soon.
 *
 * By default ioredis repeats a command whose answer was lost (an INCR counted twice) and queues what is sent while the
 * server is away (answers that come when nobody wants them). Here nothing is repeated and nothing queued; the caller
 * is told at once and knows better. The connection itself comes back for ever, with a pause that grows to a second.
 * One log line when it goes, one when it is back, none per attempt.
 */
import { Redis } from 'ioredis'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { explainRedis } from './redis-errors.ts'

export interface RedisConnectionOptions {
  readonly url: string
  /** What it is for (`leases`, `inbox-bells`): in the log and in CLIENT LIST. */
  readonly role: string
  /** Longest wait for an answer. No command here blocks. */
  readonly commandTimeoutMs: number
  readonly connectTimeoutMs: number
}

export type RedisConnection = Redis

const reconnectDelayMsMin = 20
const reconnectDelayMsMax = 1_000
/**
 * An answer owed for this long: the path is dead (a failover, a firewall that forgot), and TCP alone would notice after
 * a quarter of an hour. The connection is cut and made anew.
 */
export const silentServerMs = 5_000

/** Not connected yet: `await openRedis(connection)`, or let the first outage end by itself. */
export function createRedisConnection(deps: { readonly log: Log }, options: RedisConnectionOptions): RedisConnection {
  const redis = new Redis(options.url, {
    lazyConnect: true,
    connectionName: `muster-${options.role}`,
    protocol: 2,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    connectTimeout: options.connectTimeoutMs,
    socketTimeout: silentServerMs,
    keepAlive: silentServerMs,
    retryStrategy: (attempt) => Math.min(reconnectDelayMsMax, reconnectDelayMsMin * 2 ** Math.min(attempt - 1, 10)),
    commandTimeout: options.commandTimeoutMs,
  })
  logOutages(redis, deps.log.scope({ redis: options.role }))
  return redis
}

/** Resolves when the server answers; why an unreachable one does not is told with its address, never with the password. */
export async function openRedis(connection: RedisConnection): Promise<void> {
  // The promise of connect() says "Connection is closed" whatever happened; the reason comes as an event before it.
  let reason: Error | null = null
  const note = (error: Error): void => {
    reason ??= error
  }
  connection.on('error', note)
  try {
    await connection.connect()
  } catch (thrown) {
    const { host, port } = connection.options
    throw explainRedis({ host: host ?? '', port: port ?? 0 }, reason ?? coerceError(thrown))
  } finally {
    connection.off('error', note)
  }
}

/** Closes for good; whoever waits for an answer is told that it will not come. */
export function closeRedis(connection: RedisConnection): void {
  connection.disconnect()
}

function logOutages(redis: Redis, log: Log): void {
  let isAway = false
  let lastError: Error | null = null
  redis.on('error', (error: Error) => {
    lastError = error
  })
  redis.on('reconnecting', () => {
    if (isAway) return
    isAway = true
    log.warn('redis connection lost', { error: lastError })
  })
  redis.on('ready', () => {
    if (isAway) log.info('redis connection back')
    isAway = false
    lastError = null
  })
}
