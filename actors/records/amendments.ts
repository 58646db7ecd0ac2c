/**
 * Amendments: later receipts that say what became of an earlier one. A record itself is never edited.
 *
 * Each is a receipt of the same guild's chain and is believed like any other: by its own bytes, signature, key and row.
 * It names the receipt that it amends by place and hash, so it cannot be moved to another. One that is not whole makes
 * the record's verdict invalid: somebody touched what says that the record is no longer current.
 */
import type { AmendmentPayload } from '../protocol/record.ts'
import { findReceiptProblem } from './chain.ts'
import { encodeHex } from './hex.ts'
import type { KeyHistory } from './key-history.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import { parseReceipt } from './receipt.ts'
import type { Receipt } from './receipt.ts'
import type { StoredReceipt } from './stored.ts'

export interface Amendment {
  readonly row: StoredReceipt
  readonly receipt: Receipt
  readonly payload: AmendmentPayload
}

/** All amendments of a receipt in order, or what is wrong with the first that is not believed. */
export function readAmendments(
  history: KeyHistory,
  amended: StoredReceipt,
  rows: readonly StoredReceipt[],
): Parsed<readonly Amendment[]> {
  const amendments: Amendment[] = []
  for (const row of rows) {
    const problem = findReceiptProblem(history, amended.guildId, row)
    if (problem !== null) return malformed(`an amendment of it: ${problem}`)
    const read = row.signed === null ? null : parseReceipt(row.signed)
    if (read?.ok !== true) return malformed('an amendment of it was erased')
    const { receipt } = read.value
    if (receipt.type !== 'amendment') return malformed('another receipt claims this record')
    const { payload } = receipt
    if (payload.of_sequence !== amended.sequence || payload.of_hash !== encodeHex(amended.payloadHash)) {
      return malformed('an amendment names this record and another receipt')
    }
    if (row.sequence <= amended.sequence) return malformed('an amendment stands before what it amends')
    amendments.push({ row, receipt, payload })
  }
  return parsed(amendments)
}
