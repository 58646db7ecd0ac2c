/**
 * Which commands, options and choices a test has driven, in which language; held against what is registered.
 *
 * A command that is added, or an option, is missing here until a scenario has used it as a person would.
 */
import type { MemberDriver } from '../../sandbox/people/member.ts'

interface Part {
  readonly name: string
  readonly type?: number
  readonly options?: readonly Part[]
  readonly choices?: readonly { readonly value: string | number }[]
}

export type TypedOptions = Record<string, string | number | boolean>

export class DrivenCommands {
  readonly #seen = new Set<string>()
  readonly #locales = new Map<string, string>()

  /** The language of a member's client, for those who are not English. */
  setLocale(member: MemberDriver, locale: string): void {
    member.setLocale(locale)
    this.#locales.set(member.userId, locale)
  }

  note(member: MemberDriver, command: string, options: TypedOptions): void {
    const locale = this.#locales.get(member.userId) ?? 'en-US'
    this.#seen.add(`/${command} in ${locale}`)
    for (const [name, value] of Object.entries(options)) {
      this.#seen.add(`/${command} ${name}`)
      this.#seen.add(`/${command} ${name}:${String(value)}`)
    }
  }

  /** What of these definitions was never driven: commands in every language, options and choices in any. */
  missing(definitions: readonly object[], locales: readonly string[]): readonly string[] {
    return (definitions as readonly Part[]).flatMap((one) => everyUse(one, one.name, locales)).filter((use) => !this.#seen.has(use))
  }
}

/** 1 and 2: subcommands and their groups. */
const isSubcommand = ({ type }: Part): boolean => type === 1 || type === 2

function everyUse(part: Part, path: string, locales: readonly string[]): string[] {
  const options = part.options ?? []
  const inner = options.filter((option) => isSubcommand(option))
  if (inner.length > 0) return inner.flatMap((option) => everyUse(option, `${path} ${option.name}`, locales))
  return [
    ...locales.map((locale) => `/${path} in ${locale}`),
    ...options.flatMap(({ name, choices = [] }) => [`/${path} ${name}`, ...choices.map(({ value }) => `/${path} ${name}:${value}`)]),
  ]
}
