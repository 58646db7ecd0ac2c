/**
 * Verdicts, receipts and keys in the form people and programs read. What is true is decided elsewhere
 * (actors/records/verdict.ts); this file only writes it down.
 *
 * Whatever is shown is taken from the signed bytes where there are any; a column is shown only when the bytes are gone.
 */
import { encodeBase64 } from '../actors/records/base64.ts'
import { chainHeadBytes } from '../actors/records/chain-head.ts'
import type { PageVerdict } from '../actors/records/chain-page.ts'
import type { TrustedClusterKeys } from '../actors/records/cluster-key.ts'
import { sha256 } from '../actors/records/hash.ts'
import { encodeHex } from '../actors/records/hex.ts'
import { believedKeys } from '../actors/records/key-history.ts'
import { parseReceipt } from '../actors/records/receipt.ts'
import { receiptFile } from '../actors/records/receipt-file.ts'
import type { ReceiptFile } from '../actors/records/receipt-file.ts'
import type { ChainPage } from '../actors/records/record-reader.ts'
import { pemOfPublicKey } from '../actors/records/spki.ts'
import type { StatedKey, StoredReceipt } from '../actors/records/stored.ts'
import type { RecordEvidence, Verdict } from '../actors/records/verdict.ts'

type Json = Readonly<Record<string, unknown>>

export const waitingAnswer = { valid: false, reason: 'not signed yet' } as const

export function presentVerdict(verdict: Verdict, evidence: RecordEvidence, publicKey: Uint8Array | null): Json {
  const { receipt, previous, next } = evidence
  const { signed } = receipt
  const read = signed === null ? null : parseReceipt(signed)
  return {
    valid: verdict.valid,
    current: verdict.valid && verdict.current,
    ...(verdict.valid ? {} : { reason: verdict.reason }),
    receipt: read?.ok === true ? read.value.receipt : null,
    signed: signed === null ? null : encodeBase64(signed),
    signature: encodeBase64(receipt.signature),
    payload_hash: encodeHex(signed === null ? receipt.payloadHash : sha256(signed)),
    key_id: receipt.keyId,
    public_key: publicKey === null ? null : encodeBase64(publicKey),
    public_key_pem: publicKey === null ? null : pemOfPublicKey(publicKey),
    chain: {
      sequence: receipt.sequence,
      prev_hash: encodeHex(receipt.prevHash),
      previous: presentNeighbour(previous),
      next: presentNeighbour(next),
    },
  }
}

/** Neighbours are other people's records: their place and hash, never their id. */
function presentNeighbour(neighbour: StoredReceipt | null): Json | null {
  return neighbour === null ? null : { sequence: neighbour.sequence, payload_hash: encodeHex(neighbour.payloadHash) }
}

/** The public key of a receipt if its row is believed; null: there is no such key. */
export function findPublicKey(trusted: TrustedClusterKeys, evidence: RecordEvidence): Uint8Array | null {
  const { keyId, guildId } = evidence.receipt
  const wanted = evidence.keys.filter((key) => key.keyId === keyId && key.guildId === guildId)
  return believedKeys(trusted, wanted)[0]?.publicKey ?? null
}

export function presentReceiptFile(signed: Uint8Array, receipt: StoredReceipt, publicKey: Uint8Array): ReceiptFile {
  return receiptFile({ signed, signature: receipt.signature, keyId: receipt.keyId, publicKey })
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
    })),
    jwks: { keys: believed.map((key) => presentJwk(key.keyId, key.publicKey)) },
  }
}

export function presentClusterKeys(trusted: TrustedClusterKeys): Json {
  return {
    keys: [...trusted].map(([clusterKeyId, publicKey]) => ({
      cluster_key_id: clusterKeyId,
      public_key: encodeBase64(publicKey),
      public_key_pem: pemOfPublicKey(publicKey),
    })),
    jwks: { keys: [...trusted].map(([clusterKeyId, publicKey]) => presentJwk(clusterKeyId, publicKey)) },
  }
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
