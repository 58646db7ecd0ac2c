/**
 * What a member does with the bot: slash commands, context menus, buttons, menus, modals, autocomplete.
 *
 * Checked as a client checks: the command is registered and permitted to this member, the message is visible, the
 * component usable. What passes becomes an interaction and a handle to wait on.
 */
import type { APIMessage, APIMessageComponentInteractionData } from 'discord-api-types/v10'
import { ApplicationCommandOptionType, ApplicationCommandType, ChannelType } from 'discord-api-types/v10'
import { InteractionType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { InteractionInput } from '../interactions/payload.ts'
import type { World } from '../world/world.ts'
import { clickData, selectData } from './components.ts'
import type { OptionValues } from './command-options.ts'
import type { Handle, HandleDeps } from './handle.ts'
import { createHandle } from './handle.ts'
import type { FieldValues } from './modal-fields.ts'
import { submission } from './modal-fields.ts'
import { PeopleRefused, known } from './refused.ts'
import { createResolver } from './resolved.ts'
import { findCommand, typeCommand } from './typed-command.ts'
import type { VisibleMessages } from './visible-messages.ts'

/** Where a command is typed; by default the first text channel the member may use commands in. */
export interface Where {
  channel?: string
}

export type MessageReference = Pick<APIMessage, 'id' | 'channel_id'>

export interface MemberInteractions {
  /** `name` may go on with subcommands: `admin tracking-mode`. */
  slash(name: string, options?: OptionValues, where?: Where): Handle
  /** A user or message command from the context menu. */
  contextMenu(name: string, target: { user: string } | { message: MessageReference }, where?: Where): Handle
  /** What the bot proposes while `focused` is being typed. */
  autocomplete(name: string, options: OptionValues, focused: string, where?: Where): Handle
  click(message: MessageReference, customId: string): Handle
  select(message: MessageReference, customId: string, values: readonly string[]): Handle
  /** Fills in the modal that the interaction was answered with. */
  submit(opened: Pick<Handle, 'interactionId'>, fields: FieldValues): Handle
}

interface Who {
  guildId: string
  userId: string
}

export function createMemberInteractions(deps: HandleDeps & { visible: VisibleMessages }, who: Who): MemberInteractions {
  const { world, interactions, visible } = deps
  const { guildId } = who

  const send = (input: InteractionInput): Handle => createHandle(deps, interactions.create(input))
  const typist = (where: Where = {}) => ({ ...who, channelId: channelFor(world, who, visible, where) })
  const act = (message: MessageReference, data: APIMessageComponentInteractionData): Handle => {
    const place = { ...who, channelId: message.channel_id, messageId: message.id }
    return send({ type: InteractionType.MessageComponent, data, ...place })
  }
  return {
    slash(line, options = {}, where) {
      const at = typist(where)
      return send({ type: InteractionType.ApplicationCommand, data: typeCommand(world, at, { line, options }), ...at })
    },
    autocomplete(line, options, focused, where) {
      const at = typist(where)
      // The data is that of a command, but for numbers, which travel as text while they are typed.
      const data = typeCommand(world, at, { line, options, focused }) as never
      return send({ type: InteractionType.ApplicationCommandAutocomplete, data, ...at })
    },
    contextMenu(name, target, where) {
      const at = 'user' in target ? typist(where) : typist({ channel: target.message.channel_id })
      const type = 'user' in target ? ApplicationCommandType.User : ApplicationCommandType.Message
      const { id } = findCommand(world, at, { name, type })
      const menu = 'user' in target ? userMenu(world, guildId, target.user) : messageMenu(visible, target.message)
      return send({ type: InteractionType.ApplicationCommand, data: { id, name, ...menu }, ...at })
    },
    click: (message, customId) => act(message, clickData(visible.message(message.channel_id, message.id), customId)),
    select(message, customId, values) {
      const shown = visible.message(message.channel_id, message.id)
      return act(message, selectData({ world, guildId }, shown, { customId, values }))
    },
    submit({ interactionId }, fields) {
      const opener = known(interactions.get(interactionId), 'unknown-interaction', `interaction ${interactionId}`)
      if (opener.state.kind !== 'modal' || opener.userId !== who.userId) {
        throw new PeopleRefused('modal-not-open', `interaction ${interactionId} opened no modal for this member`)
      }
      const data = submission({ world, guildId }, opener.state.modal, fields)
      const { channelId, sourceMessageId, metadata: openedBy } = opener
      const source = sourceMessageId === null ? {} : { messageId: sourceMessageId }
      return send({ type: InteractionType.ModalSubmit, data, ...who, channelId, ...source, openedBy })
    },
  }
}

function channelFor(world: World, who: Who, visible: VisibleMessages, where: Where): string {
  if (where.channel !== undefined) return visible.channel(where.channel).id
  const bits = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.UseApplicationCommands
  const open = visible
    .channels()
    .filter((channel) => channel.type === ChannelType.GuildText)
    .find((channel) => (world.permissions({ ...who, channelId: channel.id }) & bits) === bits)
  return known(open, 'unknown-channel', `text channel in guild ${who.guildId} that the member may use commands in`).id
}

function userMenu(world: World, guildId: string, userId: string) {
  const resolver = createResolver(world, guildId)
  resolver.add(ApplicationCommandOptionType.User, userId)
  const { users = {}, members = {} } = resolver.resolved()
  return { type: ApplicationCommandType.User as const, target_id: userId, resolved: { users, members } }
}

function messageMenu(visible: VisibleMessages, target: MessageReference) {
  const message = visible.message(target.channel_id, target.id)
  return { type: ApplicationCommandType.Message as const, target_id: message.id, resolved: { messages: { [message.id]: message } } }
}
