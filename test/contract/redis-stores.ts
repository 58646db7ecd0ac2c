/**
 * What the contract suites of the Redis ports run against: clients over one Redis, and hands on the Redis itself.
 */
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createRedisAdvisoryLock } from '../../actors/ownership/redis-advisory-lock.ts'
import { closeRedis, createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import type { RedisConnection } from '../../actors/ownership/redis-connection.ts'
import { createRedisKeys } from '../../actors/ownership/redis-keys.ts'
import { createRedisLeaseStore } from '../../actors/ownership/redis-lease-store.ts'
import type { AdvisoryLock, Inbox, LeaseStore, MessageBus, UnlockedKeyStore } from '../../actors/runtime/ports.ts'
import { createRedisInbox } from '../../actors/transport/redis-inbox.ts'
import { createRedisMessageBus } from '../../actors/transport/redis-message-bus.ts'
import { createRedisUnlockedKeys } from '../../actors/transport/redis-unlocked-keys.ts'
import { mustEnd } from '../support/leaks.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createMemoryAdvisoryLock, createMemoryLeaseStore } from '../support/memory/memory-lease-store.ts'
import { MemoryRedis } from '../support/memory/memory-redis.ts'
import { createMemoryUnlockedKeys } from '../support/memory/memory-unlocked-keys.ts'
import { createMemoryInbox, createMemoryMessageBus } from '../support/memory/memory-transport.ts'
import { testRedisPrefix, testServers, testServersTimeoutMs } from '../support/servers.ts'

export interface RedisStores {
  readonly leases: LeaseStore
  readonly locks: AdvisoryLock
  readonly inbox: Inbox
  readonly bus: MessageBus
  readonly unlockedKeys: UnlockedKeyStore
  /** Lets time pass where leases are counted: on the Redis. */
  pass(ms: number): Promise<void>
  /** Loses every key, as a restart without persistence does. */
  flush(): Promise<void>
  end(): Promise<void>
}

export interface RedisMaker {
  readonly timeoutMs: number
  /** `inboxDepthMax` is the bound of every inbox. */
  create(options?: { readonly inboxDepthMax?: number }): Promise<RedisStores>
}

const inboxDepthMaxDefault = 1_000

export const memoryRedis: RedisMaker = {
  timeoutMs: 1_000,
  create: ({ inboxDepthMax = inboxDepthMaxDefault } = {}) => {
    const clock = createManualClock()
    const redis = new MemoryRedis(clock)
    return Promise.resolve({
      leases: createMemoryLeaseStore(redis),
      locks: createMemoryAdvisoryLock(redis),
      inbox: createMemoryInbox(redis, { depthMax: inboxDepthMax }),
      bus: createMemoryMessageBus(redis),
      unlockedKeys: createMemoryUnlockedKeys(redis),
      pass: async (ms) => {
        // In small steps: who waits for one timer may set the next.
        for (let passed = 0; passed < ms; passed += 1) {
          clock.advance(1)
          await new Promise((resolve) => setImmediate(resolve))
        }
      },
      flush: () => Promise.resolve(redis.flushAll()),
      end: () => Promise.resolve(),
    })
  },
}

export const realRedis: RedisMaker = { timeoutMs: testServersTimeoutMs, create: createRedisStores }

/** A connection that fails the test if it is not closed. */
export async function openTestRedis(role: string, options: { readonly commandTimeoutMs?: number } = {}): Promise<RedisConnection> {
  const { redisUrl } = await testServers()
  const { commandTimeoutMs = 1_000 } = options
  const redis = createRedisConnection({ log: silentLog }, { url: redisUrl, role, commandTimeoutMs, connectTimeoutMs: 2_000 })
  mustEnd('redis connection', () => redis.status !== 'end')
  await openRedis(redis)
  return redis
}

async function createRedisStores({ inboxDepthMax = inboxDepthMaxDefault } = {}): Promise<RedisStores> {
  const prefix = testRedisPrefix()
  const keys = createRedisKeys(prefix)
  const clock = createSystemClock()
  const log = silentLog
  const commands = await openTestRedis('commands')
  const listener = await openTestRedis('listener')
  const subscriber = await openTestRedis('subscriber')
  return {
    leases: createRedisLeaseStore({ redis: commands, keys }),
    locks: createRedisAdvisoryLock({ redis: commands, keys, clock, log }),
    inbox: createRedisInbox({ commands, listener, keys, clock, log }, { depthMax: inboxDepthMax }),
    unlockedKeys: createRedisUnlockedKeys({ redis: commands, keys }),
    bus: createRedisMessageBus({ commands, subscriber, keys, log }),
    pass: (ms) => passOn(commands, ms),
    flush: async () => {
      // Only this test's keys: other test files may share the server.
      const found = await commands.keys(`${prefix}*`)
      if (found.length > 0) await commands.del(found)
    },
    end: async () => {
      for (const redis of [commands, listener, subscriber]) await ended(redis)
    },
  }
}

/** Until so much time has passed by Redis' own clock: leases end by nothing else. */
async function passOn(redis: RedisConnection, ms: number): Promise<void> {
  const nowMs = async (): Promise<number> => {
    const [seconds, microseconds] = await redis.time()
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000
  }
  const endMs = (await nowMs()) + ms
  for (let now = endMs - ms; now < endMs; now = await nowMs()) await waitFor(createSystemClock(), endMs - now)
}

/** Closed, and known to be. */
export function ended(redis: RedisConnection): Promise<void> {
  return new Promise((resolve) => {
    // Between two attempts there is no connection whose end could be told.
    if (redis.status === 'reconnecting' || redis.status === 'end') resolve()
    else redis.once('end', () => resolve())
    closeRedis(redis)
  })
}
