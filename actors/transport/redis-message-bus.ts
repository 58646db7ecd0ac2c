/**
 * Pub/sub: replies to who asked, requests between processes. At most once; a lost message is asked for again.
 *
 * Subscriptions come back by themselves after an outage; what was published meanwhile is gone. A subscriber that throws
 * is logged and does not keep the message from the others.
 */
import type { Redis } from 'ioredis'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'
import type { MessageBus } from '../runtime/ports.ts'

type OnMessage = (message: string) => void

export function createRedisMessageBus(deps: {
  readonly commands: Redis
  /** A connection that does nothing but listen: in subscriber mode it may send nothing else. */
  readonly subscriber: Redis
  readonly keys: RedisKeys
  readonly log: Log
}): MessageBus {
  const { commands, subscriber, keys, log } = deps
  const listenersOf = new Map<string, Set<OnMessage>>()

  subscriber.on('message', (channel: string, message: string) => {
    for (const listener of listenersOf.get(channel) ?? []) tell(listener, message, log)
  })

  async function unsubscribe(channel: string, listener: OnMessage): Promise<void> {
    const listeners = listenersOf.get(channel)
    if (listeners === undefined || !listeners.delete(listener) || listeners.size > 0) return
    listenersOf.delete(channel)
    await askRedis('unsubscribe', { channel }, () => subscriber.unsubscribe(channel))
  }

  return {
    async publish(name, message) {
      await askRedis('publish', { channel: name }, () => commands.publish(keys.channel(name), message))
    },

    async subscribe(name, onMessage) {
      const channel = keys.channel(name)
      // Two subscriptions with the same function are two: each ends by itself.
      const listener: OnMessage = (message) => onMessage(message)
      const listeners = listenersOf.get(channel) ?? new Set()
      listenersOf.set(channel, listeners.add(listener))
      try {
        // Sent again for a channel that is subscribed already: the answer means that it stands.
        await askRedis('subscribe', { channel }, () => subscriber.subscribe(channel))
      } catch (thrown) {
        const error = coerceError(thrown)
        listeners.delete(listener)
        if (listeners.size === 0 && listenersOf.get(channel) === listeners) listenersOf.delete(channel)
        throw error
      }
      return { unsubscribe: () => unsubscribe(channel, listener) }
    },
  }
}

function tell(listener: OnMessage, message: string, log: Log): void {
  try {
    listener(message)
  } catch (thrown) {
    log.error('subscriber failed', { error: coerceError(thrown) })
  }
}
