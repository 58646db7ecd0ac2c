/**
 * Which inboxes have something new: whoever adds to one rings its bell, a message on the slot's channel.
 *
 * A blocking read of hundreds of streams costs client and server half a millisecond each time, however few of them have
 * entries; a bell costs some microseconds. Bells may be lost with the connection: then every slot counts as rung once it
 * is heard again, and the inbox looks at all of them now and then whatever it has heard.
 */
import type { Redis } from 'ioredis'
import type { Clock } from '../../kernel/clock.ts'
import type { Slot } from '../../kernel/ids.ts'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'

export interface InboxBells {
  /** Resolves when exactly these slots are heard; those that were not heard before count as rung. */
  hear(slots: ReadonlyMap<Slot, unknown>): Promise<void>
  /** Counts a slot as rung. */
  ring(slot: Slot): void
  /** What rang since it was last taken. */
  take(): ReadonlySet<Slot>
  /** Waits until something rings, the connection goes, the signal aborts, or the time is over. True: something rang. */
  whenRung(waitMs: number, signal: AbortSignal | undefined): Promise<boolean>
}

export function createInboxBells(deps: {
  /** A connection that does nothing but listen: in subscriber mode it may send nothing else. */
  readonly listener: Redis
  readonly keys: RedisKeys
  readonly clock: Clock
}): InboxBells {
  const { listener, keys, clock } = deps
  const heard = new Map<Slot, string>()
  const slotOf = new Map<string, Slot>()
  let rung = new Set<Slot>()
  let wake = (): void => undefined

  function ring(slot: Slot): void {
    rung.add(slot)
    wake()
  }

  listener.on('message', (channel: string) => {
    const slot = slotOf.get(channel)
    if (slot !== undefined) ring(slot)
  })
  listener.on('close', () => {
    // What rings from here on is not heard: all are subscribed to again, and count as rung.
    heard.clear()
    slotOf.clear()
    wake()
  })

  async function leave(slots: readonly Slot[]): Promise<void> {
    const channels = slots.map((slot) => keys.inboxBell(slot))
    for (const [at, slot] of slots.entries()) {
      heard.delete(slot)
      slotOf.delete(channels[at] ?? '')
      rung.delete(slot)
    }
    await askRedis('leave inbox bells', { slots: slots.length }, () => listener.unsubscribe(...channels))
  }

  async function join(slots: readonly Slot[]): Promise<void> {
    const channels = slots.map((slot) => keys.inboxBell(slot))
    for (const [at, slot] of slots.entries()) slotOf.set(channels[at] ?? '', slot)
    await askRedis('hear inbox bells', { slots: slots.length }, () => listener.subscribe(...channels))
    for (const [at, slot] of slots.entries()) {
      heard.set(slot, channels[at] ?? '')
      rung.add(slot)
    }
  }

  return {
    async hear(slots) {
      const gone = [...heard.keys()].filter((slot) => !slots.has(slot))
      const come = [...slots.keys()].filter((slot) => !heard.has(slot))
      if (gone.length > 0) await leave(gone)
      if (come.length > 0) await join(come)
    },

    ring,

    take() {
      const taken = rung
      rung = new Set()
      return taken
    },

    whenRung(waitMs, signal) {
      if (rung.size > 0 || signal?.aborted === true) return Promise.resolve(rung.size > 0)
      return new Promise((resolve) => {
        const end = (): void => {
          timer.cancel()
          signal?.removeEventListener('abort', end)
          wake = () => undefined
          resolve(rung.size > 0)
        }
        const timer = clock.after(waitMs, end)
        signal?.addEventListener('abort', end, { once: true })
        wake = end
      })
    },
  }
}
