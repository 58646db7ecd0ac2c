/**
 * What is kept of a record, a chain head and a guild's key, in the vocabulary of bytes.
 *
 * The sealer makes these, the commit writes them, the repository in prisma/ reads them back. Every field but the bytes
 * and signatures repeats what is signed, so that tables can be searched; a verdict compares the two and never believes
 * a field by itself. Shapes equal the commit's rows in actors/runtime/ports.ts, so what is sealed is written as it is.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { RecordType } from '../protocol/record.ts'

/** A receipt as it is sealed: the exact signed bytes and what repeats them. */
export interface ReceiptRow {
  readonly guildId: GuildId
  /** Position in the guild's receipt chain, from 1. */
  readonly sequence: number
  readonly recordId: string
  readonly type: RecordType
  readonly keyId: string
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  /** SHA-256 of `signed`. */
  readonly payloadHash: Uint8Array
  /** `payloadHash` of the receipt before; 32 zero bytes for the first. */
  readonly prevHash: Uint8Array
  /** Unix milliseconds. */
  readonly issuedAt: number
  /** What it is about and is searched by: the member, a period's index; null for an amendment. */
  readonly subject: string | null
}

/** A receipt as it is read back: whatever stands in the table, whoever wrote it. */
export interface StoredReceipt extends Omit<ReceiptRow, 'guildId' | 'type' | 'signed'> {
  readonly guildId: string
  readonly type: string
  /** null: erased on the member's request; hash and signature stay. */
  readonly signed: Uint8Array | null
}

/** The same record in the form of signing version 1, by the same key. */
export interface ReceiptVersion1Row {
  readonly guildId: GuildId
  readonly sequence: number
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

export interface ChainHeadRow {
  readonly guildId: GuildId
  readonly sequence: number
  readonly hash: Uint8Array
  readonly keyId: string
  readonly signature: Uint8Array
}

export interface StoredChainHead extends Omit<ChainHeadRow, 'guildId'> {
  readonly guildId: string
}

/** How a guild's private key is unlocked: by the cluster's key-encryption key, or by a person's passphrase. */
export type KeyMode = 'cluster' | 'passphrase'

/** The public half of a key row: all a verifier reads. */
export interface StatedKey {
  readonly keyId: string
  readonly guildId: string
  readonly publicKey: Uint8Array
  /** First and last receipt sequence it signs; `lastSequence` null: in use. */
  readonly firstSequence: number
  readonly lastSequence: number | null
  /** Bytes of the guild key statement and the cluster key's signature over them. */
  readonly statement: Uint8Array
  readonly statementSignature: Uint8Array
  readonly clusterKeyId: string
  /** The outgoing key's signature over the same statement; null for a guild's first key. */
  readonly predecessorSignature: Uint8Array | null
  /** When its row was written, for people: nothing signed says so, and no verdict looks at it. */
  readonly createdAt?: Date
}

export interface GuildKeyRow extends StatedKey {
  readonly guildId: GuildId
  readonly mode: KeyMode
  readonly sealedPrivateKey: Uint8Array
  /** How the data key is unlocked: JSON, no secret. */
  readonly keyWrap: string
}
