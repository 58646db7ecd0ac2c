/**
 * Slot inboxes as Redis streams: anyone appends, the owner of a slot reads all its slots with one blocking XREAD.
 *
 * Adding never trims and refuses at the bound before anything was added. The owner trims below its durable cursor.
 * After a loss of Redis a stream starts anew: its last position is then below the cursor, or it has none.
 * https://redis.io/docs/latest/develop/data-types/streams/
 *
 * Promises order per slot. Reading is by position and takes nothing away, so a read whose answer was lost is repeated.
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
import { readScript, runScript } from '../ownership/redis-scripts.ts'
import type { Inbox, StoredInboxEntry } from '../runtime/ports.ts'
import { parseFields, toFields } from './inbox-fields.ts'
import { createInterruptibleReader } from './interruptible-read.ts'
import { firstStreamId, nextStreamId } from './stream-id.ts'

export interface RedisInboxDeps {
  readonly commands: Redis
  /** A connection that does nothing but blocking reads; null in a process that only adds. */
  readonly reader: Redis | null
  readonly keys: RedisKeys
  readonly clock: Clock
  readonly log: Log
}

/** XREAD's COUNT is per stream. A busy slot gets this many even when it shares the read with hundreds of idle ones. */
const countPerSlotMin = 64

/** Below the time after which a silent connection is cut (redis-connection.ts): an idle inbox is not a dead server. */
const blockMsMax = 3_000

type Streams = [key: string, entries: [id: string, fields: string[] | null][]][] | null

export function createRedisInbox(deps: RedisInboxDeps, options: { readonly depthMax: number }): Inbox {
  const { commands, keys, clock } = deps
  const addScript = readScript(new URL('./scripts/add-to-inbox-1.lua', import.meta.url))
  const reader = deps.reader === null ? null : createInterruptibleReader({ ...deps, reader: deps.reader })
  // Hundreds of names a read, many reads a second: each is made once.
  const names: string[] = []
  const slotOf = new Map<string, Slot>()
  let readCount = 0
  let isReading = false

  function nameOf(slot: Slot): string {
    const known = names[slot]
    if (known !== undefined) return known
    const name = keys.inbox(slot)
    names[slot] = name
    slotOf.set(name, slot)
    return name
  }

  async function read(wanted: Parameters<Inbox['read']>[0]): Promise<readonly StoredInboxEntry[]> {
    assert(reader !== null, 'this process only adds to inboxes')
    assert(wanted.blockMs <= blockMsMax, 'a read waits longer than a silent server is borne')
    assert(!isReading, 'the reader has one blocking read at a time')
    if (wanted.positions.size === 0) return await waitInVain(clock, wanted.blockMs, wanted.signal)
    isReading = true
    try {
      // Each read starts at another slot: what the bound cuts off is never always the same slots' entries.
      const slots = rotate([...wanted.positions], readCount++)
      const count = Math.max(countPerSlotMin, Math.ceil(wanted.countMax / slots.length))
      const streamNames = slots.map(([slot]) => nameOf(slot))
      const ids = slots.map(([, position]) => position)
      const streams = await askRedis('read inboxes', { slots: slots.length }, () =>
        reader.read(
          (redis) =>
            redis.xread('COUNT', count, 'BLOCK', wanted.blockMs, 'STREAMS', ...streamNames, ...ids) as Promise<Streams>,
          wanted.signal,
        ),
      )
      return collect(deps, streams ?? [], slotOf).slice(0, wanted.countMax)
    } finally {
      isReading = false
    }
  }

  return {
    async add(slot, entry) {
      const added = await askRedis('add to an inbox', { slot, guildId: entry.guildId }, () =>
        runScript(commands, addScript, [keys.inbox(slot)], [options.depthMax, ...toFields(entry)]),
      )
      return added === 1 ? 'added' : 'full'
    },

    read,

    async lastPositions(slots) {
      return await askRedis('read last positions', { slots: slots.length }, async () => {
        const pipeline = commands.pipeline()
        for (const slot of slots) pipeline.xinfo('STREAM', keys.inbox(slot))
        const answers = await pipeline.exec()
        return new Map(slots.map((slot, at) => [slot, lastPositionIn(answers?.[at])]))
      })
    },

    async trim(positions) {
      await askRedis('trim inboxes', { slots: positions.size }, async () => {
        const pipeline = commands.pipeline()
        for (const [slot, position] of positions) pipeline.xtrim(keys.inbox(slot), 'MINID', '=', nextStreamId(position))
        for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error
      })
    },
  }
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
  deps: RedisInboxDeps,
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
function dropForeign({ commands, log }: RedisInboxDeps, key: string, id: string): void {
  log.error('inbox entry is not ours, dropped', { key, id })
  commands.xdel(key, id).catch((error: Error) => log.warn('foreign inbox entry not removed', { key, id, error }))
}

/** XINFO STREAM answers names and values in turn; a stream that does not exist is an error of its own. */
function lastPositionIn(answer: [error: Error | null, result: unknown] | undefined): string {
  const [error, result] = answer ?? [new Error('no answer'), null]
  if (error !== null) {
    if (/no such key/i.test(error.message)) return firstStreamId
    throw error
  }
  const values = result as unknown[]
  const at = values.indexOf('last-generated-id')
  assert(at >= 0, 'XINFO STREAM did not tell the last id')
  return String(values[at + 1])
}
