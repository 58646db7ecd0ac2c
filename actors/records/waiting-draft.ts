/**
 * A finished record that waits for its key: its text as it is stored, and the hash by which it is known again.
 *
 * The hash is journaled when the record begins to wait, and a hash over a run of such hashes stands in the guild's signed
 * state: a row that somebody changed, removed or put in another place is noticed before it is signed.
 */
import { AppError, coerceError } from '../../kernel/errors.ts'
import type { FinishedRecord } from '../protocol/record.ts'
import { canonicalBytes, canonicalText } from './canonical.ts'
import { sha256 } from './hash.ts'
import { encodeHex } from './hex.ts'

/** What a row keeps of a draft. */
export interface WaitingDraft {
  readonly recordId: string
  readonly type: string
  /** Canonical JSON of the payload. */
  readonly payload: string
}

export function waitingDraft({ recordId, type, payload }: FinishedRecord): WaitingDraft {
  return { recordId, type, payload: canonicalText({ ...payload }) }
}

/** Lower-case hex. */
export function waitingHash({ recordId, type, payload }: WaitingDraft): string {
  return encodeHex(sha256(canonicalBytes({ domain: 'muster/waiting-record', version: 1, record_id: recordId, type, payload })))
}

/** A run of hashes as one: what came before, and the next. */
export function chainWaitingHash(before: string, hash: string): string {
  return encodeHex(sha256(new TextEncoder().encode(`${before}\n${hash}`)))
}

/** The draft of a row whose hash was found to be the journaled one: its text is then what we wrote. */
export function restoreDraft(row: WaitingDraft): FinishedRecord {
  try {
    return { type: row.type, recordId: row.recordId, payload: JSON.parse(row.payload) as unknown } as FinishedRecord
  } catch (thrown) {
    throw new AppError('journal-corrupt', 'a waiting record whose hash is right is no JSON', { cause: coerceError(thrown) })
  }
}
