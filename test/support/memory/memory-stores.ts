/**
 * The Postgres ports over a MemoryDatabase. Each call makes one client: with its own step, hence its own faults.
 */
import { assert } from '../../../kernel/assert.ts'
import { AppError, coerceError } from '../../../kernel/errors.ts'
import type { Sequence } from '../../../kernel/ids.ts'
import type {
  CommitLane,
  CommitOutcome,
  GuildStore,
  OwnershipStore,
  SlotOwner,
  StoredGuild,
  WatchStore,
} from '../../../actors/runtime/ports.ts'
import { commitInMemory } from './memory-commit.ts'
import { keyOf } from './memory-database.ts'
import type { MemoryDatabase } from './memory-database.ts'
import { smoothStep, stepped } from './step.ts'
import type { Step } from './step.ts'

/** What a step rejects with becomes the error the real store would have thrown. */
async function ask<Result>(step: Step, operation: string, effect: () => Result): Promise<Result> {
  try {
    return await stepped(step, operation, effect)
  } catch (thrown) {
    const error = coerceError(thrown)
    throw new AppError('postgres-unavailable', `${operation}: ${error.message}`, { cause: error })
  }
}

export function createMemoryCommitLane(database: MemoryDatabase, step: Step = smoothStep): CommitLane {
  let isInFlight = false
  return {
    async commit(batch): Promise<CommitOutcome> {
      assert(!isInFlight, 'a lane has at most one commit in flight')
      isInFlight = true
      try {
        return await stepped(step, 'commit', () => commitInMemory(database, batch))
      } catch (thrown) {
        return { kind: 'unknown', cause: coerceError(thrown) }
      } finally {
        isInFlight = false
      }
    },
  }
}

export function createMemoryOwnershipStore(database: MemoryDatabase, step: Step = smoothStep): OwnershipStore {
  return {
    readSlots: (slots) =>
      ask(step, 'readSlots', () =>
        [...new Set(slots)]
          .sort((a, b) => a - b)
          .map((slot) => database.slots.get(slot))
          .filter((row): row is SlotOwner => row !== undefined),
      ),
    takeSlots: ({ seen, owner, generation }) =>
      ask(step, 'takeSlots', () => database.raiseFences(seen, { owner, generation })),
    fenceSelf: ({ held, owner }) =>
      ask(step, 'fenceSelf', () => database.raiseFences(held, { passes: (row) => row.owner === owner })),
  }
}

export function createMemoryGuildStore(database: MemoryDatabase, step: Step = smoothStep): GuildStore {
  return {
    loadGuilds: (requests) =>
      ask(step, 'loadGuilds', () => requests.map((request) => loadGuild(database, request))),

    findOpResults: (ops) =>
      ask(step, 'findOpResults', () =>
        ops.flatMap(({ guildId, opId }) => database.opResults.get(keyOf(guildId, opId)) ?? []),
      ),

    loadCursors: (slots) =>
      ask(step, 'loadCursors', () => {
        const wanted = new Set(slots)
        const rows = [...database.cursors.values()].filter(({ slot }) => wanted.has(slot))
        return rows.sort((a, b) => a.slot - b.slot || compareText(a.source, b.source))
      }),

    loadAlarms: ({ slots, dueBefore, limit }) =>
      ask(step, 'loadAlarms', () => {
        const wanted = new Set(slots)
        return [...database.alarms.values()]
          .filter(({ slot, dueAt }) => wanted.has(slot) && dueAt <= dueBefore)
          .sort((a, b) => a.dueAt - b.dueAt || compareGuilds(a, b) || compareText(a.purpose, b.purpose))
          .slice(0, limit)
      }),

    loadPendingOutbox: ({ slots, limit }) =>
      ask(step, 'loadPendingOutbox', () => {
        const wanted = new Set(slots)
        return [...database.outbox.values()]
          .filter(({ slot, state }) => wanted.has(slot) && state === 'pending')
          .sort((a, b) => a.createdAt - b.createdAt || compareGuilds(a, b) || a.seq - b.seq || a.ordinal - b.ordinal)
          .slice(0, limit)
          .map(({ state: _state, lastError: _lastError, ...row }) => row)
      }),

    loadWaiting: ({ guildId, fromSeq, toSeq }) =>
      ask(step, 'loadWaiting', () =>
        [...(database.journal.get(guildId)?.values() ?? [])]
          .filter(({ seq, payload }) => seq >= fromSeq && seq <= toSeq && payload.includes('"kind":"record-waiting"'))
          .map(({ seq, payload: journaled }) => {
            const stored = database.waiting.get(keyOf(guildId, seq))
            if (stored === undefined) return { seq, journaled, row: null }
            const { recordId, type, payload } = stored
            return { seq, journaled, row: { recordId, type, payload } }
          }),
      ),

    appendSnapshot: ({ slot, snapshot }) =>
      ask(step, 'appendSnapshot', () => {
        if (!database.holds({ slot, fence: snapshot.fence })) return false
        const others = (database.snapshots.get(snapshot.guildId) ?? []).filter(({ seq }) => seq !== snapshot.seq)
        database.snapshots.set(snapshot.guildId, [...others, snapshot].sort((a, b) => a.seq - b.seq))
        return true
      }),

    databaseTime: () => ask(step, 'databaseTime', () => database.clock.wallMs()),
  }
}

export function createMemoryWatchStore(database: MemoryDatabase, step: Step = smoothStep): WatchStore {
  return {
    writeWatched: (shards) =>
      ask(step, 'writeWatched', () => {
        for (const { shardCount, shardId, watchedUntil } of shards) {
          const key = keyOf(shardCount, shardId)
          database.watched.set(key, Math.max(Math.floor(watchedUntil), database.watched.get(key) ?? 0))
        }
      }),
    readWatched: () =>
      ask(step, 'readWatched', () =>
        [...database.watched]
          .map(([key, watchedUntil]) => {
            const [shardCount = 0, shardId = 0] = key.split('\u0001').map(Number)
            return { shardCount, shardId, watchedUntil }
          })
          .sort((a, b) => a.shardCount - b.shardCount || a.shardId - b.shardId),
      ),
  }
}

function loadGuild(
  database: MemoryDatabase,
  { guildId, belowSeq }: Parameters<GuildStore['loadGuilds']>[0][number],
): StoredGuild {
  const actor = database.actors.get(guildId)
  const seq = actor?.seq ?? (0 as Sequence)
  const snapshots = database.snapshots.get(guildId) ?? []
  const snapshot =
    snapshots.findLast((candidate) => candidate.seq <= seq && candidate.seq < (belowSeq ?? Infinity)) ?? null
  const rows = [...(database.journal.get(guildId)?.values() ?? [])]
  const keys = [...database.guildKeys.values()].filter((key) => key.guildId === guildId)
  return {
    guildId,
    seq,
    head: actor?.head ?? new Uint8Array(32),
    snapshot: actor === undefined ? null : snapshot,
    journal: rows
      .filter((row) => row.seq > (snapshot?.seq ?? 0) && row.seq <= seq)
      .map(({ seq: at, payload, hash }) => ({ seq: at, payload, hash })),
    secrets: [...database.secrets.values()].filter((row) => row.guildId === guildId),
    keys: keys.sort((a, b) => a.firstSequence - b.firstSequence),
  }
}

/** By number, as Postgres orders a bigint. */
function compareGuilds(a: { readonly guildId: string }, b: { readonly guildId: string }): number {
  return a.guildId.length - b.guildId.length || compareText(a.guildId, b.guildId)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
