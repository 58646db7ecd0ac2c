/**
 * Pub/sub: replies to who asked, requests between processes. At most once; a lost message is asked for again.
 *
 * Subscriptions come back by themselves after an outage; what was published meanwhile is gone. A subscriber that throws
 * is logged and does not keep the message from the others.
 *
 * What is published in one breath to one channel travels as one message: the answers of a commit leave together, and a
 * message of its own each would cost owner, Redis and asker more than the answers themselves.
 */
import type { Redis } from 'ioredis'
import { assert } from '../../kernel/assert.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'
import type { MessageBus } from '../runtime/ports.ts'

type OnMessage = (message: string) => void

/** RECORD SEPARATOR: a JSON text escapes it, so that it never stands in a message. */
const separator = '\u001e'
/** Longest joined message: far below what a subscriber may leave unread. */
const joinedLengthMax = 256 * 1024

interface Outgoing {
  length: number
  readonly messages: string[]
  readonly published: Promise<void>
}

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
    const listeners = listenersOf.get(channel)
    if (listeners === undefined) return
    for (const one of message.split(separator)) for (const listener of listeners) tell(listener, one, log)
  })

  const outgoing = new Map<string, Outgoing>()

  /** Begins a message that others of the same breath may join. */
  function begin(channel: string): Outgoing {
    const messages: string[] = []
    // After the code that is running: a commit settles its answers one after the other without a pause.
    const published = Promise.resolve().then(async () => {
      if (outgoing.get(channel)?.messages === messages) outgoing.delete(channel)
      await askRedis('publish', { channel }, () => commands.publish(channel, messages.join(separator)))
    })
    const begun = { length: 0, messages, published }
    outgoing.set(channel, begun)
    return begun
  }

  async function unsubscribe(channel: string, listener: OnMessage): Promise<void> {
    const listeners = listenersOf.get(channel)
    if (listeners === undefined || !listeners.delete(listener) || listeners.size > 0) return
    listenersOf.delete(channel)
    await askRedis('unsubscribe', { channel }, () => subscriber.unsubscribe(channel))
  }

  return {
    publish(name, message) {
      assert(!message.includes(separator), 'a message contains no record separator')
      const channel = keys.channel(name)
      const open = outgoing.get(channel)
      const joined = open !== undefined && open.length + message.length <= joinedLengthMax ? open : begin(channel)
      joined.messages.push(message)
      joined.length += message.length
      return joined.published
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
