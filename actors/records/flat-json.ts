/**
 * One JSON object as bytes from outside, refused when a key stands in it twice.
 *
 * JSON.parse takes the last of two equal keys, other readers the first: such a file would say different things to
 * different people, so it is not taken at all.
 */
import { coerceError } from '../../kernel/errors.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'

/** A string with the colon that makes it a key, or whatever stands between strings. Never backtracks over a string. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[^"]+/gsy

/** The members of a flat JSON object: nested values are refused by who reads them, not here. */
export function parseFlatJson(bytes: Uint8Array): Parsed<Readonly<Record<string, unknown>>> {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (thrown) {
    return malformed(coerceError(thrown) instanceof SyntaxError ? 'not JSON' : 'not UTF-8')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('not a JSON object')
  let keys = 0
  for (const found of text.matchAll(token)) if (found[1] !== undefined) keys += 1
  if (keys !== countMembers(value)) return malformed('a key stands twice')
  return parsed(value as Readonly<Record<string, unknown>>)
}

/** Members of a value and of all inside it: JSON.parse has no depth of its own, and neither has this. */
function countMembers(root: object): number {
  const open: object[] = [root]
  let members = 0
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const inside: readonly unknown[] = Object.values(value)
    if (!Array.isArray(value)) members += inside.length
    for (const member of inside) if (typeof member === 'object' && member !== null) open.push(member)
  }
  return members
}
