/**
 * Turns what zod found into what Discord says: codes and wordings of the `errors` tree of 50035.
 *
 * A union of objects (components, command options, interaction callbacks) fails once per member; only the member the
 * writer meant is of interest, and that is the one whose `type` fits. Values are looked up in the body again, because
 * the messages quote them.
 */
import { createFormErrors } from './form-errors.ts'
import type { FormErrors, FormPath } from './form-errors.ts'

/** The parts of a zod issue that are read here. */
export interface SpecIssue {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly expected?: string
  readonly origin?: string
  readonly maximum?: number | bigint
  readonly minimum?: number | bigint
  readonly format?: string
  readonly values?: readonly unknown[]
  readonly errors?: readonly (readonly SpecIssue[])[]
}

/** The form errors of a body that does not fit its schema. */
export function toFormErrors(issues: readonly SpecIssue[], body: unknown): FormErrors {
  const errors = createFormErrors()
  for (const { path, issue } of flatten(issues, [])) {
    const [code, message] = sayIssue(issue, valueAt(body, path))
    errors.add(path, code, message)
  }
  return errors
}

/** One line for a log: where and what, without the value. */
export function describeIssues(issues: readonly SpecIssue[]): string {
  const described = flatten(issues, []).map(
    ({ path, issue }) => `${path.join('.') || '(whole)'}: ${issue.code} ${issue.expected ?? issue.format ?? issue.message}`,
  )
  return described.slice(0, 5).join('; ')
}

interface PlacedIssue {
  readonly path: FormPath
  readonly issue: SpecIssue
}

function flatten(issues: readonly SpecIssue[], before: FormPath): PlacedIssue[] {
  return issues.flatMap((issue) => {
    const path = [...before, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
    const branches = issue.code === 'invalid_union' ? (issue.errors ?? []) : []
    if (branches.length === 0) return [{ path, issue }]
    const meant = closestBranch(branches)
    return meant === undefined ? [{ path: [...path, 'type'], issue }] : flatten(meant, path)
  })
}

/** The branch whose `type` fits; among several, or without any type, the one with the fewest complaints. */
function closestBranch(branches: readonly (readonly SpecIssue[])[]): readonly SpecIssue[] | undefined {
  const typed = branches.filter((branch) => !branch.some((issue) => issue.path[0] === 'type' && issue.path.length === 1))
  const isTyped = branches.some((branch) => branch.some((issue) => issue.path[0] === 'type'))
  // Only alternatives that are no objects at all (null in `A | null`) say nothing about what was meant.
  const shaped = typed.filter((branch) => !branch.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'))
  const candidates = shaped.length > 0 ? shaped : isTyped ? [] : typed
  return candidates.toSorted((a, b) => a.length - b.length)[0]
}

function sayIssue(issue: SpecIssue, value: unknown): readonly [string, string] {
  if (value === undefined && issue.code !== 'custom') return ['BASE_TYPE_REQUIRED', 'This field is required']
  switch (issue.code) {
    case 'invalid_type':
      return sayWrongType(issue.expected ?? '', value)
    case 'too_big':
      return sayTooBig(issue)
    case 'too_small':
      return sayTooSmall(issue, value)
    case 'invalid_value':
      return ['BASE_TYPE_CHOICES', `Value must be one of {${(issue.values ?? []).join(', ')}}.`]
    case 'invalid_union':
      return ['UNION_TYPE_CHOICES', 'Value of field "type" must be one of the described kinds.']
    case 'invalid_format':
      return sayWrongFormat(issue.format ?? '', value)
    default:
      return ['BASE_TYPE_INVALID', 'Invalid value.']
  }
}

function sayWrongType(expected: string, value: unknown): readonly [string, string] {
  switch (expected) {
    case 'string':
      return ['STRING_TYPE_CONVERT', `Could not interpret "${quote(value)}" as string.`]
    case 'number':
    case 'int':
      return ['NUMBER_TYPE_COERCE', `Value "${quote(value)}" is not int.`]
    case 'boolean':
      return ['BOOLEAN_TYPE_CONVERT', 'Must be either true or false.']
    case 'array':
      return ['LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType']
    case 'object':
    case 'record':
      return ['MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType']
    default:
      return ['BASE_TYPE_INVALID', 'Invalid value.']
  }
}

function sayTooBig(issue: SpecIssue): readonly [string, string] {
  const isLength = issue.origin === 'string' || issue.origin === 'array'
  return isLength
    ? ['BASE_TYPE_MAX_LENGTH', `Must be ${issue.maximum} or fewer in length.`]
    : ['NUMBER_TYPE_MAX', `int value should be less than or equal to ${issue.maximum}.`]
}

function sayTooSmall(issue: SpecIssue, value: unknown): readonly [string, string] {
  // Discord takes an empty string for a missing one.
  if (value === '') return ['BASE_TYPE_REQUIRED', 'This field is required']
  const isLength = issue.origin === 'string' || issue.origin === 'array'
  return isLength
    ? ['BASE_TYPE_MIN_LENGTH', `Must be ${issue.minimum} or more in length.`]
    : ['NUMBER_TYPE_MIN', `int value should be greater than or equal to ${issue.minimum}.`]
}

function sayWrongFormat(format: string, value: unknown): readonly [string, string] {
  if (format === 'url') return ['URL_TYPE_INVALID_URL', 'Not a well formed URL.']
  if (format === 'datetime') return ['DATE_TIME_TYPE_PARSE', `Could not parse ${quote(value)}. Should be ISO8601.`]
  return ['NUMBER_TYPE_COERCE', `Value "${quote(value)}" is not snowflake.`]
}

/** Short, because it is quoted back. */
function quote(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')).slice(0, 100)
}

function valueAt(body: unknown, path: FormPath): unknown {
  let value = body
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[String(step)]
  }
  return value
}
