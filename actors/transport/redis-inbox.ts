/**
 * Slot inboxes as Redis streams: anyone appends and rings, the owner of a slot reads those of its slots that rang.
 *
 * Adding never trims and refuses at the bound before anything was added. The owner trims below its durable cursor.
 * After a loss of Redis a stream starts anew: its last position is then below the cursor, or it has none.
 * https://redis.io/docs/latest/develop/data-types/streams/
 *
 * Promises order per slot. Reading is by position and takes nothing away, so a read whose answer was lost is repeated.
 */
import type { Redis } from 'ioredis'
import { AssertionFailed } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { askRedis } from '../ownership/redis-failure.ts'
import type { RedisKeys } from '../ownership/redis-keys.ts'
import { readScript, runScript } from '../ownership/redis-scripts.ts'
import type { Inbox } from '../runtime/ports.ts'
import { createInboxBells } from './redis-inbox-bells.ts'
import { toFields } from './inbox-fields.ts'
import { createRungReader } from './redis-rung-reader.ts'
import { firstStreamId, nextStreamId } from './stream-id.ts'

export interface RedisInboxDeps {
  readonly commands: Redis
  /** A connection that does nothing but listen to bells; null in a process that only adds. */
  readonly listener: Redis | null
  readonly keys: RedisKeys
  readonly clock: Clock
  readonly log: Log
}

export function createRedisInbox(deps: RedisInboxDeps, options: { readonly depthMax: number }): Inbox {
  const { commands, keys } = deps
  const addScript = readScript(new URL('./scripts/add-to-inbox-2.lua', import.meta.url))
  const lastScript = readScript(new URL('./scripts/last-positions-any.lua', import.meta.url))
  const listener = deps.listener
  const read = listener === null ? onlyAdds : createRungReader({ ...deps, bells: createInboxBells({ ...deps, listener }) })

  return {
    async add(slot, entry) {
      const added = await askRedis('add to an inbox', { slot, guildId: entry.guildId }, () =>
        runScript(commands, addScript, [keys.inbox(slot), keys.inboxBell(slot)], [options.depthMax, ...toFields(entry)]),
      )
      return added === 1 ? 'added' : 'full'
    },

    read,

    async lastPositions(slots) {
      const names = slots.map((slot) => keys.inbox(slot))
      const last = await askRedis('read last positions', { slots: slots.length }, () => runScript(commands, lastScript, names, []))
      const positions = last as readonly string[]
      return new Map(slots.map((slot, at) => [slot, positions[at] ?? firstStreamId]))
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

const onlyAdds: Inbox['read'] = () => {
  throw new AssertionFailed('this process only adds to inboxes')
}
