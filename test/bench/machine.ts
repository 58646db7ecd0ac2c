/**
 * Where and when a bench ran: a figure without it is a rumour.
 */
import { cpus } from 'node:os'
import { Redis } from 'ioredis'

export async function describeMachine(options: { readonly postgres: string; readonly redisUrl: string }): Promise<string> {
  const redis = new Redis(options.redisUrl, { lazyConnect: true, maxRetriesPerRequest: 0 })
  await redis.connect()
  const info = await redis.info('server')
  redis.disconnect()
  const redisVersion = /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown'
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${options.postgres}, Redis ${redisVersion}`
}
