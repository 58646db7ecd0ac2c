/**
 * Readers of single receipt fields, each exact: one form and no other.
 *
 * A receipt is a closed form: a missing field and an unknown field are both refused, so that nothing unseen is signed.
 */
import { isSnowflake } from '../../kernel/ids.ts'
import type { JsonValue } from './canonical.ts'

/** Says what is wrong with a field's value, or null. */
export type FieldCheck = (value: JsonValue) => string | null
export type Form = Readonly<Record<string, FieldCheck>>

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const hashPattern = /^[0-9a-f]{64}$/

/** Lower case only: one id, one text. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text)
}

export const uuid: FieldCheck = (value) =>
  typeof value === 'string' && isUuid(value) ? null : 'is not a UUID in lower case'

export const snowflake: FieldCheck = (value) =>
  typeof value === 'string' && isSnowflake(value) ? null : 'is not a Discord id as a string'

export const hash: FieldCheck = (value) =>
  typeof value === 'string' && hashPattern.test(value) ? null : 'is not a SHA-256 in lower-case hexadecimal'

export const boolean: FieldCheck = (value) => (typeof value === 'boolean' ? null : 'is not true or false')

export function natural(valueMin: number): FieldCheck {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= valueMin
      ? null
      : `is not an integer of at least ${valueMin}`
}

/** Well-formed text of so many UTF-16 units, without U+0000, which no database keeps. */
export function text(lengthMin: number, lengthMax: number): FieldCheck {
  return (value) =>
    typeof value === 'string' && value.length >= lengthMin && value.length <= lengthMax && !value.includes('\u0000')
      ? null
      : `is not text of ${lengthMin} to ${lengthMax} characters`
}

export function oneOf(...words: readonly string[]): FieldCheck {
  return (value) => (typeof value === 'string' && words.includes(value) ? null : `is none of ${words.join(', ')}`)
}

export function nullable(check: FieldCheck): FieldCheck {
  return (value) => (value === null ? null : check(value))
}

export function listOf(check: FieldCheck): FieldCheck {
  return (value) => {
    if (!Array.isArray(value)) return 'is not a list'
    const values: readonly JsonValue[] = value
    const problem = values.map(check).find((found) => found !== null)
    return problem === undefined ? null : `an entry ${problem}`
  }
}

/** A day of the calendar: `2026-11-20`. */
export const date: FieldCheck = (value) =>
  typeof value === 'string' && instantMs(`${value}T00:00:00.000Z`) !== null ? null : 'is not a date as YYYY-MM-DD'

/** RFC 3339 in UTC with milliseconds: `2026-11-20T04:25:00.000Z`. */
export const instant: FieldCheck = (value) => (instantMs(value) === null ? 'is not a time in UTC with milliseconds' : null)

/** Unix milliseconds of such a time, or null. */
export function instantMs(text: JsonValue | undefined): number | null {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text)) return null
  const ms = Date.parse(text)
  // Date.parse takes February 30 for March 2: written again it is another text.
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? null : ms
}

export function exactly(expected: string | number): FieldCheck {
  return (value) => (value === expected ? null : `is not ${JSON.stringify(expected)}`)
}

export function isObject(value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function nested(form: Form): FieldCheck {
  return (value) => (isObject(value) ? findFormProblem(form, value) : 'is not an object')
}

/** The first field that is missing, unknown or wrong, in words; null when the form is met exactly. */
export function findFormProblem(form: Form, value: { readonly [key: string]: JsonValue }): string | null {
  for (const name of Object.keys(form)) {
    if (!Object.hasOwn(value, name)) return `${name} is missing`
  }
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(form, name) ? form[name] : undefined
    if (check === undefined) return 'has a field that is not of its form'
    const problem = check(member)
    if (problem !== null) return `${name}: ${problem}`
  }
  return null
}
