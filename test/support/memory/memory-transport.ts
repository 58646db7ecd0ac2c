/**
 * Inbox and MessageBus over a MemoryRedis.
 */
import { assert } from '../../../kernel/assert.ts'
import { coerceError } from '../../../kernel/errors.ts'
import type { Inbox, MessageBus, StoredInboxEntry } from '../../../actors/runtime/ports.ts'
import { compareStreamIds, firstStreamId } from '../../../actors/transport/stream-id.ts'
import { askMemoryRedis } from './memory-lease-store.ts'
import type { MemoryRedis } from './memory-redis.ts'
import { smoothStep } from './step.ts'
import type { Step } from './step.ts'

export function createMemoryInbox(
  redis: MemoryRedis,
  options: { readonly depthMax: number; readonly step?: Step },
): Inbox {
  const step = options.step ?? smoothStep
  let isReading = false
  let readCount = 0

  function collect({ positions, countMax }: Parameters<Inbox['read']>[0]): readonly StoredInboxEntry[] {
    const found: StoredInboxEntry[] = []
    // Each read starts at another slot, as the real one does: none is starved by the bound.
    const wanted = [...positions]
    const first = readCount++ % Math.max(1, wanted.length)
    for (const [slot, position] of [...wanted.slice(first), ...wanted.slice(0, first)]) {
      for (const entry of redis.streams.get(slot)?.entries ?? []) {
        if (compareStreamIds(entry.position, position) > 0) found.push(entry)
      }
    }
    return found.slice(0, countMax)
  }

  return {
    add: (slot, entry) =>
      askMemoryRedis(step, 'add', () => {
        if ((redis.streams.get(slot)?.entries.length ?? 0) >= options.depthMax) return 'full'
        redis.append(slot, entry)
        return 'added'
      }),

    async read(wanted) {
      assert(!isReading, 'the reader has one blocking read at a time')
      isReading = true
      const giveUpAt = redis.clock.monotonicMs() + wanted.blockMs
      try {
        for (;;) {
          const { found, seenCount } = await askMemoryRedis(step, 'read', () => ({
            found: collect(wanted),
            seenCount: redis.appendCount,
          }))
          const waitMs = giveUpAt - redis.clock.monotonicMs()
          if (found.length > 0 || waitMs <= 0 || wanted.signal?.aborted === true) return found
          if (redis.appendCount === seenCount) await redis.untilAppended(waitMs, wanted.signal)
        }
      } finally {
        isReading = false
      }
    },

    lastPositions: (slots) =>
      askMemoryRedis(
        step,
        'lastPositions',
        () => new Map(slots.map((slot) => [slot, redis.streams.get(slot)?.lastId ?? firstStreamId])),
      ),

    trim: (positions) =>
      askMemoryRedis(step, 'trim', () => {
        for (const [slot, position] of positions) {
          const stream = redis.streams.get(slot)
          if (stream === undefined) continue
          stream.entries = stream.entries.filter((entry) => compareStreamIds(entry.position, position) > 0)
        }
      }),
  }
}

export function createMemoryMessageBus(redis: MemoryRedis, step: Step = smoothStep): MessageBus {
  return {
    publish: (channel, message) =>
      askMemoryRedis(step, 'publish', () => {
        // As over a socket: the listeners hear of it after the publisher's turn.
        for (const listener of redis.listeners.get(channel) ?? []) queueMicrotask(() => listener(message))
      }),

    subscribe: (channel, onMessage) =>
      askMemoryRedis(step, 'subscribe', () => {
        const listener = (message: string): void => void deliver(step, () => onMessage(message))
        const listeners = redis.listeners.get(channel) ?? new Set()
        redis.listeners.set(channel, listeners.add(listener))
        return {
          unsubscribe: () =>
            askMemoryRedis(step, 'unsubscribe', () => {
              listeners.delete(listener)
            }),
        }
      }),
  }
}

/** A message whose step fails is lost, as pub/sub may lose it. */
async function deliver(step: Step, effect: () => void): Promise<void> {
  try {
    await step('deliver', 'before')
  } catch (thrown) {
    coerceError(thrown)
    return
  }
  effect()
}
