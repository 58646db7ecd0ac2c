/**
 * Fences: who may write for a slot. The only statements that move them (I1).
 *
 * Every statement locks its rows in id order before it changes one: commits lock the same rows in the same order, and
 * two takeovers of overlapping slots would otherwise deadlock. The lock waits for the commits in flight; the fence is
 * compared again after the wait, because Postgres rechecks the condition on the row as it then is.
 */
import type { Fence, Generation, Incarnation, Slot } from '../kernel/ids.ts'
import type { OwnershipStore, SlotFence, SlotOwner } from '../actors/runtime/ports.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** FOR NO KEY UPDATE is what the UPDATE below takes anyway; it waits for the FOR SHARE of commits. */
const lockSeen = (condition: string): string => `
  WITH want AS MATERIALIZED (SELECT * FROM unnest($1::int4[], $2::int8[]) AS v(slot, fence)),
  seen AS MATERIALIZED (
    SELECT s.id FROM slot s JOIN want w ON w.slot = s.id AND w.fence = s.fence
    WHERE ${condition} ORDER BY s.id FOR NO KEY UPDATE OF s)`

const takeStatement = `${lockSeen('true')}
  UPDATE slot s SET fence = s.fence + 1, owner = $3, generation = $4
  FROM seen WHERE s.id = seen.id RETURNING s.id, s.fence`

const fenceSelfStatement = `${lockSeen('s.owner = $3')}
  UPDATE slot s SET fence = s.fence + 1
  FROM seen WHERE s.id = seen.id RETURNING s.id, s.fence`

interface FenceRow {
  readonly id: number
  readonly fence: string
}

export function createPostgresOwnershipStore(pool: PostgresPool): OwnershipStore {
  return {
    async readSlots(slots) {
      const { rows } = await askPostgres('read slots', { slots: slots.length }, () =>
        pool.query<FenceRow & { owner: string | null; generation: number }>(
          'SELECT id, fence, owner, generation FROM slot WHERE id = ANY($1::int4[]) ORDER BY id',
          [slots],
        ),
      )
      return rows.map(
        (row): SlotOwner => ({
          ...toSlotFence(row),
          owner: row.owner as Incarnation | null,
          generation: row.generation as Generation,
        }),
      )
    },

    async takeSlots({ seen, owner, generation }) {
      const { rows } = await askPostgres('take slots', { slots: seen.length, generation }, () =>
        pool.query<FenceRow>(takeStatement, [...toColumns(seen), owner, generation]),
      )
      return inOrder(rows)
    },

    async fenceSelf({ held, owner }) {
      const { rows } = await askPostgres('fence own slots', { slots: held.length }, () =>
        pool.query<FenceRow>(fenceSelfStatement, [...toColumns(held), owner]),
      )
      return inOrder(rows)
    },
  }
}

function toColumns(slots: readonly SlotFence[]): [number[], number[]] {
  return [slots.map(({ slot }) => slot), slots.map(({ fence }) => fence)]
}

function toSlotFence(row: FenceRow): SlotFence {
  return { slot: row.id as Slot, fence: Number(row.fence) as Fence }
}

/** RETURNING promises no order. */
function inOrder(rows: readonly FenceRow[]): readonly SlotFence[] {
  return rows.map(toSlotFence).sort((a, b) => a.slot - b.slot)
}
