/**
 * Base64 with padding (RFC 4648 section 4), read in canonical form only.
 *
 * Platforms decode sloppily: missing padding, the URL alphabet, white space and stray low bits all pass, so one value
 * has many texts and a changed text can go unseen. Here a text is taken only if encoding its value gives it back.
 */
import { parsed, malformed } from './parsed.ts'
import type { Parsed } from './parsed.ts'

/** Written with btoa and atob, not Buffer, because a browser runs this file too. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** `lengthExpected` in bytes; without it any length is taken. */
export function decodeBase64(text: string, lengthExpected?: number): Parsed<Uint8Array> {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return malformed('not base64 in canonical form')
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  if (btoa(binary) !== text) return malformed('not base64 in canonical form')
  if (lengthExpected !== undefined && bytes.length !== lengthExpected) {
    return malformed(`base64 of ${bytes.length} bytes where ${lengthExpected} are expected`)
  }
  return parsed(bytes)
}
