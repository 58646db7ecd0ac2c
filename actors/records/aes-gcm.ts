/**
 * AES-256-GCM, the one cipher of this house: bytes in, bytes out, the associated data always given.
 *
 * A nonce is random and a key encrypts few things, far below the bound of 2^32 messages a key. Opening what was changed,
 * or what belongs elsewhere, throws: the caller says which lock it was.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'

export const cipherKeyLength = 32
export const nonceLength = 12
export const tagLength = 16

interface Box {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  /** What the ciphertext belongs to; not in it, and without it nothing opens. */
  readonly associated: Uint8Array
}

export function encrypt(box: Box & { readonly plain: Uint8Array }): { ciphertext: Uint8Array; tag: Uint8Array } {
  const cipher = createCipheriv('aes-256-gcm', box.key, box.nonce, { authTagLength: tagLength })
  cipher.setAAD(box.associated)
  const ciphertext = Buffer.concat([cipher.update(box.plain), cipher.final()])
  return { ciphertext, tag: cipher.getAuthTag() }
}

/** Throws when it does not open. */
export function decrypt(box: Box & { readonly ciphertext: Uint8Array; readonly tag: Uint8Array }): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', box.key, box.nonce, { authTagLength: tagLength })
  decipher.setAAD(box.associated)
  decipher.setAuthTag(box.tag)
  return new Uint8Array(Buffer.concat([decipher.update(box.ciphertext), decipher.final()]))
}
