/**
 * The way from this process to guilds' actors: inboxes and replies in Redis, and the database's time for deadlines.
 *
 * Nothing of it is needed to verify, so nothing of it keeps the process from starting: while Redis is away webhooks are
 * answered 503 and everything else goes on. Requests of one event that come at once are one question.
 */
import { closeRedis, createRedisConnection, openRedis } from '../actors/ownership/redis-connection.ts'
import type { RedisConnection } from '../actors/ownership/redis-connection.ts'
import type { Outcome } from '../actors/protocol/command.ts'
import { CalibratedTime } from '../actors/runtime/database-time.ts'
import { createRedisActorClient } from '../actors/transport/redis-actor-client.ts'
import type { Clock } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { createActorReadiness } from './actor-readiness.ts'
import type { AskActor } from './routes/webhooks.ts'

export interface ActorDoorDeps {
  readonly clock: Clock
  readonly log: Log
  /** Unix milliseconds by the database's clock. */
  readDatabaseTime(): Promise<number>
}

export interface ActorDoor {
  readonly ask: AskActor
  /** For whoever counts in Redis. */
  readonly redis: RedisConnection
  ping(): Promise<void>
  stop(): Promise<void>
}

const connectTimeoutMs = 2_000
const commandTimeoutMs = 1_000

export function openActorDoor(deps: ActorDoorDeps, options: { readonly redisUrl: string; readonly redisPrefix: string }): ActorDoor {
  const { clock, log } = deps
  const open = (role: string): RedisConnection =>
    createRedisConnection({ log }, { url: options.redisUrl, role, commandTimeoutMs, connectTimeoutMs })
  const commands = open('api-commands')
  const subscriber = open('api-replies')
  for (const connection of [commands, subscriber]) {
    // It comes back by itself; its log line is written by the connection.
    openRedis(connection).catch((thrown: unknown) => log.debug('redis is away at start', { error: coerceError(thrown) }))
  }
  const time = new CalibratedTime(clock)
  const client = createRedisActorClient({ commands, subscriber, clock, log, now: () => time.now() }, options)
  const ready = createActorReadiness({
    clock,
    log,
    calibrate: () => time.calibrate(() => deps.readDatabaseTime()),
    subscribe: () => client.start(),
  })
  const asking = new Map<string, Promise<Outcome>>()

  const askOnce: AskActor = async (question) => {
    if (!(await ready())) return { status: 'refused', reason: 'no-owner' }
    return await client.ask(question)
  }

  return {
    ask(question) {
      const key = `${question.guildId} ${question.opId}`
      const known = asking.get(key)
      if (known !== undefined) return known
      const answer = askOnce(question).finally(() => asking.delete(key))
      asking.set(key, answer)
      return answer
    },
    redis: commands,
    ping: async () => void (await commands.ping()),
    async stop() {
      await client.stop().catch((thrown: unknown) => log.debug('replies could not be unsubscribed', { error: coerceError(thrown) }))
      for (const connection of [commands, subscriber]) closeRedis(connection)
    },
  }
}
