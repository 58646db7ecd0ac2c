/**
 * Canonical JSON bytes (RFC 8785, JCS): one value, one sequence of bytes. What is signed and hashed is written by this
 * file, and what was received is held against it.
 *
 * The library writes; this file refuses what RFC 8785 (through I-JSON, RFC 7493) has no form for: lone surrogates,
 * numbers that are not finite or beyond 2^53, and values that are not JSON at all. `-0` is written `0`, so reading it
 * back is no canonical form. Reading also refuses duplicate keys, white space and every other spelling, because it
 * writes the value again and compares.
 */
import canonicalizeLibrary from 'canonicalize'
import { assert } from '../../kernel/assert.ts'
import { coerceError } from '../../kernel/errors.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** Deeper values are refused: nothing we sign comes near, and the library recurses. */
const depthMax = 32

/** The package is CommonJS whose types claim a default export: at run time the import itself is the function. */
const canonicalize = canonicalizeLibrary as unknown as (value: unknown) => string

const encoder = new TextEncoder()

/** The canonical text of a value of ours; a value without one is our bug. */
export function canonicalText(value: unknown): string {
  const problem = findProblem(value, 0)
  assert(problem === null, `canonical JSON: ${problem ?? ''}`)
  return canonicalize(value)
}

export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value))
}

/** Reads JSON that must already be in canonical form. */
export function parseCanonical(bytes: Uint8Array): Parsed<JsonValue> {
  let text: string
  let value: unknown
  try {
    // ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it; the default would swallow it.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (thrown) {
    // A SyntaxError's message quotes the text, so only its kind is told.
    return malformed(coerceError(thrown) instanceof SyntaxError ? 'not JSON' : 'not UTF-8')
  }
  const problem = findProblem(value, 0)
  if (problem !== null) return malformed(problem)
  if (canonicalize(value) !== text) return malformed('not canonical JSON (RFC 8785)')
  return parsed(value as JsonValue)
}

/** What keeps a value from having a canonical form, or null. */
function findProblem(value: unknown, depth: number): string | null {
  if (depth > depthMax) return `nested deeper than ${depthMax}`
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'string') return value.isWellFormed() ? null : 'a string has a lone surrogate'
  if (typeof value === 'number') return findNumberProblem(value)
  if (Array.isArray(value)) return findArrayProblem(value, depth)
  if (typeof value === 'object') return findObjectProblem(value, depth)
  return `a value is ${typeof value}, which JSON has not`
}

function findNumberProblem(value: number): string | null {
  if (!Number.isFinite(value)) return 'a number is not finite'
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return 'an integer is beyond 2^53'
  return null
}

function findArrayProblem(values: readonly unknown[], depth: number): string | null {
  // By index, because a hole of a sparse array is skipped by iteration helpers and written as null by the library.
  for (let index = 0; index < values.length; index++) {
    const problem = findProblem(values[index], depth + 1)
    if (problem !== null) return problem
  }
  return null
}

function findObjectProblem(value: object, depth: number): string | null {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return 'an object is not plain'
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) return 'a key has a lone surrogate'
    const problem = findProblem(member, depth + 1)
    if (problem !== null) return problem
  }
  return null
}
