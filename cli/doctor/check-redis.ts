/**
 * Redis: reached, new enough, one primary, and never throwing keys away by itself.
 */
import type { RedisConnection } from '../../actors/ownership/redis-connection.ts'
import { closeRedis, createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import { coerceError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import type { Finding } from './finding.ts'
import { note, ok, problem, warning } from './finding.ts'

const versionMin = [6, 2] as const
const timeoutMs = 3_000
/** Inboxes and leases of a large house stay far below. */
const memoryShareMax = 0.8

export async function checkRedis(url: string): Promise<readonly Finding[]> {
  const redis = createRedisConnection({ log: silentLog }, { url, role: 'doctor', commandTimeoutMs: timeoutMs, connectTimeoutMs: timeoutMs })
  try {
    await openRedis(redis)
    return judgeRedis(await readInfo(redis))
  } catch (thrown) {
    return [problem('redis', coerceError(thrown).message, 'Without Redis nothing is lost, but no slot changes hands and no webhook is taken.')]
  } finally {
    closeRedis(redis)
  }
}

export type RedisInfo = ReadonlyMap<string, string>

async function readInfo(redis: RedisConnection): Promise<RedisInfo> {
  const text = await redis.info()
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':')
      return at <= 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
    }),
  )
}

export function judgeRedis(info: RedisInfo): readonly Finding[] {
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? '0'
  const [major = 0, minor = 0] = (info.get('redis_version') ?? '0').split('.').map(Number)
  const isNewEnough = major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1])
  const findings: Finding[] = [
    isNewEnough ? ok('redis', `Redis ${version}`) : problem('redis', `Redis ${version} is too old`, `Upgrade it to ${versionMin.join('.')} or newer.`),
  ]
  if (info.get('role') !== 'master') findings.push(problem('redis role', 'this Redis is a replica and takes no writes', 'Point REDIS_URL at the primary (with Sentinel, at its address).'))
  if (info.get('cluster_enabled') === '1') {
    findings.push(problem('redis role', 'this Redis runs in cluster mode, and a key of ours may be on another node', 'Use one primary, with Sentinel or managed.'))
  }
  return [...findings, judgeEviction(info), ...judgeMemory(info), judgePersistence(info)]
}

function judgeEviction(info: RedisInfo): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown'
  if (policy === 'noeviction') return ok('redis eviction', 'noeviction: no key is thrown away')
  const fix = 'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf.'
  return problem('redis eviction', `maxmemory-policy is ${policy}: leases and commands on their way may be thrown away`, fix)
}

function judgeMemory(info: RedisInfo): readonly Finding[] {
  const max = Number(info.get('maxmemory') ?? 0)
  const used = Number(info.get('used_memory') ?? 0)
  if (max === 0 || used < max * memoryShareMax) return []
  return [warning('redis memory', `${Math.round((used / max) * 100)} % of maxmemory is used`, 'Raise maxmemory: when it is full, Redis refuses leases and commands.')]
}

/** Losing everything is allowed (nothing wrong is written), so neither form is a fault. */
function judgePersistence(info: RedisInfo): Finding {
  const isAppending = info.get('aof_enabled') === '1'
  if (isAppending) return ok('redis persistence', 'append-only file: a restart keeps what is on its way')
  return note('redis persistence', 'no append-only file: after a restart, askers ask again and owners write leases anew')
}
