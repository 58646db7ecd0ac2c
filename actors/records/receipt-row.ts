/**
 * Holds a row's columns against the bytes it stores: every column repeats something signed, and one that does not agree
 * was changed by somebody. Columns serve searching; this is what keeps them honest.
 */
import { equalBytes } from './hash.ts'
import { decodeHex } from './hex.ts'
import type { ParsedReceipt } from './receipt.ts'
import type { StoredReceipt } from './stored.ts'

/** The first column that says something else than the signed bytes, or null. `payloadHash` is the caller's to check. */
export function findRowProblem(row: StoredReceipt, { receipt, recordId, subject, issuedAt }: ParsedReceipt): string | null {
  const agreements: Readonly<Record<string, boolean>> = {
    guild_id: row.guildId === receipt.guild_id,
    sequence: row.sequence === receipt.sequence,
    record_id: row.recordId === recordId,
    type: row.type === receipt.type,
    key_id: row.keyId === receipt.key_id,
    prev_hash: isHash(row.prevHash, receipt.prev_hash),
    issued_at: row.issuedAt === issuedAt,
    subject: row.subject === subject,
  }
  const wrong = Object.keys(agreements).find((column) => agreements[column] === false)
  return wrong === undefined ? null : `the column ${wrong} does not agree with the signed bytes`
}

function isHash(bytes: Uint8Array, hex: string): boolean {
  const decoded = decodeHex(hex, 32)
  return decoded.ok && equalBytes(bytes, decoded.value)
}
