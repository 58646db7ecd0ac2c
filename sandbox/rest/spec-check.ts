/**
 * Holds bodies and answers against Discord's own OpenAPI description (`discord-api-spec`, zod schemas).
 *
 * The schemas cost about 70 ms to load, so they are loaded at the first use and each operation's are built once.
 * The description is in three places stricter or looser than the real Discord; before a check the value is brought
 * into its form, the original is never changed:
 *  - permission bits travel as decimal strings, it says number (requests);
 *  - instants may carry an offset (`+00:00`), the generated schema insists on `Z`;
 *  - an emoji of a component may be named by its id alone.
 */
import * as z from 'zod/mini'
import { assert } from '../../kernel/assert.ts'
import { createInlineSchemas } from './inline-schemas.ts'
import { operations } from './operations.ts'
import type { Operation, OperationName } from './operations.ts'
import type { SpecIssue } from './spec-issues.ts'

export interface SpecCheck {
  /** What is wrong with a request body; empty when it fits or the operation takes none. */
  checkBody(name: OperationName, body: unknown): readonly SpecIssue[]
  /** What is wrong with an answer of the sandbox; `json` is the text that will be sent, '' for none. */
  checkAnswer(name: OperationName, status: number, json: string): readonly SpecIssue[]
}

/** Bodies that were found sound lately, by operation and text; longer ones are not alike anyway. */
const soundBodiesMax = 200
const soundBodyLengthMax = 2_000

/** The newest so many texts. */
function createRecent(sizeMax: number): { has(text: string): boolean; add(text: string): void } {
  const texts = new Set<string>()
  return {
    has: (text) => texts.has(text),
    add(text) {
      texts.add(text)
      const oldest = texts.values().next()
      if (texts.size > sizeMax && oldest.done !== true) texts.delete(oldest.value)
    },
  }
}

type Schemas = Readonly<Record<string, z.ZodMiniType>>

export async function loadSpecCheck(): Promise<SpecCheck> {
  // Through a variable: the package has no types for this entry, and its values are checked where they are used.
  const entry: string = 'discord-api-spec/zod'
  const schemas: Schemas = { ...((await import(entry)) as Schemas), ...createInlineSchemas() }
  const built = new Map<string, z.ZodMiniType>()
  const schemaOf = (words: string): z.ZodMiniType => {
    const known = built.get(words)
    if (known) return known
    const schema = parseWords(words, schemas)
    built.set(words, schema)
    return schema
  }
  const sound = createRecent(soundBodiesMax)
  return {
    checkBody(name, body) {
      const { body: words }: Operation = operations[name]
      if (words === undefined) return []
      // Thousands are answered with the same few words within seconds.
      const text = `${name} ${JSON.stringify(body)}`
      if (text.length <= soundBodyLengthMax && sound.has(text)) return []
      const issues = issuesOf(schemaOf(words), inSpecForm(body ?? {}))
      if (issues.length === 0 && text.length <= soundBodyLengthMax) sound.add(text)
      return issues
    },
    checkAnswer(name, status, json) {
      const { answers }: Operation = operations[name]
      // Without the `errors` tree: the description types its codes as numbers, Discord sends words.
      if (status >= 400) return issuesOf(schemaOf(status === 429 ? 'RatelimitedResponse' : 'Error'), parseAnswer(json))
      const words = answers[status]
      if (words === undefined) return [custom(`status ${status} is not described`)]
      if (words === 'unknown') return json === '' ? [] : [custom(`status ${status} with a body`)]
      return issuesOf(schemaOf(words), parseAnswer(json))
    },
  }
}

/** Turns `A | (B | C)[] | null` into a schema. Names are those of the package without the suffix `Schema`. */
function parseWords(words: string, schemas: Schemas): z.ZodMiniType {
  const parts = splitTopLevel(words)
  if (parts.length > 1) return z.union(parts.map((part) => parseWords(part, schemas)) as [z.ZodMiniType, z.ZodMiniType])
  const word = words.trim()
  if (word === 'null') return z.null()
  if (word.endsWith('[]')) return z.array(parseWords(word.slice(0, -2), schemas))
  if (word.startsWith('(')) return parseWords(word.slice(1, -1), schemas)
  const schema = schemas[word] ?? schemas[`${word}Schema`]
  assert(schema !== undefined, `the description has no schema named ${word}`)
  return schema
}

function splitTopLevel(words: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < words.length; index += 1) {
    const character = words[index]
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (character === '|' && depth === 0) {
      parts.push(words.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, words.slice(start)].map((part) => part.trim()).filter((part) => part !== '')
}

function issuesOf(schema: z.ZodMiniType, value: unknown): readonly SpecIssue[] {
  const outcome = schema.safeParse(value)
  return outcome.success ? [] : (outcome.error.issues as SpecIssue[])
}

const custom = (message: string): SpecIssue => ({ code: 'custom', path: [], message })

const offsetInstant = /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)\+00:00"/g

function parseAnswer(json: string): unknown {
  return json === '' ? undefined : JSON.parse(json.replace(offsetInstant, '"$1Z"'))
}

const permissionKeys = new Set(['allow', 'deny', 'permissions', 'default_member_permissions'])
const instantKeys = new Set(['timestamp', 'communication_disabled_until'])

/** A copy of a request body in the form the description expects. */
function inSpecForm(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (permissionKeys.has(key) && /^\d{1,20}$/.test(value)) return Number(value)
    if (instantKeys.has(key) && !Number.isNaN(Date.parse(value))) return new Date(value).toISOString()
    return value
  }
  if (Array.isArray(value)) return value.map((one) => inSpecForm(one))
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [field, inner] of Object.entries(value)) copy[field] = inSpecForm(inner, field)
  if (key === 'emoji' && typeof copy['id'] === 'string' && copy['name'] === undefined) copy['name'] = '_'
  return copy
}
