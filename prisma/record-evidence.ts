/**
 * The one statement behind a verdict: a record's row, the rows before and after it, the guild's newest row, its signed
 * head and all its keys, as of one instant.
 *
 * One statement, because evidence from several would contradict itself whenever a commit comes between (a newest row
 * beyond the head that was read before it), and a verdict would call that tampering. Rows of three tables come back in
 * one shape; `kind` says which columns mean something. Private halves of keys are not read.
 */
import type { RecordType } from '../actors/protocol/record.ts'
import type { FoundRecord } from '../actors/records/record-reader.ts'
import type { StatedKey, StoredChainHead, StoredReceipt } from '../actors/records/stored.ts'
import { assert } from '../kernel/assert.ts'
import { Prisma } from './generated/client.ts'
import { safeNumber } from './safe-number.ts'

/** One row of the answer. `key`: `sequence` is its first, `payload_hash` its public key. `head`: `payload_hash` its hash. */
export interface EvidenceRow {
  readonly kind: 'record' | 'previous' | 'next' | 'newest' | 'head' | 'key' | 'waiting'
  readonly guild_id: bigint | null
  readonly sequence: bigint | null
  readonly last_sequence: bigint | null
  readonly record_id: string | null
  readonly type: string | null
  readonly key_id: string | null
  readonly signed: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly payload_hash: Uint8Array | null
  readonly prev_hash: Uint8Array | null
  readonly issued_at: bigint | null
  readonly subject: string | null
  readonly cluster_key_id: string | null
  readonly predecessor_signature: Uint8Array | null
}

const receiptColumns = Prisma.raw(
  'r.guild_id, r.sequence, NULL::bigint AS last_sequence, r.record_id::text, r.type, r.key_id::text, r.signed, ' +
    'r.signature, r.payload_hash, r.prev_hash, r.issued_at, r.subject, NULL::text AS cluster_key_id, ' +
    'NULL::bytea AS predecessor_signature',
)

/** Two rows of the record are enough to know that its id is not unique. */
export function evidenceQuery(recordId: string, types: readonly RecordType[]): Prisma.Sql {
  return Prisma.sql`
    WITH record AS MATERIALIZED (
      SELECT * FROM receipt WHERE record_id = ${recordId}::uuid AND type = ANY(${types}::text[])
      ORDER BY guild_id, sequence LIMIT 2
    ), place AS (
      SELECT guild_id, sequence FROM record ORDER BY guild_id, sequence LIMIT 1
    )
    SELECT 'record' AS kind, ${receiptColumns} FROM record r
    UNION ALL
    SELECT 'previous', ${receiptColumns} FROM receipt r JOIN place p ON r.guild_id = p.guild_id AND r.sequence = p.sequence - 1
    UNION ALL
    SELECT 'next', ${receiptColumns} FROM receipt r JOIN place p ON r.guild_id = p.guild_id AND r.sequence = p.sequence + 1
    UNION ALL
    (SELECT 'newest', ${receiptColumns} FROM receipt r WHERE r.guild_id = (SELECT guild_id FROM place)
     ORDER BY r.sequence DESC LIMIT 1)
    UNION ALL
    SELECT 'head', h.guild_id, h.sequence, NULL, NULL, NULL, h.key_id::text, NULL, h.signature, h.hash, NULL, NULL, NULL,
      NULL, NULL
    FROM chain_head h JOIN place p ON h.guild_id = p.guild_id
    UNION ALL
    SELECT 'key', k.guild_id, k.first_sequence, k.last_sequence, NULL, NULL, k.key_id::text, k.statement,
      k.statement_signature, k.public_key, NULL, NULL, NULL, k.cluster_key_id, k.predecessor_signature
    FROM guild_key k JOIN place p ON k.guild_id = p.guild_id
    UNION ALL
    SELECT 'waiting', w.guild_id, NULL, NULL, w.record_id::text, w.type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      NULL
    FROM waiting_record w WHERE w.record_id = ${recordId}::uuid AND w.type = ANY(${types}::text[])`
}

export function readEvidence(rows: readonly EvidenceRow[]): FoundRecord {
  const ofKind = (kind: EvidenceRow['kind']): readonly EvidenceRow[] => rows.filter((row) => row.kind === kind)
  const [record, second] = ofKind('record')
  const [newest] = ofKind('newest')
  if (record === undefined) return { kind: ofKind('waiting').length > 0 ? 'waiting' : 'unknown' }
  assert(newest !== undefined, 'evidence: a guild with a receipt has a newest one')
  const [previous, next, head] = [ofKind('previous')[0], ofKind('next')[0], ofKind('head')[0]]
  return {
    kind: 'sealed',
    evidence: {
      receipt: storedReceipt(record),
      isUnique: second === undefined,
      previous: previous === undefined ? null : storedReceipt(previous),
      next: next === undefined ? null : storedReceipt(next),
      newest: storedReceipt(newest),
      head: head === undefined ? null : storedHead(head),
      keys: ofKind('key').map(statedKey),
    },
  }
}

function storedReceipt(row: EvidenceRow): StoredReceipt {
  return {
    guildId: String(present(row.guild_id)),
    sequence: safeNumber(present(row.sequence)),
    recordId: present(row.record_id),
    type: present(row.type),
    keyId: present(row.key_id),
    signed: row.signed,
    signature: present(row.signature),
    payloadHash: present(row.payload_hash),
    prevHash: present(row.prev_hash),
    issuedAt: safeNumber(present(row.issued_at)),
    subject: row.subject,
  }
}

function storedHead(row: EvidenceRow): StoredChainHead {
  return {
    guildId: String(present(row.guild_id)),
    sequence: safeNumber(present(row.sequence)),
    hash: present(row.payload_hash),
    keyId: present(row.key_id),
    signature: present(row.signature),
  }
}

function statedKey(row: EvidenceRow): StatedKey {
  return {
    keyId: present(row.key_id),
    guildId: String(present(row.guild_id)),
    publicKey: present(row.payload_hash),
    firstSequence: safeNumber(present(row.sequence)),
    lastSequence: row.last_sequence === null ? null : safeNumber(row.last_sequence),
    statement: present(row.signed),
    statementSignature: present(row.signature),
    clusterKeyId: present(row.cluster_key_id),
    predecessorSignature: row.predecessor_signature,
  }
}

function present<Value>(value: Value | null): Value {
  assert(value !== null, 'evidence: a column that is NOT NULL came back empty')
  return value
}
