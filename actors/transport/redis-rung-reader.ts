/**
 * Reads the streams of those slots that rang, with one XREAD that does not block.
 *
 * A slot counts as rung as well when it is asked from elsewhere than where its last read ended, and when a bound cut off
 * what it had. When nothing rings for a whole wait, all slots are looked at: a bell is only a hint.
 */
import type { Redis } from 'ioredis'
import { assert } from '../../kernel/assert.ts'
import { waitFor } from '../../kernel/clock.ts'
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Slot } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'
import type { Inbox, StoredInboxEntry } from '../runtime/ports.ts'
import type { InboxBells } from './redis-inbox-bells.ts'
import { parseFields } from './inbox-fields.ts'
import { firstStreamId } from './stream-id.ts'

/** XREAD's COUNT is per stream. A busy slot gets this many even when it shares the read with hundreds of others. */
const countPerSlotMin = 64

type Wanted = Parameters<Inbox['read']>[0]
type Streams = [key: string, entries: [id: string, fields: string[] | null][]][] | null

export interface RungReaderDeps {
  readonly commands: Redis
  readonly bells: InboxBells
  readonly keys: RedisKeys
  readonly clock: Clock
  readonly log: Log
}

export function createRungReader(deps: RungReaderDeps): Inbox['read'] {
  const { commands, bells, keys, clock } = deps
  const slotOf = new Map<string, Slot>()
  /** Up to where the last read of each slot went: asked from elsewhere, it is read whether it rang or not. */
  const readTo = new Map<Slot, string>()
  let readCount = 0
  let isReading = false

  async function read(wanted: Wanted): Promise<readonly StoredInboxEntry[]> {
    assert(!isReading, 'one read at a time')
    if (wanted.positions.size === 0) return await waitInVain(clock, wanted.blockMs, wanted.signal)
    isReading = true
    try {
      await bells.hear(wanted.positions)
      for (const [slot, position] of wanted.positions) if (readTo.get(slot) !== position) bells.ring(slot)
      const endsAt = clock.monotonicMs() + wanted.blockMs
      for (;;) {
        const hasRung = await bells.whenRung(Math.max(0, endsAt - clock.monotonicMs()), wanted.signal)
        if (wanted.signal?.aborted === true) return []
        const rung = bells.take()
        const slots = [...wanted.positions.keys()].filter((slot) => !hasRung || rung.has(slot))
        const entries = await readRung(wanted, slots)
        if (entries.length > 0 || !hasRung) return entries
      }
    } finally {
      isReading = false
    }
  }

  /** What cannot be read stays rung. */
  async function readRung(wanted: Wanted, slots: readonly Slot[]): Promise<readonly StoredInboxEntry[]> {
    if (slots.length === 0) return []
    try {
      return await readSlots(wanted, slots)
    } catch (thrown) {
      for (const slot of slots) bells.ring(slot)
      throw thrown
    }
  }

  async function readSlots(wanted: Wanted, inOrder: readonly Slot[]): Promise<readonly StoredInboxEntry[]> {
    // Each read starts at another slot: what the bound cuts off is never always the same slots' entries.
    const slots = rotate(inOrder, readCount++)
    const count = Math.max(countPerSlotMin, Math.ceil(wanted.countMax / slots.length))
    const streamNames = slots.map((slot) => keys.inbox(slot))
    for (const slot of slots) slotOf.set(keys.inbox(slot), slot)
    const positions = slots.map((slot) => wanted.positions.get(slot) ?? firstStreamId)
    const streams = await askRedis(
      'read inboxes',
      { slots: slots.length },
      () => commands.xread('COUNT', count, 'STREAMS', ...streamNames, ...positions) as Promise<Streams>,
    )
    for (const [at, slot] of slots.entries()) readTo.set(slot, positions[at] ?? firstStreamId)
    const entries = collect(deps, streams ?? [], slotOf)
    const taken = entries.slice(0, wanted.countMax)
    for (const { slot, position } of taken) readTo.set(slot, position)
    // More may lie where the bound cut: these are as good as rung.
    for (const { slot } of entries.slice(wanted.countMax)) bells.ring(slot)
    for (const [key, { length }] of streams ?? []) {
      const slot = slotOf.get(key)
      if (length >= count && slot !== undefined) bells.ring(slot)
    }
    return taken
  }

  return read
}

/** A process that owns nothing yet still waits, so that its loop does not spin. */
async function waitInVain(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Promise<readonly []> {
  try {
    await waitFor(clock, waitMs, signal)
  } catch (thrown) {
    // The signal's own reason: a slot was gained, which is what the wait was for.
    coerceError(thrown)
  }
  return []
}

function rotate<Item>(items: readonly Item[], by: number): readonly Item[] {
  const at = by % items.length
  return [...items.slice(at), ...items.slice(0, at)]
}

function collect(
  deps: RungReaderDeps,
  streams: NonNullable<Streams>,
  slotOf: ReadonlyMap<string, Slot>,
): readonly StoredInboxEntry[] {
  const collected: StoredInboxEntry[] = []
  for (const [key, entries] of streams) {
    const slot = slotOf.get(key)
    assert(slot !== undefined, 'redis answered for a stream nobody asked about')
    for (const [id, fields] of entries) {
      const entry = parseFields(slot, id, fields ?? [])
      if (entry !== null) collected.push(entry)
      else dropForeign(deps, key, id)
    }
  }
  return collected
}

/** An entry nobody can read would be met again and again: it is removed, and somebody should look who wrote it. */
function dropForeign({ commands, log }: RungReaderDeps, key: string, id: string): void {
  log.error('inbox entry is not ours, dropped', { key, id })
  commands.xdel(key, id).catch((error: Error) => log.warn('foreign inbox entry not removed', { key, id, error }))
}
