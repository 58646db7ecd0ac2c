/**
 * The receipt, signing version 2: one record under a guild's key, as bytes.
 *
 * Canonical JSON (RFC 8785) with exactly these fields. The bytes are the receipt: they are signed, hashed, stored and
 * served as they are, and nothing is built again from columns. `sequence` counts the guild's receipts from 1 without
 * gaps, `prev_hash` is the SHA-256 of the bytes before it.
 */
import type { RecordDraft } from '../protocol/record.ts'
import { canonicalBytes, parseCanonical } from './canonical.ts'
import type { JsonValue } from './canonical.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import { exactly, findFormProblem, hash, instant, instantMs, isObject, natural, snowflake, uuid } from './receipt-fields.ts'
import { findPayloadProblem, isRecordType, payloadNames } from './receipt-payloads.ts'
import { zeroHashHex } from './chain-state.ts'

export const signingVersion = 2

/** Longer bytes are no receipt: a period of 10,000 members stays below. */
const receiptLengthMax = 2 * 1024 * 1024

type OfDraft<Draft> = Draft extends RecordDraft ? Pick<Draft, 'type' | 'payload'> : never

interface Envelope {
  readonly signing_version: 2
  readonly type: RecordDraft['type']
  readonly guild_id: string
  readonly key_id: string
  readonly sequence: number
  readonly prev_hash: string
  readonly issued_at: string
  readonly payload: RecordDraft['payload']
}

/** The fields of a receipt. Type and payload belong together, as in the draft. */
export type Receipt = Omit<Envelope, 'type' | 'payload'> & OfDraft<RecordDraft>

/** A receipt read back, with what its fields name in the form that columns have. */
export interface ParsedReceipt {
  readonly receipt: Receipt
  readonly recordId: string
  readonly subject: string | null
  /** Unix milliseconds. */
  readonly issuedAt: number
}

export interface ReceiptPosition {
  readonly guildId: string
  readonly keyId: string
  readonly sequence: number
  /** Lower-case hex. */
  readonly prevHash: string
  /** Unix milliseconds. */
  readonly issuedAt: number
}

/** The exact bytes to sign. */
export function receiptBytes(position: ReceiptPosition, draft: RecordDraft): Uint8Array {
  return canonicalBytes({
    signing_version: signingVersion,
    type: draft.type,
    guild_id: position.guildId,
    key_id: position.keyId,
    sequence: position.sequence,
    prev_hash: position.prevHash,
    issued_at: new Date(position.issuedAt).toISOString(),
    payload: draft.payload,
  } satisfies Envelope)
}

const envelope = {
  signing_version: exactly(signingVersion),
  type: (value: JsonValue) => (isRecordType(value) ? null : 'is not a type of receipt known here'),
  guild_id: snowflake,
  key_id: uuid,
  sequence: natural(1),
  prev_hash: hash,
  issued_at: instant,
  payload: (value: JsonValue) => (isObject(value) ? null : 'is not an object'),
}

/** Reads receipt bytes: canonical, every field known and in form, nothing besides. */
export function parseReceipt(bytes: Uint8Array): Parsed<ParsedReceipt> {
  if (bytes.length > receiptLengthMax) return malformed('longer than any receipt')
  const read = parseCanonical(bytes)
  if (!read.ok) return read
  const value = read.value
  if (!isObject(value)) return malformed('not a JSON object')
  const problem = findFormProblem(envelope, value)
  if (problem !== null) return malformed(problem)
  const type = value['type']
  if (!isRecordType(type)) return malformed('type is not a type of receipt known here')
  const payloadProblem = findPayloadProblem(type, value['payload'])
  if (payloadProblem !== null) return malformed(`payload: ${payloadProblem}`)
  const receipt = value as unknown as Receipt
  if ((receipt.sequence === 1) !== (receipt.prev_hash === zeroHashHex)) {
    return malformed('prev_hash is 64 zeros for the first receipt of a guild and for no other')
  }
  const names = payloadNames(receipt.type, receipt.payload)
  return parsed({ receipt, ...names, issuedAt: instantMs(receipt.issued_at) ?? 0 })
}
