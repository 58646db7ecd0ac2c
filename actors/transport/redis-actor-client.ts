/**
 * The client of guilds' actors over two Redis connections: for every process that asks and owns nothing.
 */
import type { Redis } from 'ioredis'
import { ActorClient } from '../client/actor-client.ts'
import { createRedisKeys } from '../ownership/redis-keys.ts'
import type { Clock } from '../../kernel/clock.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import { newIncarnation } from '../../kernel/new-incarnation.ts'
import { createRedisInbox } from './redis-inbox.ts'
import { createRedisMessageBus } from './redis-message-bus.ts'

export interface RedisActorClientDeps {
  readonly commands: Redis
  /** A connection that does nothing but listen to replies. */
  readonly subscriber: Redis
  readonly clock: Clock
  readonly log: Log
  /** Unix ms by the database's clock: deadlines are compared with it by the owner. */
  now(): number
}

/** Not started yet. The connections stay the caller's. */
export function createRedisActorClient(deps: RedisActorClientDeps, options: { readonly redisPrefix: string }): ActorClient {
  const { commands, subscriber, clock, log } = deps
  const keys = createRedisKeys(options.redisPrefix)
  return new ActorClient({
    me: newIncarnation(),
    clock,
    inbox: createRedisInbox({ commands, listener: null, keys, clock, log }, { depthMax: limits.inboxDepthMax }),
    bus: createRedisMessageBus({ commands, subscriber, keys, log }),
    log,
    now: () => deps.now(),
  })
}
