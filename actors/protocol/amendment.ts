/**
 * How an amendment is drafted: of a receipt that is known, or of a record that waits for its own.
 */
import type { AmendmentPayload, FinishedRecord } from './record.ts'

export type AmendedChange = Pick<AmendmentPayload, 'change' | 'from' | 'to' | 'by_user_id' | 'reason'>

/** `receipt` null: the record waits for its signature; its place is put in when the amendment is sealed, after it. */
export function draftAmendment(
  recordId: string,
  receipt: { readonly sequence: number; readonly hash: string } | null,
  change: AmendedChange,
): FinishedRecord {
  if (receipt === null) return { type: 'amendment', recordId, payload: { record_id: recordId, of_sequence: null, of_hash: null, ...change } }
  const { sequence, hash } = receipt
  return { type: 'amendment', recordId, payload: { record_id: recordId, of_sequence: sequence, of_hash: hash, ...change } }
}
