/**
 * A small secret as text, sealed with AES-256-GCM under the key-encryption key: what journals and rows may hold of it.
 *
 *   text = kek id "." base64url(nonce 12 | ciphertext | tag 16)
 */
import { coerceError } from '../../kernel/errors.ts'
import { decrypt, encrypt, nonceLength, tagLength } from './aes-gcm.ts'
import type { KeyEncryptionKeys } from './cluster-key.ts'

export interface SealedTextInput {
  readonly plain: Uint8Array
  /** What the text belongs to: elsewhere it does not open. */
  readonly associated: Uint8Array
  random(length: number): Uint8Array
}

/** Why a text does not open: `kek` its key is not configured here, `form` it is no such text, `changed` or of something else. */
export type OpenedText =
  | { readonly plain: Uint8Array }
  | { readonly problem: 'kek'; readonly kekId: string }
  | { readonly problem: 'form' }
  | { readonly problem: 'changed'; readonly cause: Error }

/** Under the first key: a new one seals what is sealed from then on. */
export function sealText({ plain, associated, random }: SealedTextInput, [kek]: KeyEncryptionKeys): string {
  const nonce = random(nonceLength)
  const { ciphertext, tag } = encrypt({ key: kek.key.reveal(), nonce, plain, associated })
  return `${kek.kekId}.${Buffer.concat([nonce, ciphertext, tag]).toString('base64url')}`
}

export function openText(sealed: string, associated: Uint8Array, keks: KeyEncryptionKeys): OpenedText {
  const [kekId = '', text = ''] = sealed.split('.')
  const kek = keks.find((candidate) => candidate.kekId === kekId)
  if (kek === undefined) return { problem: 'kek', kekId }
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < nonceLength + tagLength) return { problem: 'form' }
  const [nonce, tag] = [bytes.subarray(0, nonceLength), bytes.subarray(bytes.length - tagLength)]
  const ciphertext = bytes.subarray(nonceLength, bytes.length - tagLength)
  try {
    return { plain: decrypt({ key: kek.key.reveal(), nonce, ciphertext, tag, associated }) }
  } catch (thrown) {
    return { problem: 'changed', cause: coerceError(thrown) }
  }
}
