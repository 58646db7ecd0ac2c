/**
 * Batches for the contract suites: small, readable, with rows that are right unless a test makes one wrong.
 */
import { createHash, randomUUID } from 'node:crypto'
import { guildId, opId, sequence, snowflakeAt } from '../../kernel/ids.ts'
import type { Fence, GuildId, Slot } from '../../kernel/ids.ts'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { ChainHeadRow, GuildKeyRow, ReceiptRow } from '../../actors/records/stored.ts'
import type { CommitBatch, HeadMove, JournalRow, OpResultRow, SlotFence, StoredSnapshot } from '../../actors/runtime/ports.ts'

export const emptyBatch: CommitBatch = {
  slots: [],
  heads: [],
  journal: [],
  opResults: [],
  cursors: [],
  alarms: [],
  outbox: [],
  settlements: [],
  receipts: [],
  receiptsVersion1: [],
  erasures: [],
  chainHeads: [],
  guildKeys: [],
  keyClosings: [],
  waiting: [],
  sealedWaiting: [],
  secrets: [],
  forgottenSecrets: [],
  students: [],
  attendanceSessions: [],
  attendanceEntries: [],
  panels: [],
}

/** 32 bytes that depend on the text. */
export const hashOf = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest())

/** The n-th guild of a slot: an id whose bits above 22 give the slot. */
export function guildIn(slot: number, n = 0): GuildId {
  const base = BigInt(snowflakeAt(Date.UTC(2020, 0, 1))) >> 22n
  const inSlot = base - (base % 384n) + BigInt(slot) + 384n * BigInt(n)
  return guildId((inSlot << 22n).toString())
}

export interface GuildMove {
  readonly guildId: GuildId
  readonly fence: Fence
  readonly from: number
  /** Default: one event. */
  readonly to?: number
}

export function headMove({ guildId: guild, from, to = from + 1 }: GuildMove): HeadMove {
  return { guildId: guild, slot: slotOf(guild), from: sequence(from), to: sequence(to), head: hashOf(`${guild} ${to}`) }
}

export function journalRows({ guildId: guild, fence, from, to = from + 1 }: GuildMove): readonly JournalRow[] {
  return Array.from({ length: to - from }, (_, index) => {
    const seq = sequence(from + index + 1)
    return { guildId: guild, seq, fence, payload: `{"seq":${seq}}`, hash: hashOf(`${guild} ${seq}`) }
  })
}

/** Heads, journal and slots for these moves; `more` adds rows of other kinds or replaces some. */
export function batchOf(moves: readonly GuildMove[], more: Partial<CommitBatch> = {}): CommitBatch {
  const slots = new Map<Slot, SlotFence>()
  for (const { guildId: guild, fence } of moves) slots.set(slotOf(guild), { slot: slotOf(guild), fence })
  return {
    ...emptyBatch,
    slots: [...slots.values()],
    heads: moves.map(headMove),
    journal: moves.flatMap(journalRows),
    ...more,
  }
}

export function opResult(guild: GuildId, name: string, seq: number): OpResultRow {
  return { guildId: guild, opId: opId(name), seq: sequence(seq), result: `{"seq":${seq}}` }
}

export function receipt(guild: GuildId, number: number, changes: Partial<ReceiptRow> = {}): ReceiptRow {
  return {
    guildId: guild,
    sequence: number,
    recordId: randomUUID(),
    type: 'voice-session',
    keyId: randomUUID(),
    signed: new TextEncoder().encode(`signed ${number}`),
    signature: new Uint8Array(64).fill(number),
    payloadHash: hashOf(`payload ${number}`),
    prevHash: hashOf(`prev ${number}`),
    issuedAt: Date.UTC(2026, 0, 1) + number,
    subject: '42',
    ...changes,
  }
}

export function chainHead(guild: GuildId, number: number): ChainHeadRow {
  return {
    guildId: guild,
    sequence: number,
    hash: hashOf(`chain ${number}`),
    keyId: randomUUID(),
    signature: new Uint8Array(64).fill(number),
  }
}

export function guildKey(guild: GuildId, changes: Partial<GuildKeyRow> = {}): GuildKeyRow {
  return {
    keyId: randomUUID(),
    guildId: guild,
    publicKey: new Uint8Array(32).fill(1),
    firstSequence: 1,
    lastSequence: null,
    mode: 'cluster',
    sealedPrivateKey: new Uint8Array(60).fill(2),
    keyWrap: '{}',
    statement: new TextEncoder().encode('statement'),
    statementSignature: new Uint8Array(64).fill(3),
    clusterKeyId: 'cluster-key-1',
    predecessorSignature: null,
    ...changes,
  }
}

export function snapshotAt(guild: GuildId, seq: number, fence: Fence): StoredSnapshot {
  return {
    guildId: guild,
    seq: sequence(seq),
    fence,
    state: `{"at":${seq}}`,
    signed: new TextEncoder().encode(`snapshot ${seq}`),
    signature: new Uint8Array(64).fill(4),
    clusterKeyId: 'cluster-key-1',
  }
}
