/**
 * Settings: environment variables as a zod schema that also says what each is for.
 *
 * Every process has one schema, parsed once before anything connects; every problem is told at once, by name and never by
 * value. `.env.example` and `muster doctor --print-config` are made of the same schemas, so they cannot tell another story.
 */
import { z } from 'zod'
import { AppError } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Parts of `.env.example`, in this order. */
export const settingSections = {
  given: 'What is given',
  keys: 'Keys: lose them and older records can no longer be added to; whoever has them can sign',
  processes: 'Processes',
  attendance: 'Code attendance',
  health: 'Health, metrics and logs',
  api: 'API',
  sandbox: 'Sandbox: the Discord on this machine',
} as const
export type SettingSection = keyof typeof settingSections

/** What a person reads about a setting. */
export interface SettingNotes {
  readonly section: SettingSection
  /** Whole sentences. */
  readonly about: string
  /** Where there is no default, or it is not a text: what the example shows. */
  readonly example?: string
  /** Never shown, not even masked by its length. */
  readonly isSecret?: true
  /** Another name, read when the first is not set. */
  readonly alias?: string
}

export type SettingsSchema = z.ZodObject<z.ZodRawShape>

/** The same schema with what a person should know of it. */
export function noted<Schema extends z.ZodType>(schema: Schema, notes: SettingNotes): Schema {
  return schema.meta({ ...notes })
}

/** The same setting where it may be left out. */
export function optionally<Schema extends z.ZodType>(schema: Schema): z.ZodOptional<Schema> {
  return schema.optional().meta({ ...schema.meta() })
}

/** The notes of a setting; throws when it has none, which a test keeps from happening. */
export function notesOf(schema: SettingsSchema, name: string): SettingNotes {
  const notes = (schema.shape[name] as z.ZodType | undefined)?.meta() as SettingNotes | undefined
  if (notes === undefined) throw new Error(`nothing is noted about ${name}`)
  return notes
}

/** Every variable that is read for this schema, aliases included. */
export function variablesOf(schema: SettingsSchema): readonly string[] {
  return Object.keys(schema.shape).flatMap((name) => {
    const { alias } = notesOf(schema, name)
    return alias === undefined ? [name] : [name, alias]
  })
}

/** What the schema would take: an empty variable counts as not set, and the second name where the first is not set. */
export function settingsIn(schema: SettingsSchema, environment: Environment): Record<string, string> {
  const set: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const { alias } = notesOf(schema, name)
    const text = environment[name] || (alias === undefined ? undefined : environment[alias])
    if (text !== undefined && text !== '') set[name] = text
  }
  return set
}

/**
 * The settings of one process, `whose` as in "the configuration of the API". Throws `configuration-invalid` with one line a
 * problem.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
  whose: string,
): z.output<z.ZodObject<Shape>> {
  const set = settingsIn(schema, environment)
  const result = schema.safeParse(set)
  if (result.success) return result.data
  const lines = result.error.issues.map(({ path, message }) => {
    const name = String(path[0] ?? '')
    return `${name} ${set[name] === undefined ? 'is not set' : message}`
  })
  throw new AppError('configuration-invalid', `the configuration of ${whose} cannot be used:\n  ${lines.join('\n  ')}`)
}

// --- Forms that several settings have --------------------------------------------------------------------------------

/** An integer written with digits only: `1e2`, `0x10`, `1.0` and a blank in front are mistakes. */
export function integer(min: number, max: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be an integer between ${min} and ${max}`,
    })
    .transform(Number)
}

/** 0: any free one. */
export const port = integer(0, 65_535)

export function url(...protocols: readonly string[]) {
  return z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })
}

/** A base address; a slash at its end is taken off. */
export function baseUrl() {
  return url('http:', 'https:').transform((text) => text.replace(/\/+$/, ''))
}

/** An address to listen on, or a host name. */
export const host = z.string().regex(/^[0-9A-Za-z.:-]+$/, { error: 'must be an address or a host name' })

export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` })
}

/** Parts between commas, without the blanks around them. */
export const list = z.string().transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''))

/** Read by a parser of ours that throws with the name in front; its reason is told, its value never is. */
export function parsedBy<Value>(name: string, parse: (configured: { name: string; text: string }) => Value) {
  return z.string().transform((text, context): Value => {
    try {
      return parse({ name, text })
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown)
      context.addIssue({ code: 'custom', message: message.replace(new RegExp(`^${name}:? ?`), '') })
      return z.NEVER
    }
  })
}
