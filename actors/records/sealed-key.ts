/**
 * A guild's private key as it is stored: sealed with AES-256-GCM under a data key of its own, bound to guild and key id
 * by the associated data, so that a row copied to another guild does not open.
 *
 * `cluster` mode wraps the data key with the cluster's key-encryption key; changing that key re-wraps 32 bytes a guild
 * and leaves the sealed key alone. `passphrase` mode derives what wraps the data key from a person's words; `mode` in
 * the wrap keeps the place for it. What does not open throws `key-unusable` and says which of the two locks it was.
 *
 *   sealed key = version 1 | nonce 12 | ciphertext 32 | tag 16
 *   wrap       = {"wrap_version":1,"mode":"cluster","kek_id","nonce","ciphertext","tag"}, base64, no secret
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { AppError, coerceError } from '../../kernel/errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { canonicalText, parseCanonical } from './canonical.ts'
import type { JsonValue } from './canonical.ts'
import type { KeyEncryptionKey, KeyEncryptionKeys } from './cluster-key.ts'
import { seedLength } from './ed25519.ts'
import { malformed } from './parsed.ts'
import { isObject } from './receipt-fields.ts'

export interface SealedKey {
  readonly sealedPrivateKey: Uint8Array
  readonly keyWrap: string
}

/** Whose key it is; inside the associated data of both locks. */
export interface KeyOwner {
  readonly guildId: string
  readonly keyId: string
}

const sealedVersion = 1
const dataKeyLength = 32
const nonceLength = 12
const tagLength = 16
const sealedLength = 1 + nonceLength + seedLength + tagLength

export interface SealKeyInput {
  readonly owner: KeyOwner
  readonly seed: Uint8Array
  readonly kek: KeyEncryptionKey
  random(length: number): Uint8Array
}

export function sealPrivateKey(input: SealKeyInput): SealedKey {
  const dataKey = input.random(dataKeyLength)
  const nonce = input.random(nonceLength)
  const { ciphertext, tag } = encrypt({ key: dataKey, nonce, plain: input.seed, associated: sealContext(input.owner) })
  const sealedPrivateKey = new Uint8Array(Buffer.concat([Buffer.of(sealedVersion), nonce, ciphertext, tag]))
  const keyWrap = wrapDataKey(input, dataKey)
  dataKey.fill(0)
  return { sealedPrivateKey, keyWrap }
}

/** The 32-byte seed; the caller wipes it. Throws `key-unusable`. */
export function openPrivateKey(owner: KeyOwner, sealed: SealedKey, keks: KeyEncryptionKeys): Uint8Array {
  const bytes = sealed.sealedPrivateKey
  if (bytes.length !== sealedLength || bytes[0] !== sealedVersion) throw unusable(owner, 'is not in a known form')
  const dataKey = unwrapDataKey(owner, sealed.keyWrap, keks)
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

function wrapDataKey(input: SealKeyInput, dataKey: Uint8Array): string {
  const { owner, kek } = input
  const nonce = input.random(nonceLength)
  const associated = wrapContext(owner, kek.kekId)
  const { ciphertext, tag } = encrypt({ key: kek.key.reveal(), nonce, plain: dataKey, associated })
  return canonicalText({
    wrap_version: 1,
    mode: 'cluster',
    kek_id: kek.kekId,
    nonce: encodeBase64(nonce),
    ciphertext: encodeBase64(ciphertext),
    tag: encodeBase64(tag),
  })
}

function unwrapDataKey(owner: KeyOwner, keyWrap: string, keks: KeyEncryptionKeys): Uint8Array {
  const read = parseCanonical(new TextEncoder().encode(keyWrap))
  const wrap = read.ok && isObject(read.value) ? read.value : {}
  if (wrap['wrap_version'] !== 1 || wrap['mode'] !== 'cluster') throw unusable(owner, 'has a wrap of unknown form')
  const kek = keks.find(({ kekId }) => kekId === wrap['kek_id'])
  if (kek === undefined) throw unusable(owner, 'is wrapped by a key-encryption key that is not configured here (MUSTER_KEK)')
  const nonce = decodeField(wrap['nonce'], nonceLength)
  const ciphertext = decodeField(wrap['ciphertext'], dataKeyLength)
  const tag = decodeField(wrap['tag'], tagLength)
  if (nonce === null || ciphertext === null || tag === null) throw unusable(owner, 'has a damaged wrap')
  try {
    return decrypt({ key: kek.key.reveal(), nonce, ciphertext, tag, associated: wrapContext(owner, kek.kekId) })
  } catch (thrown) {
    throw unusable(owner, 'has a wrap that does not open: it was changed, or belongs to another guild', coerceError(thrown))
  }
}

function decodeField(text: JsonValue | undefined, length: number): Uint8Array | null {
  const decoded = typeof text === 'string' ? decodeBase64(text, length) : malformed('is not text')
  return decoded.ok ? decoded.value : null
}

function sealContext({ guildId, keyId }: KeyOwner): Buffer {
  return Buffer.from(`muster/sealed-key/1\n${guildId}\n${keyId}`)
}

function wrapContext({ guildId, keyId }: KeyOwner, kekId: string): Buffer {
  return Buffer.from(`muster/key-wrap/1\n${guildId}\n${keyId}\n${kekId}`)
}

interface Encryption {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly associated: Uint8Array
}

function encrypt(input: Encryption & { readonly plain: Uint8Array }): { ciphertext: Uint8Array; tag: Uint8Array } {
  const cipher = createCipheriv('aes-256-gcm', input.key, input.nonce, { authTagLength: tagLength })
  cipher.setAAD(input.associated)
  const ciphertext = Buffer.concat([cipher.update(input.plain), cipher.final()])
  return { ciphertext, tag: cipher.getAuthTag() }
}

function decrypt(input: Encryption & { readonly ciphertext: Uint8Array; readonly tag: Uint8Array }): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', input.key, input.nonce, { authTagLength: tagLength })
  decipher.setAAD(input.associated)
  decipher.setAuthTag(input.tag)
  return new Uint8Array(Buffer.concat([decipher.update(input.ciphertext), decipher.final()]))
}

function unusable(owner: KeyOwner, what: string, cause?: Error): AppError {
  return new AppError('key-unusable', `the signing key ${owner.keyId} of guild ${owner.guildId} ${what}`, {
    context: { guildId: owner.guildId, keyId: owner.keyId },
    ...(cause === undefined ? {} : { cause }),
  })
}
