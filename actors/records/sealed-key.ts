/**
 * A guild's private key as it is stored: sealed with AES-256-GCM under a data key of its own, bound to guild and key id
 * by the associated data, so that a row copied to another guild does not open.
 *
 * The data key is locked by key-wrap.ts, under the cluster's key-encryption key or a person's passphrase. What does not
 * open throws `key-unusable` and says which of the two locks it was; a passphrase that does not fit is an answer.
 *
 *   sealed key = version 1 | nonce 12 | ciphertext 32 | tag 16
 */
import { coerceError } from '../../kernel/errors.ts'
import { cipherKeyLength, decrypt, encrypt, nonceLength, tagLength } from './aes-gcm.ts'
import type { KeyEncryptionKey, KeyEncryptionKeys } from './cluster-key.ts'
import { seedLength } from './ed25519.ts'
import type { KeyOwner } from './key-unusable.ts'
import { unusable } from './key-unusable.ts'
import type { PassphraseDerivation } from './key-wrap.ts'
import { tryUnwrapByPassphrase, unwrapByKek, wrapByKek, wrapByPassphrase } from './key-wrap.ts'

export interface SealedKey {
  readonly sealedPrivateKey: Uint8Array
  readonly keyWrap: string
}

const sealedVersion = 1
const sealedLength = 1 + nonceLength + seedLength + tagLength

interface SealInput {
  readonly owner: KeyOwner
  readonly seed: Uint8Array
  random(length: number): Uint8Array
}

export interface SealKeyInput extends SealInput {
  readonly kek: KeyEncryptionKey
}

export function sealPrivateKey(input: SealKeyInput): SealedKey {
  return sealUnder(input, (dataKey) => wrapByKek({ ...input, dataKey }))
}

export function sealByPassphrase(
  input: SealInput & { readonly derivation: PassphraseDerivation; readonly derived: Uint8Array },
): SealedKey {
  return sealUnder(input, (dataKey) => wrapByPassphrase({ ...input, dataKey }))
}

/** The 32-byte seed; the caller wipes it. Throws `key-unusable`. */
export function openPrivateKey(owner: KeyOwner, sealed: SealedKey, keks: KeyEncryptionKeys): Uint8Array {
  assertForm(owner, sealed.sealedPrivateKey)
  return openUnder(owner, sealed.sealedPrivateKey, unwrapByKek(owner, sealed.keyWrap, keks))
}

/** The 32-byte seed, or null when the passphrase is another one; the caller wipes it. Throws `key-unusable`. */
export function tryOpenByPassphrase(owner: KeyOwner, sealed: SealedKey, derived: Uint8Array): Uint8Array | null {
  assertForm(owner, sealed.sealedPrivateKey)
  const dataKey = tryUnwrapByPassphrase(owner, sealed.keyWrap, derived)
  return dataKey === null ? null : openUnder(owner, sealed.sealedPrivateKey, dataKey)
}

function sealUnder(input: SealInput, wrap: (dataKey: Uint8Array) => string): SealedKey {
  const dataKey = input.random(cipherKeyLength)
  const nonce = input.random(nonceLength)
  const { ciphertext, tag } = encrypt({ key: dataKey, nonce, plain: input.seed, associated: sealContext(input.owner) })
  const sealedPrivateKey = new Uint8Array(Buffer.concat([Buffer.of(sealedVersion), nonce, ciphertext, tag]))
  const keyWrap = wrap(dataKey)
  dataKey.fill(0)
  return { sealedPrivateKey, keyWrap }
}

function assertForm(owner: KeyOwner, bytes: Uint8Array): void {
  if (bytes.length !== sealedLength || bytes[0] !== sealedVersion) throw unusable(owner, 'is not in a known form')
}

function openUnder(owner: KeyOwner, bytes: Uint8Array, dataKey: Uint8Array): Uint8Array {
  const nonce = bytes.subarray(1, 1 + nonceLength)
  const ciphertext = bytes.subarray(1 + nonceLength, sealedLength - tagLength)
  const tag = bytes.subarray(sealedLength - tagLength)
  try {
    return decrypt({ key: dataKey, nonce, ciphertext, tag, associated: sealContext(owner) })
  } catch (thrown) {
    throw unusable(owner, 'does not decrypt: it was changed, or belongs to another guild', coerceError(thrown))
  } finally {
    dataKey.fill(0)
  }
}

function sealContext({ guildId, keyId }: KeyOwner): Buffer {
  return Buffer.from(`muster/sealed-key/1\n${guildId}\n${keyId}`)
}
