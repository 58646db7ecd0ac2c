/**
 * The receipt file, format 1: what a person keeps. One receipt's exact bytes in base64 with its signature and key.
 *
 * Who checks a file decodes `signed` and hashes exactly that. The key in the file is a convenience for looking at it by
 * hand: a verifier compares it with the registered key and never uses it. The file itself need not be canonical JSON.
 */
import { decodeBase64, encodeBase64 } from './base64.ts'
import { publicKeyLength, signatureLength } from './ed25519-strict.ts'
import { parseFlatJson } from './flat-json.ts'
import { equalBytes, sha256 } from './hash.ts'
import { decodeHex, encodeHex } from './hex.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import { isUuid } from './receipt-fields.ts'
import { pemOfPublicKey } from './spki.ts'

export interface ReceiptFile {
  readonly receipt_format: 1
  /** Base64 of the exact signed bytes. */
  readonly signed: string
  /** Base64. */
  readonly signature: string
  /** Lower-case hex SHA-256 of the signed bytes. */
  readonly payload_hash: string
  readonly key_id: string
  /** Base64 of 32 bytes. */
  readonly public_key: string
  readonly public_key_pem: string
}

export interface ReceiptFileParts {
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly keyId: string
  readonly publicKey: Uint8Array
}

export function receiptFile(parts: ReceiptFileParts): ReceiptFile {
  return {
    receipt_format: 1,
    signed: encodeBase64(parts.signed),
    signature: encodeBase64(parts.signature),
    payload_hash: encodeHex(sha256(parts.signed)),
    key_id: parts.keyId,
    public_key: encodeBase64(parts.publicKey),
    public_key_pem: pemOfPublicKey(parts.publicKey),
  }
}

const fieldNames = ['receipt_format', 'signed', 'signature', 'payload_hash', 'key_id', 'public_key', 'public_key_pem']

/** Reads the bytes of a receipt file; a key that stands twice refuses it. */
export function parseReceiptFileBytes(bytes: Uint8Array): Parsed<ReceiptFileParts> {
  const read = parseFlatJson(bytes)
  return read.ok ? parseReceiptFile(read.value) : read
}

/** Takes the decoded JSON of a receipt file; `signed` and the hash must already agree. */
export function parseReceiptFile(value: unknown): Parsed<ReceiptFileParts> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('not a JSON object')
  const fields = new Map<string, unknown>(Object.entries(value))
  if (fields.size !== fieldNames.length || !fieldNames.every((name) => fields.has(name))) {
    return malformed(`a receipt file has exactly the fields ${fieldNames.join(', ')}`)
  }
  if (fields.get('receipt_format') !== 1) return malformed('receipt_format is not 1')
  const signed = decodeText(fields, 'signed')
  if (!signed.ok) return signed
  const signature = decodeText(fields, 'signature', signatureLength)
  if (!signature.ok) return signature
  const publicKey = decodeText(fields, 'public_key', publicKeyLength)
  if (!publicKey.ok) return publicKey
  const payloadHash = fields.get('payload_hash')
  const hashed = decodeHex(typeof payloadHash === 'string' ? payloadHash : '', 32)
  if (!hashed.ok) return malformed(`payload_hash: ${hashed.problem}`)
  if (!equalBytes(hashed.value, sha256(signed.value))) return malformed('payload_hash is not the hash of signed')
  const keyId = fields.get('key_id')
  if (typeof keyId !== 'string' || !isUuid(keyId)) return malformed('key_id is not a UUID in lower case')
  if (fields.get('public_key_pem') !== pemOfPublicKey(publicKey.value)) {
    return malformed('public_key_pem is not the PEM form of public_key')
  }
  return parsed({ signed: signed.value, signature: signature.value, keyId, publicKey: publicKey.value })
}

function decodeText(fields: ReadonlyMap<string, unknown>, name: string, length?: number): Parsed<Uint8Array> {
  const text = fields.get(name)
  if (typeof text !== 'string') return malformed(`${name} is not text`)
  const decoded = decodeBase64(text, length)
  return decoded.ok ? decoded : malformed(`${name}: ${decoded.problem}`)
}
