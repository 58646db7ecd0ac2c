/**
 * Amendments of records that wait for their own signature: told apart, checked before they wait, placed when they are
 * sealed.
 */
import type { FinishedRecord, LateAmendment, RecordDraft } from '../protocol/record.ts'

/** Where the receipt of the amended record stands. */
export interface ReceiptPlace {
  readonly sequence: number
  /** Lower-case hex. */
  readonly hash: string
}

export function isLate(finished: FinishedRecord): finished is LateAmendment {
  return finished.type === 'amendment' && finished.payload.of_sequence === null
}

/** The draft that is signed once it is known which receipt it amends. */
export function placeAmendment({ type, recordId, payload }: LateAmendment, place: ReceiptPlace): RecordDraft {
  return { type, recordId, payload: { ...payload, of_sequence: place.sequence, of_hash: place.hash } }
}
