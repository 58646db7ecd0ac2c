/**
 * How a guild key's data key is locked: JSON without a secret, bound to guild and key id.
 *
 * `cluster`: by the cluster's key-encryption key. Changing that key re-wraps 32 bytes a guild and leaves the sealed key
 * alone. `passphrase`: by what Argon2id (RFC 9106) makes of a person's words; whoever has the tables and every key of the
 * cluster has to guess them. The bounds of its parameters hold on reading too: a row that somebody changed must neither
 * weaken the derivation nor make this process spend its memory.
 *
 *   {"wrap_version":1,"mode":"cluster","kek_id","nonce","ciphertext","tag"}
 *   {"wrap_version":1,"mode":"passphrase","kdf":"argon2id","memory_kib","passes","lanes","salt","nonce","ciphertext","tag"}
 */
import { coerceError } from '../../kernel/errors.ts'
import { cipherKeyLength, decrypt, encrypt, nonceLength, tagLength } from './aes-gcm.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { canonicalText, parseCanonical } from './canonical.ts'
import type { JsonValue } from './canonical.ts'
import type { KeyEncryptionKey, KeyEncryptionKeys } from './cluster-key.ts'
import type { KeyOwner } from './key-unusable.ts'
import { unusable } from './key-unusable.ts'
import { isObject } from './receipt-fields.ts'
import type { KeyMode } from './stored.ts'

/** What turns a passphrase into 32 bytes. */
export interface PassphraseDerivation {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: 1
  /** 16 bytes, drawn for each key. */
  readonly salt: Uint8Array
}

export const saltLength = 16
/** RFC 9106's second recommendation; a third of a second on a core of today. */
export const derivationCost = { memoryKib: 64 * 1024, passes: 3, lanes: 1 } as const
const memoryKibMax = 256 * 1024
const passesMax = 10

export interface WrapInput {
  readonly owner: KeyOwner
  readonly dataKey: Uint8Array
  random(length: number): Uint8Array
}

export function wrapByKek(input: WrapInput & { readonly kek: KeyEncryptionKey }): string {
  const { kek, owner } = input
  return canonicalText({
    wrap_version: 1,
    mode: 'cluster',
    kek_id: kek.kekId,
    ...lock(input, kek.key.reveal(), kekContext(owner, kek.kekId)),
  })
}

/** `derived`: 32 bytes that Argon2id made of the passphrase under `derivation`. */
export function wrapByPassphrase(
  input: WrapInput & { readonly derivation: PassphraseDerivation; readonly derived: Uint8Array },
): string {
  const { derivation, derived, owner } = input
  return canonicalText({
    wrap_version: 1,
    mode: 'passphrase',
    kdf: 'argon2id',
    memory_kib: derivation.memoryKib,
    passes: derivation.passes,
    lanes: derivation.lanes,
    salt: encodeBase64(derivation.salt),
    ...lock(input, derived, passphraseContext(owner, derivation)),
  })
}

/** The data key; the caller wipes it. Throws `key-unusable`. */
export function unwrapByKek(owner: KeyOwner, keyWrap: string, keks: KeyEncryptionKeys): Uint8Array {
  const wrap = readWrap(owner, keyWrap, 'cluster')
  const kek = keks.find(({ kekId }) => kekId === wrap['kek_id'])
  if (kek === undefined) throw unusable(owner, 'is wrapped by a key-encryption key that is not configured here (MUSTER_KEK)')
  const opened = tryUnlock(owner, wrap, { key: kek.key.reveal(), associated: kekContext(owner, kek.kekId) })
  if (opened instanceof Error) throw unusable(owner, 'has a wrap that does not open: it was changed, or belongs to another guild', opened)
  return opened
}

/** The data key, or null: another passphrase, or a wrap that was changed; nobody can tell these two apart. */
export function tryUnwrapByPassphrase(owner: KeyOwner, keyWrap: string, derived: Uint8Array): Uint8Array | null {
  const wrap = readWrap(owner, keyWrap, 'passphrase')
  const opened = tryUnlock(owner, wrap, { key: derived, associated: passphraseContext(owner, readDerivation(owner, keyWrap)) })
  return opened instanceof Error ? null : opened
}

/** How the passphrase of this wrap is derived. Throws `key-unusable` outside the bounds. */
export function readDerivation(owner: KeyOwner, keyWrap: string): PassphraseDerivation {
  const wrap = readWrap(owner, keyWrap, 'passphrase')
  const salt = decodeField(wrap['salt'], saltLength)
  const memoryKib = wrap['memory_kib']
  const passes = wrap['passes']
  const isSound =
    wrap['kdf'] === 'argon2id' && wrap['lanes'] === 1 && salt !== null &&
    isBetween(memoryKib, derivationCost.memoryKib, memoryKibMax) && isBetween(passes, derivationCost.passes, passesMax)
  if (!isSound) throw unusable(owner, 'has a wrap with a derivation that is not allowed here')
  return { memoryKib: Number(memoryKib), passes: Number(passes), lanes: 1, salt }
}

/** Id of the key-encryption key a wrap is under; null for a passphrase's. */
export function kekIdOf(owner: KeyOwner, keyWrap: string): string | null {
  const wrap = parseWrap(owner, keyWrap)
  return typeof wrap['kek_id'] === 'string' ? wrap['kek_id'] : null
}

type Wrap = Readonly<Record<string, JsonValue>>

function parseWrap(owner: KeyOwner, keyWrap: string): Wrap {
  const read = parseCanonical(new TextEncoder().encode(keyWrap))
  if (!read.ok || !isObject(read.value) || read.value['wrap_version'] !== 1) throw unusable(owner, 'has a wrap of unknown form')
  return read.value
}

function readWrap(owner: KeyOwner, keyWrap: string, mode: KeyMode): Wrap {
  const wrap = parseWrap(owner, keyWrap)
  if (wrap['mode'] !== mode) throw unusable(owner, 'has a wrap of unknown form')
  return wrap
}

function lock(input: WrapInput, key: Uint8Array, associated: Uint8Array): Readonly<Record<string, string>> {
  const nonce = input.random(nonceLength)
  const { ciphertext, tag } = encrypt({ key, nonce, plain: input.dataKey, associated })
  return { nonce: encodeBase64(nonce), ciphertext: encodeBase64(ciphertext), tag: encodeBase64(tag) }
}

function tryUnlock(owner: KeyOwner, wrap: Wrap, by: { readonly key: Uint8Array; readonly associated: Uint8Array }): Uint8Array | Error {
  const nonce = decodeField(wrap['nonce'], nonceLength)
  const ciphertext = decodeField(wrap['ciphertext'], cipherKeyLength)
  const tag = decodeField(wrap['tag'], tagLength)
  if (nonce === null || ciphertext === null || tag === null) throw unusable(owner, 'has a damaged wrap')
  try {
    return decrypt({ ...by, nonce, ciphertext, tag })
  } catch (thrown) {
    return coerceError(thrown)
  }
}

function decodeField(text: JsonValue | undefined, length: number): Uint8Array | null {
  if (typeof text !== 'string') return null
  const decoded = decodeBase64(text, length)
  return decoded.ok ? decoded.value : null
}

function isBetween(value: JsonValue | undefined, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

function kekContext({ guildId, keyId }: KeyOwner, kekId: string): Buffer {
  return Buffer.from(`muster/key-wrap/1\n${guildId}\n${keyId}\n${kekId}`)
}

function passphraseContext({ guildId, keyId }: KeyOwner, { memoryKib, passes, lanes, salt }: PassphraseDerivation): Buffer {
  return Buffer.from(`muster/passphrase-wrap/1\n${guildId}\n${keyId}\n${memoryKib} ${passes} ${lanes} ${encodeBase64(salt)}`)
}
