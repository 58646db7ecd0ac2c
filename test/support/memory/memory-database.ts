/**
 * Postgres in memory, as far as the ports of the runtime can tell: tables, fences, unique keys, one clock.
 *
 * Every operation is atomic, as its one statement is; what happens between operations is decided by the steps of the
 * clients (step.ts). The rules are those of the SQL in prisma/, told a second time so that the contract suites can hold
 * both against each other. Rows are kept as they were given; nobody changes a row after handing it over.
 */
import type { Clock } from '../../../kernel/clock.ts'
import type { Fence, Generation, GuildId, Incarnation, Sequence, Slot } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import type { ChainHeadRow, GuildKeyRow, ReceiptRow, ReceiptVersion1Row } from '../../../actors/records/stored.ts'
import type {
  AlarmRow,
  CommitBatch,
  CursorRow,
  GuildSecretRow,
  JournalRow,
  OpResultRow,
  OutboxState,
  SlotFence,
  SlotOwner,
  StoredOutboxRow,
  StoredSnapshot,
  WaitingRecordRow,
} from '../../../actors/runtime/ports.ts'

export interface MemoryActor {
  readonly slot: Slot
  readonly seq: Sequence
  readonly head: Uint8Array
}

export interface MemoryOutboxRow extends StoredOutboxRow {
  readonly state: OutboxState
  readonly lastError: string | null
}

/** Keys of several columns, joined by a character none of them has. */
export const keyOf = (...columns: readonly (string | number)[]): string => columns.join('\u0001')

export class MemoryDatabase {
  readonly clock: Clock
  readonly slots = new Map<Slot, SlotOwner>()
  readonly actors = new Map<GuildId, MemoryActor>()
  /** By guild and sequence, in the order of writing, which is the order of sequences. */
  readonly journal = new Map<GuildId, Map<Sequence, JournalRow>>()
  readonly opResults = new Map<string, OpResultRow>()
  readonly cursors = new Map<string, CursorRow>()
  readonly alarms = new Map<string, AlarmRow & { readonly dueAt: number }>()
  readonly outbox = new Map<string, MemoryOutboxRow>()
  /** `signed` null: erased. */
  readonly receipts = new Map<string, Omit<ReceiptRow, 'signed'> & { readonly signed: Uint8Array | null }>()
  readonly receiptsVersion1 = new Map<string, ReceiptVersion1Row>()
  readonly chainHeads = new Map<GuildId, ChainHeadRow>()
  readonly guildKeys = new Map<string, GuildKeyRow>()
  readonly waiting = new Map<string, WaitingRecordRow>()
  readonly secrets = new Map<string, GuildSecretRow>()
  readonly students = new Map<string, CommitBatch['students'][number]>()
  readonly attendanceSessions = new Map<string, CommitBatch['attendanceSessions'][number]>()
  readonly attendanceEntries = new Map<string, CommitBatch['attendanceEntries'][number]>()
  readonly panels = new Map<string, CommitBatch['panels'][number]>()
  readonly snapshots = new Map<GuildId, StoredSnapshot[]>()
  readonly watched = new Map<string, number>()

  /** `clock` is the database machine's: its wall time dates rows and answers `databaseTime`. */
  constructor(clock: Clock) {
    this.clock = clock
    for (let id = 0; id < limits.slotCount; id += 1) {
      this.slots.set(id as Slot, { slot: id as Slot, fence: 0 as Fence, owner: null, generation: 0 as Generation })
    }
  }

  holds({ slot, fence }: SlotFence): boolean {
    return this.slots.get(slot)?.fence === fence
  }

  /** Raises the fences of the slots whose row passes; answers the new ones in order of slot. */
  raiseFences(
    seen: readonly SlotFence[],
    options: { passes?: (row: SlotOwner) => boolean; owner?: Incarnation; generation?: Generation },
  ): readonly SlotFence[] {
    const raised: SlotFence[] = []
    for (const { slot, fence } of [...seen].sort((a, b) => a.slot - b.slot)) {
      const row = this.slots.get(slot)
      if (row === undefined || row.fence !== fence || options.passes?.(row) === false) continue
      const next = (fence + 1) as Fence
      this.slots.set(slot, {
        slot,
        fence: next,
        owner: options.owner ?? row.owner,
        generation: options.generation ?? row.generation,
      })
      raised.push({ slot, fence: next })
    }
    return raised
  }
}
