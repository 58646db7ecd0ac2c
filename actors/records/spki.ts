/**
 * The form in which other programs take an Ed25519 public key: SubjectPublicKeyInfo (RFC 8410, section 4), as PEM for
 * `openssl pkeyutl -pubin`.
 */
import { assert } from '../../kernel/assert.ts'
import { encodeBase64 } from './base64.ts'

/** SEQUENCE, the algorithm id of Ed25519, and the head of a BIT STRING of 32 bytes. */
const spkiPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

export function spkiOfPublicKey(publicKey: Uint8Array): Uint8Array {
  assert(publicKey.length === 32, 'an Ed25519 public key has 32 bytes')
  const spki = new Uint8Array(spkiPrefix.length + publicKey.length)
  spki.set(spkiPrefix)
  spki.set(publicKey, spkiPrefix.length)
  return spki
}

/** 44 bytes are 60 base64 characters: one line. */
export function pemOfPublicKey(publicKey: Uint8Array): string {
  return `-----BEGIN PUBLIC KEY-----\n${encodeBase64(spkiOfPublicKey(publicKey))}\n-----END PUBLIC KEY-----\n`
}
