/**
 * Application commands as registered by the bot, globally or for one guild.
 *
 * A command keeps its id when it is overwritten under the same name and type, and gets a new version each time.
 * Limits and shapes are the REST door's business: here every definition is taken as it comes.
 */
import type { APIApplicationCommand } from 'discord-api-types/v10'
import { ApplicationCommandType, ApplicationIntegrationType } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { WorldCore } from './core.ts'

export type CommandInput = Partial<APIApplicationCommand> & { name: string }

export interface Commands {
  get(commandId: string): APIApplicationCommand | undefined
  /** The guild's own commands, or the global ones for null; in order of registration. */
  list(guildId: string | null): APIApplicationCommand[]
  /** What a member of the guild is offered: the guild's own first, then global ones not shadowed by them. */
  offeredIn(guildId: string): APIApplicationCommand[]
  /** `created` is false when a command of the same name and type was overwritten. */
  upsert(guildId: string | null, input: CommandInput): { command: APIApplicationCommand; created: boolean }
  replaceAll(guildId: string | null, inputs: readonly CommandInput[]): APIApplicationCommand[]
  update(commandId: string, patch: Partial<APIApplicationCommand>): APIApplicationCommand
  remove(commandId: string): void
}

export function createCommands(core: WorldCore): Commands {
  const { commands } = core.state
  const list = (guildId: string | null): APIApplicationCommand[] =>
    [...commands.values()].filter((command) => (command.guild_id ?? null) === guildId)
  const isSame = (one: APIApplicationCommand, other: CommandInput): boolean =>
    one.name === other.name && one.type === (other.type ?? ApplicationCommandType.ChatInput)

  const upsert = (guildId: string | null, input: CommandInput) => {
    const known = list(guildId).find((command) => isSame(command, input))
    const command: APIApplicationCommand = {
      type: ApplicationCommandType.ChatInput,
      description: '',
      default_member_permissions: null,
      nsfw: false,
      name_localizations: null,
      description_localizations: null,
      options: [],
      ...(guildId === null
        ? { dm_permission: true, integration_types: [ApplicationIntegrationType.GuildInstall], contexts: null }
        : { guild_id: guildId }),
      ...input,
      id: known?.id ?? core.ids.next(),
      application_id: core.state.application.id,
      version: core.ids.next(),
    }
    commands.set(command.id, command)
    core.hub.touch()
    return { command, created: known === undefined }
  }

  return {
    get: (commandId) => commands.get(commandId),
    list,
    offeredIn(guildId) {
      const own = list(guildId)
      return [...own, ...list(null).filter((command) => !own.some((one) => isSame(one, command)))]
    },
    upsert,
    replaceAll(guildId, inputs) {
      for (const command of list(guildId)) {
        if (!inputs.some((input) => isSame(command, input))) commands.delete(command.id)
      }
      core.hub.touch()
      return inputs.map((input) => upsert(guildId, input).command)
    },
    update(commandId, patch) {
      const known = commands.get(commandId)
      assert(known !== undefined, `no command ${commandId} in the world`)
      const command = { ...known, ...patch, id: commandId, version: core.ids.next() }
      commands.set(commandId, command)
      core.hub.touch()
      return command
    },
    remove(commandId) {
      commands.delete(commandId)
      core.hub.touch()
    },
  }
}
