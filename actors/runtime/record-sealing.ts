/**
 * What becomes of a finished record: sealed now, kept until signing is unlocked, or dropped and counted.
 *
 *   signing possible, nothing waits      → sealed in this turn
 *   something waits already              → waits behind it: the chain is in the order in which records were finished
 *   an unlocking is in force, key not here → waits: this process has just taken over and is being given the key
 *   locked, policy queue                 → waits
 *   locked, policy drop                  → dropped: counted, never signed
 *
 * An amendment may come before the receipt of what it amends: both wait then, and the amendment is given its place when it
 * is sealed, after the record. One of a record that was dropped has nothing to name, and is dropped too.
 */
import { assert } from '../../kernel/assert.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { AmendmentPayload, FinishedRecord, LateAmendment, RecordDraft } from '../protocol/record.ts'
import { isLate, placeAmendment } from '../records/late-amendment.ts'
import { decodeHex } from '../records/hex.ts'
import { assertDraft } from '../records/receipt-payloads.ts'
import { zeroHashHex } from '../records/chain-state.ts'
import type { Sealer } from '../records/sealer.ts'
import type { ChainHeadRow, GuildKeyRow, ReceiptRow, ReceiptVersion1Row } from '../records/stored.ts'
import type { UnlockedKey } from '../records/unlocked-key.ts'
import { waitingDraft, waitingHash } from '../records/waiting-draft.ts'
import type { GuildState, RuntimeEvent } from './guild-state.ts'
import type { ErasureRow, KeyClosing, SealedWaitingRow, WaitingRecordRow } from './ports.ts'
import { initialSigning } from './signing-state.ts'

/** Rows that sealing adds to a turn. */
export interface SealingRows {
  readonly receipts: ReceiptRow[]
  readonly receiptsVersion1: ReceiptVersion1Row[]
  readonly erasures: ErasureRow[]
  readonly guildKeys: GuildKeyRow[]
  readonly keyClosings: KeyClosing[]
  readonly waiting: WaitingRecordRow[]
  readonly sealedWaiting: SealedWaitingRow[]
  /** Only the newest head of the turn matters. */
  chainHead: ChainHeadRow | null
}

/** A turn as sealing sees it. */
export interface SealingTurn {
  readonly sealer: Sealer
  readonly guild: { readonly guildId: GuildId; readonly state: GuildState; key: UnlockedKey | null }
  readonly rows: SealingRows
  /** Unix ms, database's clock. */
  readonly now: number
  random(length: number): Uint8Array
  /** Journals an event of the runtime and applies it; answers its sequence. */
  append(event: RuntimeEvent): number
}

export function settleRecord(turn: SealingTurn, finished: FinishedRecord): void {
  switch (planOf(turn)) {
    case 'seal':
      sealOrDrop(turn, finished)
      return
    case 'wait':
      keepWaiting(turn, finished)
      return
    case 'drop':
      dropRecord(turn, finished)
  }
}

/** False: it amends a record that was never signed. */
export function sealOrDrop(turn: SealingTurn, finished: FinishedRecord): boolean {
  const draft = isLate(finished) ? placeLate(turn, finished) : finished
  if (draft === null) dropRecord(turn, finished)
  else sealRecord(turn, draft)
  return draft !== null
}

function placeLate({ guild }: SealingTurn, late: LateAmendment): RecordDraft | null {
  const place = guild.state.signing?.awaited?.[late.recordId] ?? null
  return place === null ? null : placeAmendment(late, place)
}

/** True while a record that is finished now would be dropped: its feature counts it among the unsigned. */
export function dropsRecords(guild: SealingTurn['guild']): boolean {
  return planOf({ guild }) === 'drop'
}

function planOf({ guild }: Pick<SealingTurn, 'guild'>): 'seal' | 'wait' | 'drop' {
  const { signing } = guild.state
  if (signing !== null && signing.runs.length > 0) return 'wait'
  if (guild.key !== null || signing === null || signing.key === null) return 'seal'
  assert(signing.key.mode === 'passphrase', 'a key in cluster mode is never locked')
  if (signing.unlockId !== null) return 'wait'
  return signing.policy === 'drop' ? 'drop' : 'wait'
}

function sealRecord(turn: SealingTurn, draft: RecordDraft): void {
  const { guild, rows } = turn
  const sealed = turn.sealer.seal({
    guildId: guild.guildId,
    chain: guild.state.chain,
    key: guild.key,
    draft,
    issuedAt: turn.now,
    alsoVersion1: guild.state.signing?.issuesVersion1 === true,
    random: (length) => turn.random(length),
  })
  guild.key = sealed.key
  turn.append(sealed.event)
  rows.receipts.push(sealed.receiptRow)
  if (sealed.version1Row !== null) rows.receiptsVersion1.push(sealed.version1Row)
  rows.chainHead = sealed.chainHeadRow
  if (draft.type === 'amendment' && draft.payload.change === 'erased') rows.erasures.push(erasureOf(guild.guildId, draft.payload))
  if (sealed.guildKeyRow !== null) rows.guildKeys.push(sealed.guildKeyRow)
}

function erasureOf(guildId: GuildId, payload: AmendmentPayload): ErasureRow {
  const hash = decodeHex(payload.of_hash, 32)
  assert(hash.ok, 'an erasure names its receipt by a hash')
  return { guildId, sequence: payload.of_sequence, payloadHash: hash.value }
}

function keepWaiting({ guild, rows, append }: SealingTurn, finished: FinishedRecord): void {
  const late = isLate(finished)
  // What could not be sealed must not wait either: nobody would learn of it before the unlocking.
  assertDraft(late ? placeAmendment(finished, { sequence: 1, hash: zeroHashHex }) : finished)
  const { recordId, type } = finished
  const row = waitingDraft(finished)
  const { runs } = guild.state.signing ?? initialSigning()
  const newest = runs.at(-1)
  // While signing is possible the oldest run is being read and sealed: it stays as it is.
  const isBeingSealed = guild.key !== null && runs.length === 1
  const opensRun = newest === undefined || newest.count >= limits.waitingRunMax || isBeingSealed
  const seq = append({ kind: 'record-waiting', recordId, type, hash: waitingHash(row), opensRun, ...(late ? { isLate: true as const } : {}) })
  rows.waiting.push({ guildId: guild.guildId, seq, ...row })
}

function dropRecord({ append }: SealingTurn, draft: FinishedRecord): void {
  const payload = draft.payload as { readonly period_id?: unknown; readonly duration_seconds?: unknown }
  append({
    kind: 'record-dropped',
    recordId: draft.recordId,
    type: draft.type,
    periodId: typeof payload.period_id === 'string' ? payload.period_id : null,
    seconds: typeof payload.duration_seconds === 'number' ? payload.duration_seconds : 0,
  })
}
