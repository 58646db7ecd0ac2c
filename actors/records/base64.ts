/**
 * Base64 with padding (RFC 4648 section 4), read in canonical form only.
 *
 * Platforms decode sloppily: missing padding, the URL alphabet, white space and stray low bits all pass, so one value
 * has many texts and a changed text can go unseen. Here a text is taken only if encoding its value gives it back.
 */
import { parsed, malformed } from './parsed.ts'
import type { Parsed } from './parsed.ts'

/** Node's own is forty times as fast as characters one by one; a browser, which runs this file too, has none. */
const NodeBuffer = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer

export function encodeBase64(bytes: Uint8Array): string {
  if (NodeBuffer !== undefined) return NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return encodeByCharacters(bytes)
}

/** As a browser does it. */
export function encodeByCharacters(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** `lengthExpected` in bytes; without it any length is taken. */
export function decodeBase64(text: string, lengthExpected?: number): Parsed<Uint8Array> {
  const bytes = NodeBuffer === undefined ? decodeByCharacters(text) : decodeByBuffer(NodeBuffer, text)
  if (bytes === null) return malformed('not base64 in canonical form')
  if (lengthExpected !== undefined && bytes.length !== lengthExpected) {
    return malformed(`base64 of ${bytes.length} bytes where ${lengthExpected} are expected`)
  }
  return parsed(bytes)
}

function decodeByBuffer(buffer: typeof Buffer, text: string): Uint8Array | null {
  // It passes over what it does not know; what comes back the same had nothing of the kind.
  const bytes = new Uint8Array(buffer.from(text, 'base64'))
  return encodeBase64(bytes) === text ? bytes : null
}

/** As a browser does it. null: not in canonical form. */
export function decodeByCharacters(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return btoa(binary) === text ? bytes : null
}
