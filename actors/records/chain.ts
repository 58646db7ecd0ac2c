/**
 * Verifying a run of a guild's receipts: every link in order, naming the first sequence that is wrong.
 *
 * A run is consecutive rows as they were read, oldest first. Each must be there, carry bytes that hash to what the row
 * says (or be erased: then its hash and signature still hold its place), be signed by the key in use, and name its
 * predecessor's hash. Deleting or reordering any row but the newest shows here; a missing newest row shows against the
 * signed head.
 */
import { zeroHashHex } from './chain-state.ts'
import { chainHeadVerifies } from './chain-head.ts'
import { checkSignature } from './ed25519.ts'
import type { SignatureCheck, SignatureInput } from './ed25519.ts'
import { sha256 } from './hash.ts'
import { encodeHex } from './hex.ts'
import type { KeyHistory } from './key-history.ts'
import { parseReceipt } from './receipt.ts'
import { findRowProblem } from './receipt-row.ts'
import type { StoredChainHead, StoredReceipt } from './stored.ts'

export interface ChainRun {
  readonly guildId: string
  /** Sequence the first row must have. */
  readonly from: number
  /** Hash the first row must name: that of the row before, or 64 zeros. null: not known, so it is taken from the row. */
  readonly prevHash: string | null
  readonly rows: readonly StoredReceipt[]
}

export type ChainVerdict =
  | { readonly ok: true; readonly nextSequence: number; readonly headHash: string | null }
  | { readonly ok: false; readonly firstBadSequence: number; readonly reason: string }

export function verifyChainRun(history: KeyHistory, run: ChainRun): ChainVerdict {
  let expected = run.from
  let prevHash = run.from === 1 ? zeroHashHex : run.prevHash
  for (const row of run.rows) {
    const bad = (reason: string): ChainVerdict => ({ ok: false, firstBadSequence: expected, reason })
    if (row.sequence !== expected) return bad('the receipt with this sequence is missing')
    if (prevHash !== null && encodeHex(row.prevHash) !== prevHash) return bad('prev_hash is not the hash of the receipt before')
    const problem = findReceiptProblem(history, run.guildId, row)
    if (problem !== null) return bad(problem)
    prevHash = encodeHex(row.payloadHash)
    expected += 1
  }
  return { ok: true, nextSequence: expected, headHash: prevHash }
}

/**
 * Holds the signed head against the newest receipt: null when that is the one the head names. `hash` null: the newest
 * receipt is not at hand, so its place is compared and its hash is left to who reads it.
 */
export function findHeadProblem(
  history: KeyHistory,
  newest: { readonly head: StoredChainHead | null; readonly sequence: number; readonly hash: string | null },
): string | null {
  const { head } = newest
  if (head === null) return 'the signed head is missing'
  const inUse = history.keyInUse(head)
  if (!inUse.ok) return `the signed head: ${inUse.problem}`
  if (!chainHeadVerifies(head, inUse.publicKey)) return 'the signature of the head does not verify'
  if (head.sequence > newest.sequence) return 'receipts up to the signed head are missing'
  if (head.sequence < newest.sequence) return 'there are receipts beyond the signed head'
  if (newest.hash === null) return null
  return encodeHex(head.hash) === newest.hash ? null : 'the newest receipt is not the one the signed head names'
}

/** A signature that was checked before, with exactly what was checked. */
export interface CheckedSignature {
  readonly input: SignatureInput
  readonly check: SignatureCheck
}

/**
 * What is wrong with one row by itself: bytes, signature, key, columns. Erased bytes leave the columns alone. A signature
 * that was checked before is not checked again, if it is this one.
 */
export function findReceiptProblem(
  history: KeyHistory,
  guildId: string,
  row: StoredReceipt,
  checked?: CheckedSignature,
): string | null {
  if (row.guildId !== guildId) return 'the receipt belongs to another guild'
  const inUse = history.keyInUse(row)
  if (!inUse.ok) return inUse.problem
  if (row.signed === null) return null
  if (encodeHex(sha256(row.signed)) !== encodeHex(row.payloadHash)) return 'the hash is not that of the signed bytes'
  const { publicKey } = inUse
  const input = { publicKey, bytes: row.signed, signature: row.signature }
  const check = checked !== undefined && isSameInput(checked.input, input) ? checked.check : checkSignature(input)
  if (check.kind !== 'verified') return check.kind === 'malformed' ? check.problem : 'the signature does not verify'
  const read = parseReceipt(row.signed)
  return read.ok ? findRowProblem(row, read.value) : `the signed bytes are no receipt: ${read.problem}`
}

/** The very same values, not equal ones: what was checked is what is judged. */
function isSameInput(left: SignatureInput, right: SignatureInput): boolean {
  return left.publicKey === right.publicKey && left.bytes === right.bytes && left.signature === right.signature
}
