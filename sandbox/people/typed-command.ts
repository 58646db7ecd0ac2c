/**
 * From a line typed by a member to the data of an interaction: the command found, permitted, its options checked.
 */
import type { APIApplicationCommand, APIChatInputApplicationCommandInteractionData } from 'discord-api-types/v10'
import { ApplicationCommandType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { World } from '../world/world.ts'
import type { OptionValues } from './command-options.ts'
import { parseOptions } from './command-options.ts'
import { PeopleRefused } from './refused.ts'

interface Typist {
  guildId: string
  userId: string
  channelId: string
}

/** The command as this member is offered it in this channel. */
export function findCommand(world: World, typist: Typist, wanted: { name: string; type: ApplicationCommandType }): APIApplicationCommand {
  const { name, type } = wanted
  const isInstalled = world.guilds.get(typist.guildId)?.botPresent === true
  const offers = isInstalled ? world.commands.offeredIn(typist.guildId) : []
  const offered = offers.find((one) => one.name === name && one.type === type)
  if (offered === undefined) throw new PeopleRefused('command-not-registered', `no command ${name} is registered`)
  if (!isPermitted(offered, world.permissions(typist))) {
    throw new PeopleRefused('command-not-permitted', `the member may not use ${name} here`)
  }
  return offered
}

/** `line` is the name with its subcommands; `focused` names the option being typed, for autocomplete. */
export function typeCommand(
  world: World,
  typist: Typist,
  typed: { line: string; options: OptionValues; focused?: string },
): APIChatInputApplicationCommandInteractionData {
  const [name = '', ...path] = typed.line.trim().split(/\s+/)
  const { guildId } = typist
  const command = findCommand(world, typist, { name, type: ApplicationCommandType.ChatInput })
  const focused = typed.focused === undefined ? {} : { focused: typed.focused }
  const { options, resolved } = parseOptions(command, path, { world, guildId, values: typed.options, ...focused })
  return {
    id: command.id,
    name,
    type: ApplicationCommandType.ChatInput,
    options,
    ...(Object.keys(resolved).length === 0 ? {} : { resolved }),
    ...(command.guild_id === undefined ? {} : { guild_id: guildId }),
  }
}

function isPermitted(command: APIApplicationCommand, permissions: bigint): boolean {
  if ((permissions & PermissionFlagsBits.Administrator) !== 0n) return true
  if ((permissions & PermissionFlagsBits.UseApplicationCommands) === 0n) return false
  const needed = command.default_member_permissions
  if (needed === null) return true
  // "0" means: administrators only.
  return needed !== '0' && (permissions & BigInt(needed)) === BigInt(needed)
}
