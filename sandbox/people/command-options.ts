/**
 * What a member typed after a slash, checked as a client checks it and put in the form Discord sends.
 *
 * `/admin tracking-mode mode:on` is the name `admin tracking-mode` with options `{ mode: 'on' }`. Checked: the path of
 * subcommands, unknown and missing options, types, choices, bounds. Users, roles and channels are given by id and
 * must be visible to the guild; they are resolved into `resolved` as Discord does.
 */
import type {
  APIApplicationCommand,
  APIApplicationCommandBasicOption,
  APIApplicationCommandInteractionDataBasicOption,
  APIApplicationCommandInteractionDataOption,
  APIApplicationCommandOption,
  APIInteractionDataResolved,
} from 'discord-api-types/v10'
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { World } from '../world/world.ts'
import { PeopleRefused } from './refused.ts'
import type { Resolver } from './resolved.ts'
import { createResolver } from './resolved.ts'

export type OptionValue = string | number | boolean
export type OptionValues = Readonly<Record<string, OptionValue>>

export interface ParsedOptions {
  options: APIApplicationCommandInteractionDataOption[]
  resolved: APIInteractionDataResolved
}

interface ParseContext {
  world: World
  guildId: string
  values: OptionValues
  /** Autocomplete: this option is being typed, so nothing is required and its text is sent as it is. */
  focused?: string
}

export function parseOptions(command: APIApplicationCommand, path: readonly string[], context: ParseContext): ParsedOptions {
  const resolver = createResolver(context.world, context.guildId)
  const nest = (definitions: readonly APIApplicationCommandOption[], rest: readonly string[]): APIApplicationCommandInteractionDataOption[] => {
    const subcommands = definitions.filter(isSubcommandOrGroup)
    const [name, ...deeper] = rest
    if (subcommands.length === 0) {
      if (name !== undefined) throw new PeopleRefused('command-not-registered', `/${command.name} has no subcommand ${name}`)
      return basicOptions(definitions.filter((one) => !isSubcommandOrGroup(one)), context, resolver)
    }
    const chosen = subcommands.find((one) => one.name === name)
    if (chosen === undefined) {
      const names = subcommands.map((one) => one.name).join(', ')
      throw new PeopleRefused('subcommand-missing', `/${command.name} needs one of: ${names}`)
    }
    const inner = nest(chosen.options ?? [], deeper)
    // A group holds subcommands, a subcommand basic options: what `nest` found is of the kind that fits `chosen`.
    return [{ name: chosen.name, type: chosen.type, options: inner } as APIApplicationCommandInteractionDataOption]
  }
  return { options: nest(command.options ?? [], path), resolved: resolver.resolved() }
}

function isSubcommandOrGroup(
  option: APIApplicationCommandOption,
): option is Exclude<APIApplicationCommandOption, APIApplicationCommandBasicOption> {
  return (
    option.type === ApplicationCommandOptionType.Subcommand || option.type === ApplicationCommandOptionType.SubcommandGroup
  )
}

function basicOptions(
  definitions: readonly APIApplicationCommandBasicOption[],
  { values, focused }: ParseContext,
  resolver: Resolver,
): APIApplicationCommandInteractionDataBasicOption[] {
  for (const name of Object.keys(values)) {
    if (!definitions.some((one) => one.name === name)) throw new PeopleRefused('option-unknown', `no option ${name}`)
  }
  if (focused !== undefined && !definitions.some((one) => one.name === focused && 'autocomplete' in one && one.autocomplete)) {
    throw new PeopleRefused('option-invalid', `option ${focused} has no autocomplete`)
  }
  return definitions.flatMap((definition): APIApplicationCommandInteractionDataBasicOption[] => {
    const value = values[definition.name]
    const base = { name: definition.name, type: definition.type }
    if (definition.name === focused) {
      return [{ ...base, value: String(value ?? ''), focused: true } as APIApplicationCommandInteractionDataBasicOption]
    }
    if (value === undefined) {
      if (definition.required === true && focused === undefined) {
        throw new PeopleRefused('option-missing', `option ${definition.name} is required`)
      }
      return []
    }
    checkValue(definition, value)
    resolver.add(definition.type, String(value))
    return [{ ...base, value } as APIApplicationCommandInteractionDataBasicOption]
  })
}

function checkValue(definition: APIApplicationCommandBasicOption, value: OptionValue): void {
  const refuse = (why: string): never => {
    throw new PeopleRefused('option-invalid', `option ${definition.name} ${why}`)
  }
  switch (definition.type) {
    case ApplicationCommandOptionType.String:
      if (typeof value !== 'string') return refuse('is a text')
      if (value.length < (definition.min_length ?? 0)) return refuse(`has at least ${definition.min_length} characters`)
      if (value.length > (definition.max_length ?? 6_000)) return refuse(`has at most ${definition.max_length ?? 6_000} characters`)
      break
    case ApplicationCommandOptionType.Integer:
    case ApplicationCommandOptionType.Number:
      if (typeof value !== 'number' || !Number.isFinite(value)) return refuse('is a number')
      if (definition.type === ApplicationCommandOptionType.Integer && !Number.isSafeInteger(value)) return refuse('is whole')
      if (value < (definition.min_value ?? -Infinity)) return refuse(`is at least ${definition.min_value}`)
      if (value > (definition.max_value ?? Infinity)) return refuse(`is at most ${definition.max_value}`)
      break
    case ApplicationCommandOptionType.Boolean:
      if (typeof value !== 'boolean') return refuse('is true or false')
      return
    case ApplicationCommandOptionType.Attachment:
      return refuse('takes a file, which people of the sandbox cannot send')
    case ApplicationCommandOptionType.User:
    case ApplicationCommandOptionType.Role:
    case ApplicationCommandOptionType.Channel:
    case ApplicationCommandOptionType.Mentionable:
      if (typeof value !== 'string') return refuse('is an id')
  }
  if (!('choices' in definition) || definition.choices === undefined || definition.choices.length === 0) return
  const offered: readonly { value: string | number }[] = definition.choices
  if (!offered.some((choice) => choice.value === value)) refuse(`is one of ${offered.map((one) => one.value).join(', ')}`)
}
