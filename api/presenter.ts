/**
 * Verdicts, receipts and keys in the form people and programs read. What is true is decided elsewhere
 * (actors/records/verdict.ts); this file only writes it down.
 *
 * Whatever is shown is taken from the signed bytes where there are any; a column is shown only when the bytes are gone.
 */
import type { Amendment } from '../actors/records/amendments.ts'
import { encodeBase64 } from '../actors/records/base64.ts'
import { chainHeadBytes } from '../actors/records/chain-head.ts'
import type { PageVerdict } from '../actors/records/chain-page.ts'
import type { TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import type { FileVerdict, SignedRecord } from '../actors/records/file-verdict.ts'
import { sha256 } from '../actors/records/hash.ts'
import { encodeHex } from '../actors/records/hex.ts'
import { believedKeys } from '../actors/records/key-history.ts'
import { parseReceipt } from '../actors/records/receipt.ts'
import type { ReceiptFileParts } from '../actors/records/receipt-file.ts'
import type { ChainPage } from '../actors/records/record-reader.ts'
import { pemOfPublicKey } from '../actors/records/spki.ts'
import type { StatedKey, StoredReceipt } from '../actors/records/stored.ts'
import type { RecordEvidence, Verdict } from '../actors/records/verdict.ts'

type Json = Readonly<Record<string, unknown>>

export const waitingAnswer = { valid: false, reason: 'not signed yet' } as const

export function presentVerdict(verdict: Verdict, evidence: RecordEvidence, publicKey: Uint8Array | null): Json {
  const { receipt } = evidence
  const { signed } = receipt
  return {
    ...presentStanding(verdict),
    receipt: signed === null ? null : readForPeople(signed, verdict),
    signed: signed === null ? null : encodeBase64(signed),
    signature: encodeBase64(receipt.signature),
    payload_hash: encodeHex(signed === null ? receipt.payloadHash : sha256(signed)),
    key_id: receipt.keyId,
    public_key: publicKey === null ? null : encodeBase64(publicKey),
    public_key_pem: publicKey === null ? null : pemOfPublicKey(publicKey),
    signing_version_1: presentVersion1(evidence),
    chain: presentPlace(evidence),
  }
}

/** The same record in AttendiBot's form, under the same key; null where it was not issued. */
function presentVersion1({ version1 }: RecordEvidence): Json | null {
  if (version1 === undefined) return null
  const { signed, signature } = version1
  return { signed: encodeBase64(signed), signature: encodeBase64(signature), payload_hash: encodeHex(sha256(signed)) }
}

/** What is valid is in form, and need not be held against it once more. */
function readForPeople(signed: Uint8Array, verdict: Verdict): unknown {
  if (verdict.valid) return JSON.parse(new TextDecoder().decode(signed))
  const read = parseReceipt(signed)
  return read.ok ? read.value.receipt : null
}

/** Valid or not and why, and what became of the record since. */
function presentStanding(verdict: Verdict): Json {
  if (!verdict.valid) {
    const { reason, erasedBy } = verdict
    return { valid: false, current: false, reason, ...(erasedBy === undefined ? {} : { amended_by: presentAmendment(erasedBy) }) }
  }
  if (verdict.current) return { valid: true, current: true }
  const amendments = verdict.amendments.map(presentAmendment)
  return { valid: true, current: false, amended_by: amendments.at(-1), amendments }
}

/** With bytes and signature: an amendment is a receipt and is checked like one. */
function presentAmendment({ row, receipt }: Amendment): Json {
  return {
    receipt,
    signed: row.signed === null ? null : encodeBase64(row.signed),
    signature: encodeBase64(row.signature),
    payload_hash: encodeHex(row.payloadHash),
    key_id: row.keyId,
  }
}

function presentPlace({ receipt, previous, next }: RecordEvidence): Json {
  return {
    sequence: receipt.sequence,
    prev_hash: encodeHex(receipt.prevHash),
    previous: presentNeighbour(previous),
    next: presentNeighbour(next),
  }
}

export interface PresentedPeriod {
  readonly guildId: string
  readonly index: number
  /** The guild shows its boards: entries are given, and the bytes, which contain them. */
  readonly isPublic: boolean
  readonly publicKey: Uint8Array | null
}

/** Counts of a period; who spent how much time only where the guild shows it. */
export function presentPeriod(verdict: Verdict, evidence: RecordEvidence, period: PresentedPeriod): Json {
  const { receipt } = evidence
  const read = receipt.signed === null ? null : parseReceipt(receipt.signed)
  const payload = read?.ok === true && read.value.receipt.type === 'period' ? read.value.receipt.payload : null
  return {
    ...presentStanding(verdict),
    guild_id: period.guildId,
    period_index: period.index,
    period:
      payload === null
        ? null
        : {
            period_id: payload.period_id,
            started_at: payload.started_at,
            ended_at: payload.ended_at,
            rules_version: payload.rules_version,
            unsigned: payload.unsigned,
            members: payload.entries.length,
            sessions: payload.entries.reduce((sum, entry) => sum + entry.sessions, 0),
            duration_seconds: payload.entries.reduce((sum, entry) => sum + entry.duration_seconds, 0),
          },
    entries: period.isPublic && payload !== null ? payload.entries : null,
    signed: period.isPublic && receipt.signed !== null ? encodeBase64(receipt.signed) : null,
    signature: encodeBase64(receipt.signature),
    payload_hash: encodeHex(receipt.signed === null ? receipt.payloadHash : sha256(receipt.signed)),
    key_id: receipt.keyId,
    public_key: period.publicKey === null ? null : encodeBase64(period.publicKey),
    signing_version_1: period.isPublic ? presentVersion1(evidence) : null,
    chain: presentPlace(evidence),
  }
}

/** Where a record's own standing is asked, by its type; amendments stand with what they amend. */
const pathsOfTypes: Readonly<Record<string, string>> = { 'voice-session': 'session', attendance: 'attendance' }

export function presentFileVerdict(verdict: FileVerdict, record: SignedRecord, file: ReceiptFileParts, address: string): Json {
  const type = record.version === 1 ? record.record.type : record.receipt.type
  const path = pathsOfTypes[type]
  return {
    valid: verdict.valid,
    ...(verdict.valid ? {} : { reason: verdict.reason }),
    signing_version: record.version,
    type,
    guild_id: record.guildId,
    record_id: record.recordId,
    receipt: record.version === 1 ? null : record.receipt,
    // Ids of version 1 are integers beyond 2^53, so its text is given as it was signed.
    signed_text: record.version === 1 ? new TextDecoder().decode(file.signed) : null,
    payload_hash: encodeHex(sha256(file.signed)),
    key_id: file.keyId,
    standing_url: path === undefined ? null : `${address}/verify/${path}/${record.recordId}`,
  }
}

/** Neighbours are other people's records: their place and hash, never their id. */
function presentNeighbour(neighbour: StoredReceipt | null): Json | null {
  return neighbour === null ? null : { sequence: neighbour.sequence, payload_hash: encodeHex(neighbour.payloadHash) }
}


export function presentGuildKeys(trusted: TrustedClusterKeys, guildId: string, keys: readonly StatedKey[]): Json {
  const believed = believedKeys(trusted, keys)
  return {
    guild_id: guildId,
    keys: believed.map((key) => ({
      key_id: key.keyId,
      public_key: encodeBase64(key.publicKey),
      public_key_pem: pemOfPublicKey(key.publicKey),
      first_sequence: key.firstSequence,
      last_sequence: key.lastSequence,
      statement: encodeBase64(key.statement),
      statement_signature: encodeBase64(key.statementSignature),
      cluster_key_id: key.clusterKeyId,
      predecessor_signature: key.predecessorSignature === null ? null : encodeBase64(key.predecessorSignature),
      created_at: key.createdAt?.toISOString() ?? null,
    })),
    jwks: presentGuildJwks(trusted, keys),
  }
}

export function presentClusterKeys(trusted: TrustedClusterKeys): Json {
  return {
    keys: [...trusted].map(([clusterKeyId, publicKey]) => ({
      cluster_key_id: clusterKeyId,
      public_key: encodeBase64(publicKey),
      public_key_pem: pemOfPublicKey(publicKey),
    })),
    jwks: presentClusterJwks(trusted),
  }
}

export function presentGuildJwks(trusted: TrustedClusterKeys, keys: readonly StatedKey[]): Json {
  return { keys: believedKeys(trusted, keys).map((key) => presentJwk(key.keyId, key.publicKey)) }
}

export function presentClusterJwks(trusted: TrustedClusterKeys): Json {
  return { keys: [...trusted].map(([clusterKeyId, publicKey]) => presentJwk(clusterKeyId, publicKey)) }
}

/** RFC 8037, section 2. */
function presentJwk(keyId: string, publicKey: Uint8Array): Json {
  return { kty: 'OKP', crv: 'Ed25519', use: 'sig', kid: keyId, x: Buffer.from(publicKey).toString('base64url') }
}

/** Hashes in order, for a third party to recompute; no record ids, because an id is the link to a person's record. */
export function presentChain(verdict: PageVerdict, guildId: string, page: ChainPage): Json {
  const { head } = page
  return {
    valid: verdict.valid,
    ...(verdict.valid ? {} : { first_bad_sequence: verdict.firstBadSequence, reason: verdict.reason }),
    guild_id: guildId,
    receipts: page.receipts.map((receipt) => ({
      sequence: receipt.sequence,
      payload_hash: encodeHex(receipt.payloadHash),
      prev_hash: encodeHex(receipt.prevHash),
      key_id: receipt.keyId,
      ...(receipt.signed === null ? { erased: true } : {}),
    })),
    head:
      head === null
        ? null
        : {
            sequence: head.sequence,
            hash: encodeHex(head.hash),
            key_id: head.keyId,
            signed: encodeBase64(chainHeadBytes(head)),
            signature: encodeBase64(head.signature),
          },
  }
}
