/**
 * Hexadecimal, lower case only: one value, one text. Hashes travel in it.
 */
import { parsed, malformed } from './parsed.ts'
import type { Parsed } from './parsed.ts'

const byteTexts = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byteTexts[byte]
  return text
}

export function decodeHex(text: string, lengthExpected: number): Parsed<Uint8Array> {
  if (text.length !== lengthExpected * 2) {
    return malformed(`${text.length} hexadecimal digits where ${lengthExpected * 2} are expected`)
  }
  if (!/^[0-9a-f]*$/.test(text)) return malformed('not lower-case hexadecimal')
  const bytes = new Uint8Array(lengthExpected)
  for (let index = 0; index < lengthExpected; index++) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  }
  return parsed(bytes)
}
