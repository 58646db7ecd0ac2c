/**
 * The verdict on one record: computed from the stored bytes, the trusted cluster keys and the receipts around it.
 *
 * Nothing is read from a column to say `valid`; columns are only compared with what is signed. Valid means: the
 * signature verifies over exactly the stored bytes, under a key that the cluster states and that was in use at that
 * sequence; the row agrees with the bytes in every column; the receipt before and after are linked to it by hash; and
 * the guild's newest receipt is the one its signed head names. What anybody may change in the tables ends in a reason.
 */
import { coerceError } from '../../kernel/errors.ts'
import { readAmendments } from './amendments.ts'
import type { Amendment } from './amendments.ts'
import { findHeadProblem, findReceiptProblem } from './chain.ts'
import type { CheckedSignature } from './chain.ts'
import type { TrustedClusterKeys } from './cluster-key.ts'
import type { RecordDraft } from '../protocol/record.ts'
import { parseReceipt } from './receipt.ts'
import { receiptV1Bytes } from './receipt-v1.ts'
import { checkSignatureAside, verifies } from './ed25519.ts'
import { equalBytes, sha256 } from './hash.ts'
import { encodeHex } from './hex.ts'
import { readKeyHistory } from './key-history.ts'
import type { KeyHistory } from './key-history.ts'
import type { ReceiptVersion1Row, StatedKey, StoredChainHead, StoredReceipt } from './stored.ts'

/** A record and what stands around it, read in one statement so that no commit comes between. */
export interface RecordEvidence {
  readonly receipt: StoredReceipt
  /** False when more than one row claims the record's id. */
  readonly isUnique: boolean
  /** Rows at sequence − 1 and sequence + 1. */
  readonly previous: StoredReceipt | null
  readonly next: StoredReceipt | null
  /** Row with the greatest sequence of the guild. */
  readonly newest: { readonly sequence: number; readonly payloadHash: Uint8Array }
  readonly head: StoredChainHead | null
  /** All keys of the guild. */
  readonly keys: readonly StatedKey[]
  /** Rows that name the same record as amendments do, by sequence. */
  readonly amendments: readonly StoredReceipt[]
  /** The same record in the form of signing version 1; absent where the guild did not ask for it. */
  readonly version1?: SignedBytes
}

export type SignedBytes = Pick<ReceiptVersion1Row, 'signed' | 'signature'>

export type Verdict =
  | { readonly valid: true; readonly current: true }
  /** A later receipt amends this one; the last of them says how it stands. */
  | { readonly valid: true; readonly current: false; readonly amendments: readonly Amendment[] }
  /** `erasedBy`: the bytes were removed, and the guild's key says that this was meant. */
  | { readonly valid: false; readonly reason: string; readonly erasedBy?: Amendment }

export interface JudgedRecord {
  readonly verdict: Verdict
  /** Of the receipt's key if its row is believed; null: there is no such key. */
  readonly publicKey: Uint8Array | null
}

/** The verdict with its signature checked in another thread: for a door that has other things to do meanwhile. */
export async function judgeAside(trusted: TrustedClusterKeys, evidence: RecordEvidence): Promise<JudgedRecord> {
  const { signed: bytes, signature } = evidence.receipt
  const history = readKeyHistory(trusted, evidence.keys)
  const publicKey = publicKeyOf(history, evidence)
  const inUse = history.keyInUse(evidence.receipt)
  if (bytes === null || !inUse.ok) return { publicKey, verdict: judge(history, evidence) }
  const input = { publicKey: inUse.publicKey, bytes, signature }
  return { publicKey, verdict: judge(history, evidence, { input, check: await checkSignatureAside(input) }) }
}

/** The public key of the receipt if its row is believed, whatever it signs; null: there is no such key. */
export function findPublicKey(trusted: TrustedClusterKeys, evidence: RecordEvidence): Uint8Array | null {
  return publicKeyOf(readKeyHistory(trusted, evidence.keys), evidence)
}

function publicKeyOf(history: KeyHistory, { receipt }: RecordEvidence): Uint8Array | null {
  const known = history.keyOfGuild(receipt)
  return known.ok ? known.publicKey : null
}

export function computeVerdict(trusted: TrustedClusterKeys, evidence: RecordEvidence): Verdict {
  return judge(readKeyHistory(trusted, evidence.keys), evidence)
}

function judge(history: KeyHistory, evidence: RecordEvidence, checked?: CheckedSignature): Verdict {
  const { receipt } = evidence
  const reason =
    (evidence.isUnique ? null : 'more than one receipt claims this record') ??
    (receipt.signed === null ? findErasedProblem(evidence, history) : findReceiptProblem(history, receipt.guildId, receipt, checked)) ??
    findPreviousProblem(evidence) ??
    findNextProblem(evidence) ??
    findVersion1Problem(evidence, history) ??
    findHeadProblem(history, {
      head: evidence.head,
      sequence: evidence.newest.sequence,
      hash: encodeHex(evidence.newest.payloadHash),
    })
  if (reason !== null) return { valid: false, reason }
  const amendments = readAmendments(history, receipt, evidence.amendments)
  if (!amendments.ok) return { valid: false, reason: amendments.problem }
  const erasedBy = receipt.signed === null ? amendments.value.findLast(({ payload }) => payload.change === 'erased') : undefined
  if (erasedBy !== undefined) {
    return { valid: false, reason: 'the record was erased on request; only its hash and signature are left', erasedBy }
  }
  if (receipt.signed === null) {
    return { valid: false, reason: 'the bytes of the record are gone, and nothing signed says that they were erased' }
  }
  return amendments.value.length === 0 ? { valid: true, current: true } : { valid: true, current: false, amendments: amendments.value }
}

/**
 * The second form says what the first one says, and nothing else: its bytes follow from the signed payload, and the same
 * key signed them. A row that says something else was put there by somebody.
 */
function findVersion1Problem({ receipt, version1 }: RecordEvidence, history: KeyHistory): string | null {
  if (version1 === undefined || receipt.signed === null) return null
  const read = parseReceipt(receipt.signed)
  const inUse = history.keyInUse(receipt)
  if (!read.ok || !inUse.ok) return null
  const { type, payload } = read.value.receipt
  const bytes = receiptV1Bytes(receipt.guildId, { type, payload, recordId: read.value.recordId } as RecordDraft)
  if (bytes === null || !equalBytes(bytes, version1.signed)) return 'its form of signing version 1 says something else'
  return verifies({ publicKey: inUse.publicKey, bytes: version1.signed, signature: version1.signature })
    ? null
    : 'the signature of its form of signing version 1 does not verify'
}

/** Of an erased receipt only its place can be checked. */
function findErasedProblem({ receipt }: RecordEvidence, history: KeyHistory): string | null {
  const inUse = history.keyInUse(receipt)
  return inUse.ok ? null : inUse.problem
}

function findPreviousProblem({ receipt, previous }: RecordEvidence): string | null {
  // That the first one names zeros is part of its form (receipt.ts), and the column agrees with the bytes by now.
  if (receipt.sequence === 1) return null
  if (previous === null) return 'the receipt before it is missing'
  if (previous.guildId !== receipt.guildId || previous.sequence !== receipt.sequence - 1) {
    return 'the receipt before it is missing'
  }
  if (!hashesToItsColumn(previous)) return 'the receipt before it was changed'
  return equalBytes(previous.payloadHash, receipt.prevHash) ? null : 'prev_hash is not the hash of the receipt before it'
}

function findNextProblem({ receipt, next, newest }: RecordEvidence): string | null {
  if (newest.sequence === receipt.sequence) {
    return equalBytes(newest.payloadHash, receipt.payloadHash) ? null : 'the newest receipt is another one'
  }
  if (next === null || next.guildId !== receipt.guildId || next.sequence !== receipt.sequence + 1) {
    return 'the receipt after it is missing'
  }
  if (!hashesToItsColumn(next)) return 'the receipt after it was changed'
  // What the next receipt's own bytes say counts, not its column: the bytes are signed. Their form is its own verdict's.
  const named = next.signed === null ? encodeHex(next.prevHash) : readPrevHash(next.signed)
  if (named === null) return 'the receipt after it was changed'
  return named === encodeHex(receipt.payloadHash) ? null : 'the receipt after it names another one as its predecessor'
}

function readPrevHash(signed: Uint8Array): string | null {
  try {
    const { prev_hash: named } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(signed)) as { prev_hash?: unknown }
    return typeof named === 'string' ? named : null
  } catch (thrown) {
    coerceError(thrown) // No JSON or no UTF-8: no receipt, which is all that is asked here.
    return null
  }
}

/** An erased neighbour has only its column; that its link holds is then the signature of the one after it. */
function hashesToItsColumn(neighbour: StoredReceipt): boolean {
  return neighbour.signed === null || equalBytes(sha256(neighbour.signed), neighbour.payloadHash)
}
