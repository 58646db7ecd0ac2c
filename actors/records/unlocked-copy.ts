/**
 * The copy of an unlocked private key by which a crash or a change of owner keeps signing unlocked: sealed under the
 * cluster's key-encryption key, kept in Redis for minutes, never in Postgres.
 *
 * It opens for one guild, one key and one unlocking. What was copied before signing was locked opens for nobody
 * afterwards, because the guild's state then names another unlocking or none.
 *
 *   copy = version 1 | key-encryption key id 8 | nonce 12 | ciphertext 32 | tag 16
 */
import { coerceError } from '../../kernel/errors.ts'
import { decrypt, encrypt, nonceLength, tagLength } from './aes-gcm.ts'
import type { KeyEncryptionKey, KeyEncryptionKeys } from './cluster-key.ts'
import { seedLength } from './ed25519.ts'
import { encodeHex } from './hex.ts'
import type { KeyOwner } from './key-unusable.ts'
import { unusable } from './key-unusable.ts'

/** One unlocking of one key. */
export interface Unlocking extends KeyOwner {
  /** Drawn when the passphrase was entered. */
  readonly unlockId: string
}

const copyVersion = 1
const kekIdLength = 8
const headLength = 1 + kekIdLength + nonceLength
export const unlockedCopyLength = headLength + seedLength + tagLength

export function sealUnlockedCopy(input: {
  readonly unlocking: Unlocking
  readonly seed: Uint8Array
  readonly kek: KeyEncryptionKey
  random(length: number): Uint8Array
}): Uint8Array {
  const { unlocking, seed, kek } = input
  const nonce = input.random(nonceLength)
  const { ciphertext, tag } = encrypt({ key: kek.key.reveal(), nonce, plain: seed, associated: copyContext(unlocking) })
  const kekId = Buffer.from(kek.kekId, 'hex')
  return new Uint8Array(Buffer.concat([Buffer.of(copyVersion), kekId, nonce, ciphertext, tag]))
}

/** The 32-byte seed; the caller wipes it. Throws `key-unusable`. */
export function openUnlockedCopy(unlocking: Unlocking, copy: Uint8Array, keks: KeyEncryptionKeys): Uint8Array {
  if (copy.length !== unlockedCopyLength || copy[0] !== copyVersion) throw unusable(unlocking, 'has an unlocked copy of unknown form')
  const kekId = encodeHex(copy.subarray(1, 1 + kekIdLength))
  const kek = keks.find((candidate) => candidate.kekId === kekId)
  if (kek === undefined) throw unusable(unlocking, 'has an unlocked copy under a key-encryption key that is not configured here (MUSTER_KEK)')
  const nonce = copy.subarray(1 + kekIdLength, headLength)
  const ciphertext = copy.subarray(headLength, headLength + seedLength)
  const tag = copy.subarray(headLength + seedLength)
  try {
    return decrypt({ key: kek.key.reveal(), nonce, ciphertext, tag, associated: copyContext(unlocking) })
  } catch (thrown) {
    throw unusable(unlocking, 'has an unlocked copy that does not open: it is of another unlocking', coerceError(thrown))
  }
}

function copyContext({ guildId, keyId, unlockId }: Unlocking): Buffer {
  return Buffer.from(`muster/unlocked-copy/1\n${guildId}\n${keyId}\n${unlockId}`)
}
