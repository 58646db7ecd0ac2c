/**
 * The export bundle, format 1: a stretch of a guild's records with everything to check it offline, as JSON lines.
 *
 *   {"bundle_format":1,"guild_id","from","to","newest","exported_at"}
 *   {"kind":"cluster-key","cluster_key_id","public_key"}          one a trusted key
 *   {"kind":"key", …}                                             every key of the guild, with its statement
 *   {"kind":"receipt","sequence","payload_hash","prev_hash","key_id","signature","signed"}   in order; signed null: erased
 *   {"kind":"receipt-version-1","sequence","signature","signed"}   after its receipt, where signing version 1 was issued
 *   {"kind":"head","sequence","hash","key_id","signed","signature"}   the signed end of the whole chain
 *
 * Lines, so that a hundred thousand records are written and read in bounded memory, and jq reads them too.
 */
import { decodeBase64, encodeBase64 } from './base64.ts'
import { chainHeadBytes } from './chain-head.ts'
import { encodeHex } from './hex.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import type { ReceiptVersion1Row, StatedKey, StoredChainHead, StoredReceipt } from './stored.ts'

export interface BundleScope {
  readonly guildId: string
  readonly from: number
  readonly to: number
  /** The newest sequence of the guild when this was exported. */
  readonly newest: number
  /** RFC 3339. */
  readonly exportedAt: string
}

export type JsonLine = Readonly<Record<string, unknown>>

export const bundleHeaderLine = ({ guildId, from, to, newest, exportedAt }: BundleScope): JsonLine => ({
  bundle_format: 1, guild_id: guildId, from, to, newest, exported_at: exportedAt,
})

export const clusterKeyLine = (clusterKeyId: string, publicKey: Uint8Array): JsonLine => ({
  kind: 'cluster-key', cluster_key_id: clusterKeyId, public_key: encodeBase64(publicKey),
})

/** As `GET /keys/{guild}` lists it, with the guild's id. */
export const guildKeyLine = (key: StatedKey): JsonLine => ({
  kind: 'key',
  guild_id: key.guildId,
  key_id: key.keyId,
  public_key: encodeBase64(key.publicKey),
  first_sequence: key.firstSequence,
  last_sequence: key.lastSequence,
  statement: encodeBase64(key.statement),
  statement_signature: encodeBase64(key.statementSignature),
  cluster_key_id: key.clusterKeyId,
  predecessor_signature: key.predecessorSignature === null ? null : encodeBase64(key.predecessorSignature),
})

export const receiptLine = (row: StoredReceipt): JsonLine => ({
  kind: 'receipt',
  sequence: row.sequence,
  payload_hash: encodeHex(row.payloadHash),
  prev_hash: encodeHex(row.prevHash),
  key_id: row.keyId,
  signature: encodeBase64(row.signature),
  signed: row.signed === null ? null : encodeBase64(row.signed),
})

export const version1Line = (sequence: number, { signed, signature }: Pick<ReceiptVersion1Row, 'signed' | 'signature'>): JsonLine => ({
  kind: 'receipt-version-1', sequence, signature: encodeBase64(signature), signed: encodeBase64(signed),
})

export const headLine = (head: StoredChainHead): JsonLine => ({
  kind: 'head',
  sequence: head.sequence,
  hash: encodeHex(head.hash),
  key_id: head.keyId,
  signed: encodeBase64(chainHeadBytes(head)),
  signature: encodeBase64(head.signature),
})

/** A key as a bundle or `GET /keys/{guild}` writes it; the guild's id stands in the line or around the list. */
export function readGuildKey(line: JsonLine, guildId: string): Parsed<StatedKey> {
  const bytes = (name: string): Uint8Array | null => {
    const text = line[name]
    const decoded = typeof text === 'string' ? decodeBase64(text) : null
    return decoded?.ok === true ? decoded.value : null
  }
  const [publicKey, statement, statementSignature] = [bytes('public_key'), bytes('statement'), bytes('statement_signature')]
  const { key_id: keyId, first_sequence: first, last_sequence: last, cluster_key_id: clusterKeyId } = line
  const isWhole =
    publicKey?.length === 32 && statement !== null && statementSignature !== null && typeof keyId === 'string' &&
    typeof first === 'number' && (last === null || typeof last === 'number') && typeof clusterKeyId === 'string'
  if (!isWhole) return malformed('a key is not in its form')
  return parsed({
    keyId, guildId, publicKey, statement, statementSignature, clusterKeyId,
    firstSequence: first, lastSequence: last, predecessorSignature: bytes('predecessor_signature'),
  })
}
