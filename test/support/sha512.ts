/** SHA-512, for tests that build signatures by hand. */
import { createHash } from 'node:crypto'

export function sha512(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha512').update(bytes).digest())
}
