/**
 * What Discord's description of a command leaves to prose: names, counts, order, nesting, and how it is stored.
 *
 * 100 slash commands and 5 of each context menu kind a scope; names unique per kind; slash names lower case without
 * spaces; required options first; subcommands at most two deep and never beside plain options; choices and
 * autocomplete exclude each other; 8000 characters in all.
 * https://docs.discord.com/developers/interactions/application-commands
 */
import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord-api-types/v10'
import type { APIApplicationCommandOption } from 'discord-api-types/v10'
import type { CommandInput } from '../world/commands.ts'
import type { FormErrors, FormPath } from './form-errors.ts'

/** What is looked at; bodies of requests and stored commands both have it. */
export interface CommandLike {
  readonly name: string
  readonly type?: ApplicationCommandType | null | undefined
  readonly description?: string | null | undefined
  readonly options?: readonly APIApplicationCommandOption[] | null | undefined
}

const slashNamePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u
const slashCommandsMax = 100
const contextCommandsMax = 5
const charactersMax = 8_000

/** Checks `changed`, and the scope's whole set `all` as it would become. Paths begin with the index, or `prefix`. */
export function checkCommands(
  changed: readonly CommandLike[],
  all: readonly CommandLike[],
  errors: FormErrors,
  prefix?: FormPath,
): void {
  for (const [index, command] of changed.entries()) checkCommand(command, prefix ?? [index], errors)
  const seen = new Set<string>()
  for (const [index, command] of all.entries()) {
    const key = `${kindOf(command)} ${command.name}`
    if (seen.has(key)) {
      const path = prefix ?? [index]
      errors.add([...path, 'name'], 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique')
    }
    seen.add(key)
  }
  for (const kind of [1, 2, 3]) {
    const max = kind === 1 ? slashCommandsMax : contextCommandsMax
    if (all.filter((command) => kindOf(command) === kind).length <= max) continue
    errors.add([], 'APPLICATION_COMMANDS_MAXIMUM_REACHED', `Maximum number of application commands reached (${max}).`)
  }
}

function kindOf(command: CommandLike): ApplicationCommandType {
  return command.type ?? ApplicationCommandType.ChatInput
}

function checkCommand(command: CommandLike, path: FormPath, errors: FormErrors): void {
  const options = command.options ?? []
  if (kindOf(command) !== ApplicationCommandType.ChatInput) {
    if ((command.description ?? '') !== '') {
      errors.add([...path, 'description'], 'APPLICATION_COMMAND_DESCRIPTION_NOT_ALLOWED', 'Context menu commands have no description')
    }
    if (options.length > 0) {
      errors.add([...path, 'options'], 'APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED', 'Context menu commands have no options')
    }
    return
  }
  checkSlashName(command.name, path, errors)
  if ((command.description ?? '') === '') {
    errors.add([...path, 'description'], 'BASE_TYPE_REQUIRED', 'This field is required')
  }
  checkOptions(options, [...path, 'options'], 0, errors)
  if (countCharacters(command.name, command.description, options) > charactersMax) {
    errors.add(path, 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${charactersMax})`)
  }
}

function checkSlashName(name: string, path: FormPath, errors: FormErrors): void {
  if (slashNamePattern.test(name) && name === name.toLowerCase()) return
  errors.add([...path, 'name'], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')
}

function checkOptions(options: readonly APIApplicationCommandOption[], path: FormPath, depth: number, errors: FormErrors): void {
  const names = new Set<string>()
  let isOptionalSeen = false
  const nestedCount = options.filter(isNested).length
  if (nestedCount > 0 && nestedCount < options.length) {
    const message = 'Sub-command and sub-command group option types are mutually exclusive to all other types'
    errors.add(path, 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', message)
  }
  for (const [index, option] of options.entries()) {
    const here = [...path, index]
    checkSlashName(option.name, here, errors)
    if (names.has(option.name)) {
      errors.add(here, 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists')
    }
    names.add(option.name)
    if (option.required === true && isOptionalSeen) {
      const message = 'Required options must be placed before non-required options'
      errors.add(here, 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID', message)
    }
    isOptionalSeen ||= option.required !== true
    if ('choices' in option && (option.choices?.length ?? 0) > 0 && option.autocomplete === true) {
      errors.add([...here, 'choices'], 'APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE', 'Autocomplete options cannot have choices')
    }
    if (isNested(option)) checkNested(option, here, depth, errors)
  }
}

function checkNested(option: APIApplicationCommandOption, here: FormPath, depth: number, errors: FormErrors): void {
  const isGroup = option.type === ApplicationCommandOptionType.SubcommandGroup
  if (depth > 1 || (isGroup && depth > 0)) {
    errors.add([...here, 'type'], 'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'Sub-command groups cannot be nested')
    return
  }
  const inner = 'options' in option ? (option.options ?? []) : []
  checkOptions(inner, [...here, 'options'], depth + 1, errors)
}

function isNested(option: APIApplicationCommandOption): boolean {
  return (
    option.type === ApplicationCommandOptionType.Subcommand || option.type === ApplicationCommandOptionType.SubcommandGroup
  )
}

function countCharacters(name: string, description: string | null | undefined, options: readonly APIApplicationCommandOption[]): number {
  let count = name.length + (description ?? '').length
  for (const option of options) {
    const inner = 'options' in option ? (option.options ?? []) : []
    count += countCharacters(option.name, option.description, inner)
    const choices = 'choices' in option ? (option.choices ?? []) : []
    for (const choice of choices) count += choice.name.length + String(choice.value).length
  }
  return count
}

const textKeys = ['name', 'description', 'name_localizations', 'description_localizations'] as const
const settingKeys = ['options', 'default_member_permissions', 'dm_permission', 'nsfw', 'contexts', 'integration_types'] as const

/** The definition as it is stored: only known keys, null and absent brought to one form, choices without nulls. */
export function toCommandInput(body: object & { name: string; type?: ApplicationCommandType | null | undefined }): CommandInput {
  const given = body as Record<string, unknown>
  const input: Record<string, unknown> = { name: body.name, type: body.type ?? ApplicationCommandType.ChatInput }
  for (const key of [...textKeys, ...settingKeys]) {
    const value = given[key]
    if (value === undefined) continue
    if (key === 'default_member_permissions') input[key] = value === null ? null : String(value as string | number)
    else if (value !== null || key.endsWith('localizations') || key === 'contexts') input[key] = withoutNulls(value)
  }
  return input as CommandInput
}

/** Discord leaves out what was given as null inside options. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  )
}
