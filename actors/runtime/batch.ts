/**
 * From turns to the rows of one commit. Pure: it reads turns and marks, and builds arrays.
 */
import { assert } from '../../kernel/assert.ts'
import type { GuildId, Sequence, Slot } from '../../kernel/ids.ts'
import { sequence } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Activation } from './activation.ts'
import type { ChainHeadRow } from '../records/stored.ts'
import type { CommitBatch, CursorRow, HeadMove, OpResultRow, OutboxSettlement, SlotFence } from './ports.ts'
import type { Request } from './request.ts'
import type { SlotEntry } from './slot-table.ts'
import type { TurnRows } from './turn.ts'

/** A decided turn on its way to Postgres. */
export interface PendingTurn {
  readonly activation: Activation
  /** The activation's epoch when it was decided: after a reload the turn is nobody's. */
  readonly epoch: number
  readonly guildId: GuildId
  readonly slot: Slot
  readonly request: Request
  readonly from: Sequence
  readonly to: Sequence
  readonly head: Uint8Array
  readonly rows: TurnRows
  readonly opResult: OpResultRow | null
}

export interface BuiltBatch {
  readonly batch: CommitBatch
  readonly turns: readonly PendingTurn[]
}

/**
 * Takes turns from the front, whole, up to the bound of events. A guild that must go alone (it poisoned a batch) gets
 * one turn only. Taken turns leave `pending`.
 */
export function takeTurns(pending: PendingTurn[], mustGoAlone: (guild: GuildId) => boolean): PendingTurn[] {
  const taken: PendingTurn[] = []
  const left: PendingTurn[] = []
  const alone = new Set<GuildId>()
  let events = 0
  for (const [index, turn] of pending.entries()) {
    const size = turn.to - turn.from
    if (events + size > limits.commitBatchEventsMax) {
      for (let rest = index; rest < pending.length; rest += 1) left.push(pending[rest] as PendingTurn)
      break
    }
    if (alone.has(turn.guildId)) {
      left.push(turn)
      continue
    }
    if (mustGoAlone(turn.guildId)) alone.add(turn.guildId)
    taken.push(turn)
    events += size
  }
  pending.splice(0, pending.length, ...left)
  return taken
}

/** Builds the statement's rows; `entries` are the slots whose fences and moved cursors go with it. */
export function buildBatch(turns: readonly PendingTurn[], entries: readonly SlotEntry[]): BuiltBatch {
  const slots: SlotFence[] = entries
    .map((entry) => ({ slot: entry.slot, fence: entry.fence }))
    .sort((a, b) => a.slot - b.slot)
  const fenceOf = new Map(slots.map(({ slot, fence }) => [slot, fence]))
  const heads = new Map<GuildId, HeadMove>()
  const chainHeads = new Map<GuildId, ChainHeadRow>()
  const batch = {
    slots,
    journal: [] as CommitBatch['journal'][number][],
    opResults: [] as OpResultRow[],
    cursors: [] as CursorRow[],
    alarms: new Map<string, CommitBatch['alarms'][number]>(),
    outbox: [] as CommitBatch['outbox'][number][],
    settlements: [] as OutboxSettlement[],
    receipts: [] as CommitBatch['receipts'][number][],
    receiptsVersion1: [] as CommitBatch['receiptsVersion1'][number][],
    erasures: [] as CommitBatch['erasures'][number][],
    guildKeys: [] as CommitBatch['guildKeys'][number][],
    keyClosings: [] as CommitBatch['keyClosings'][number][],
    waiting: [] as CommitBatch['waiting'][number][],
    sealedWaiting: [] as CommitBatch['sealedWaiting'][number][],
    secrets: [] as CommitBatch['secrets'][number][],
    forgottenSecrets: [] as CommitBatch['forgottenSecrets'][number][],
    students: [] as CommitBatch['students'][number][],
    attendanceSessions: [] as CommitBatch['attendanceSessions'][number][],
    attendanceEntries: [] as CommitBatch['attendanceEntries'][number][],
    panels: [] as CommitBatch['panels'][number][],
  }
  for (const turn of turns) {
    const fence = fenceOf.get(turn.slot)
    assert(fence !== undefined, 'a turn is committed with its slot')
    const before = heads.get(turn.guildId)
    assert(before === undefined || before.to === turn.from, 'I2: turns of a guild follow each other without a hole')
    const from = before?.from ?? turn.from
    heads.set(turn.guildId, { guildId: turn.guildId, slot: turn.slot, from, to: sequence(turn.to), head: turn.head })
    for (const row of turn.rows.journal) batch.journal.push({ ...row, fence })
    if (turn.opResult !== null) batch.opResults.push(turn.opResult)
    if (turn.rows.settlement !== null) batch.settlements.push(turn.rows.settlement)
    for (const row of turn.rows.alarms) batch.alarms.set(`${row.guildId} ${row.purpose}`, row)
    batch.outbox.push(...turn.rows.outbox)
    batch.receipts.push(...turn.rows.receipts)
    batch.receiptsVersion1.push(...turn.rows.receiptsVersion1)
    batch.erasures.push(...turn.rows.erasures)
    batch.guildKeys.push(...turn.rows.guildKeys)
    batch.keyClosings.push(...turn.rows.keyClosings)
    batch.waiting.push(...turn.rows.waiting)
    batch.sealedWaiting.push(...turn.rows.sealedWaiting)
    batch.secrets.push(...turn.rows.secrets)
    batch.forgottenSecrets.push(...turn.rows.forgottenSecrets)
    batch.students.push(...turn.rows.students)
    batch.attendanceSessions.push(...turn.rows.attendanceSessions)
    batch.attendanceEntries.push(...turn.rows.attendanceEntries)
    batch.panels.push(...turn.rows.panels)
    if (turn.rows.chainHead !== null) chainHeads.set(turn.guildId, turn.rows.chainHead)
    if (turn.request.lowWater !== null) turn.request.lowWater.state = 'committing'
  }
  // After the marks above: a cursor covers exactly what this statement makes durable (I7).
  for (const entry of entries) batch.cursors.push(...entry.movedCursors())
  return {
    batch: { ...batch, alarms: [...batch.alarms.values()], heads: [...heads.values()], chainHeads: [...chainHeads.values()] },
    turns,
  }
}
