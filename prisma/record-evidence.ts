/**
 * The one statement behind verdicts: records' rows and their amendments, the rows before and after each, their guilds'
 * newest rows, signed heads and keys, as of one instant.
 *
 * One statement, because evidence from several would contradict itself whenever a commit comes between (a newest row
 * beyond the head that was read before it), and a verdict would call that tampering. It reads many records at once
 * (evidence-reader.ts). Rows of three tables come back in one shape; `kind` says which columns mean something. Private
 * halves of keys are not read.
 */
import type { RecordType } from '../actors/protocol/record.ts'
import type { FoundRecord } from '../actors/records/record-reader.ts'
import type { StatedKey, StoredChainHead, StoredReceipt } from '../actors/records/stored.ts'
import { assert } from '../kernel/assert.ts'
import { safeNumber } from './safe-number.ts'

/** One row of the answer. `key`: `sequence` is its first, `payload_hash` its public key. `head`: `payload_hash` its hash. */
export interface EvidenceRow {
  readonly kind: 'record' | 'amendment' | 'previous' | 'next' | 'newest' | 'head' | 'key' | 'waiting' | 'version-1'
  /** The record it was read for; null where it belongs to a guild. */
  readonly for_id: string | null
  readonly guild_id: string | null
  readonly sequence: string | null
  readonly last_sequence: string | null
  readonly record_id: string | null
  readonly type: string | null
  readonly key_id: string | null
  readonly signed: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly payload_hash: Uint8Array | null
  readonly prev_hash: Uint8Array | null
  readonly issued_at: string | null
  readonly subject: string | null
  readonly cluster_key_id: string | null
  readonly predecessor_signature: Uint8Array | null
}

const receiptColumns =
  'r.guild_id, r.sequence, NULL::bigint AS last_sequence, r.record_id::text, r.type, r.key_id::text, r.signed, ' +
  'r.signature, r.payload_hash, r.prev_hash, r.issued_at, r.subject, NULL::text AS cluster_key_id, ' +
  'NULL::bytea AS predecessor_signature'

/** Of a record's amendments the newest count; a record that was changed more often shows these. */
const amendmentsMax = 100

/** `$1`: record ids. Two rows of a record are enough to know that its id is not unique. */
export const evidenceStatement = `
  WITH wanted AS (
    SELECT DISTINCT unnest($1::uuid[]) AS id
  ), record AS MATERIALIZED (
    SELECT r.* FROM wanted w CROSS JOIN LATERAL (
      SELECT * FROM receipt WHERE record_id = w.id AND type <> 'amendment' ORDER BY guild_id, sequence LIMIT 2) r
  ), place AS (
    SELECT DISTINCT ON (record_id) record_id, guild_id, sequence FROM record ORDER BY record_id, guild_id, sequence
  ), guild AS (
    SELECT DISTINCT guild_id FROM place
  )
  SELECT 'record' AS kind, r.record_id::text AS for_id, ${receiptColumns} FROM record r
  UNION ALL
  SELECT 'amendment', r.record_id::text, ${receiptColumns} FROM wanted w CROSS JOIN LATERAL (
    SELECT * FROM receipt WHERE record_id = w.id AND type = 'amendment' ORDER BY sequence DESC LIMIT ${amendmentsMax}) r
  UNION ALL
  SELECT 'previous', p.record_id::text, ${receiptColumns}
  FROM place p JOIN receipt r ON r.guild_id = p.guild_id AND r.sequence = p.sequence - 1
  UNION ALL
  SELECT 'next', p.record_id::text, ${receiptColumns}
  FROM place p JOIN receipt r ON r.guild_id = p.guild_id AND r.sequence = p.sequence + 1
  UNION ALL
  SELECT 'version-1', p.record_id::text, p.guild_id, p.sequence, NULL, NULL, NULL, NULL, o.signed, o.signature, NULL, NULL,
    NULL, NULL, NULL, NULL
  FROM place p JOIN receipt_version_1 o ON o.guild_id = p.guild_id AND o.sequence = p.sequence
  UNION ALL
  SELECT 'newest', NULL, r.guild_id, r.sequence, NULL, NULL, NULL, NULL, NULL, NULL, r.payload_hash, NULL, NULL, NULL, NULL, NULL
  FROM guild g CROSS JOIN LATERAL (
    SELECT guild_id, sequence, payload_hash FROM receipt WHERE guild_id = g.guild_id ORDER BY sequence DESC LIMIT 1) r
  UNION ALL
  SELECT 'head', NULL, h.guild_id, h.sequence, NULL, NULL, NULL, h.key_id::text, NULL, h.signature, h.hash, NULL, NULL,
    NULL, NULL, NULL
  FROM guild g JOIN chain_head h ON h.guild_id = g.guild_id
  UNION ALL
  SELECT 'key', NULL, k.guild_id, k.first_sequence, k.last_sequence, NULL, NULL, k.key_id::text, k.statement,
    k.statement_signature, k.public_key, NULL, NULL, NULL, k.cluster_key_id, k.predecessor_signature
  FROM guild g JOIN guild_key k ON k.guild_id = g.guild_id
  UNION ALL
  SELECT 'waiting', x.record_id::text, x.guild_id, NULL, NULL, x.record_id::text, x.type, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL
  FROM wanted w JOIN waiting_record x ON x.record_id = w.id`

/** The rows of one answer by what they are asked for. */
export interface EvidenceIndex {
  readonly ofRecord: ReadonlyMap<string, readonly EvidenceRow[]>
  readonly ofGuild: ReadonlyMap<string, readonly EvidenceRow[]>
}

export function indexEvidence(rows: readonly EvidenceRow[]): EvidenceIndex {
  const ofRecord = new Map<string, EvidenceRow[]>()
  const ofGuild = new Map<string, EvidenceRow[]>()
  for (const row of rows) {
    const [index, key] = row.for_id === null ? [ofGuild, present(row.guild_id)] : [ofRecord, row.for_id]
    const known = index.get(key)
    if (known === undefined) index.set(key, [row])
    else known.push(row)
  }
  return { ofRecord, ofGuild }
}

export function readEvidence(index: EvidenceIndex, recordId: string, types: readonly RecordType[]): FoundRecord {
  const rows = index.ofRecord.get(recordId) ?? []
  const ofKind = (kind: EvidenceRow['kind'], among = rows): readonly EvidenceRow[] => among.filter((row) => row.kind === kind)
  const isWanted = ({ type }: EvidenceRow): boolean => types.some((wanted) => wanted === type)
  const [record, second] = ofKind('record')
  if (record === undefined) return { kind: ofKind('waiting').some(isWanted) ? 'waiting' : 'unknown' }
  if (!isWanted(record)) return { kind: 'unknown' }
  const guild = index.ofGuild.get(present(record.guild_id)) ?? []
  const [previous, next] = [ofKind('previous')[0], ofKind('next')[0]]
  const [version1] = ofKind('version-1')
  const [newest, head] = [ofKind('newest', guild)[0], ofKind('head', guild)[0]]
  assert(newest !== undefined, 'evidence: a guild with a receipt has a newest one')
  return {
    kind: 'sealed',
    evidence: {
      receipt: storedReceipt(record),
      isUnique: second === undefined,
      previous: previous === undefined ? null : storedReceipt(previous),
      next: next === undefined ? null : storedReceipt(next),
      newest: { sequence: whole(newest.sequence), payloadHash: present(newest.payload_hash) },
      head: head === undefined ? null : storedHead(head),
      keys: ofKind('key', guild).map(statedKey),
      ...(version1 === undefined ? {} : { version1: { signed: present(version1.signed), signature: present(version1.signature) } }),
      amendments: ofKind('amendment').map(storedReceipt).toSorted((left, right) => left.sequence - right.sequence),
    },
  }
}

function storedReceipt(row: EvidenceRow): StoredReceipt {
  return {
    guildId: present(row.guild_id),
    sequence: whole(row.sequence),
    recordId: present(row.record_id),
    type: present(row.type),
    keyId: present(row.key_id),
    signed: row.signed,
    signature: present(row.signature),
    payloadHash: present(row.payload_hash),
    prevHash: present(row.prev_hash),
    issuedAt: whole(row.issued_at),
    subject: row.subject,
  }
}

function storedHead(row: EvidenceRow): StoredChainHead {
  return {
    guildId: present(row.guild_id),
    sequence: whole(row.sequence),
    hash: present(row.payload_hash),
    keyId: present(row.key_id),
    signature: present(row.signature),
  }
}

function statedKey(row: EvidenceRow): StatedKey {
  return {
    keyId: present(row.key_id),
    guildId: present(row.guild_id),
    publicKey: present(row.payload_hash),
    firstSequence: whole(row.sequence),
    lastSequence: row.last_sequence === null ? null : whole(row.last_sequence),
    statement: present(row.signed),
    statementSignature: present(row.signature),
    clusterKeyId: present(row.cluster_key_id),
    predecessorSignature: row.predecessor_signature,
  }
}

/** A bigint column, which the driver gives as text. */
function whole(text: string | null): number {
  return safeNumber(BigInt(present(text)))
}

function present<Value>(value: Value | null): Value {
  assert(value !== null, 'evidence: a column that is NOT NULL came back empty')
  return value
}
