/**
 * INTERACTION_CREATE as Discord sends it, complete.
 *
 * Completeness matters: without `entitlements`, `authorizing_integration_owners` or `member` discord.js throws inside
 * and never emits the event; without `channel` it emits one that cannot be answered in its channel; without
 * `app_permissions` the bot appears to have none.
 */
import type {
  APIApplicationCommandInteractionData,
  APIAutocompleteApplicationCommandInteractionData,
  APIInteraction,
  APIInteractionGuildMember,
  APIMessageComponentInteractionData,
  APIMessageInteractionMetadata,
  APIModalSubmission,
  GatewayInteractionCreateDispatchData,
  Locale,
} from 'discord-api-types/v10'
import {
  ApplicationIntegrationType,
  ChannelType,
  GatewayDispatchEvents,
  InteractionContextType,
  InteractionType,
} from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { DispatchBody } from '../world/dispatch.ts'
import type { World } from '../world/world.ts'
import type { InteractionRecord } from './interaction.ts'

/** Where and by whom; `guildId` null is a direct message with the bot. */
interface InteractionPlace {
  guildId: string | null
  channelId: string
  userId: string
}

export type InteractionInput = InteractionPlace &
  (
    | { type: InteractionType.ApplicationCommand; data: APIApplicationCommandInteractionData }
    | { type: InteractionType.ApplicationCommandAutocomplete; data: APIAutocompleteApplicationCommandInteractionData }
    | { type: InteractionType.MessageComponent; data: APIMessageComponentInteractionData; messageId: string }
    | {
        type: InteractionType.ModalSubmit
        data: APIModalSubmission
        /** Set when the modal was opened from a message's component. */
        messageId?: string
        /** Of the interaction that was answered with the modal. */
        openedBy: InteractionRecord['metadata']
      }
  )

/** Discord's limit for attachments of a guild without boosts, in bytes. */
const attachmentSizeLimit = 10 * 1024 * 1024

export function buildInteraction(
  world: World,
  input: InteractionInput,
  unique: { token: string; nowMs: number },
): { record: InteractionRecord; payload: DispatchBody } {
  const id = world.newId()
  const metadata = buildMetadata(world, input, id)
  const record: InteractionRecord = {
    id,
    token: unique.token,
    type: input.type,
    guildId: input.guildId,
    channelId: input.channelId,
    userId: input.userId,
    commandName: 'name' in input.data ? input.data.name : null,
    sourceMessageId: 'messageId' in input ? (input.messageId ?? null) : null,
    metadata,
    createdAtMs: unique.nowMs,
    state: { kind: 'waiting' },
    originalMessageId: null,
    followupIds: [],
  }
  const source = record.sourceMessageId === null ? undefined : world.messages.get(input.channelId, record.sourceMessageId)
  const common = {
    id,
    application_id: world.application.id,
    token: unique.token,
    version: 1 as const,
    type: input.type,
    data: input.data,
    ...place(world, input),
    ...(source === undefined ? {} : { message: source.message }),
    locale: (world.users.get(input.userId)?.locale ?? 'en-US') as Locale,
    entitlements: [],
    attachment_size_limit: attachmentSizeLimit,
  }
  // `type` and `data` come from one member of InteractionInput, which an object literal cannot keep together.
  const d = common as APIInteraction as GatewayInteractionCreateDispatchData
  return { record, payload: { t: GatewayDispatchEvents.InteractionCreate, d } }
}

function place(world: World, { guildId, channelId, userId }: InteractionPlace) {
  if (guildId === null) {
    const channel = world.channels.find(channelId)
    assert(channel !== undefined, `no channel ${channelId} in the world`)
    const user = world.users.get(userId)
    assert(user !== undefined, `no user ${userId} in the world`)
    return {
      channel_id: channelId,
      channel: { id: channelId, type: ChannelType.DM as const },
      user,
      app_permissions: '0',
      authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: '0' },
      context: InteractionContextType.BotDM,
    }
  }
  const channel = world.channels.get(channelId)
  assert(channel !== undefined, `no channel ${channelId} in guild ${guildId}`)
  const permissions = (of: string): string => String(world.permissions({ guildId, userId: of, channelId }))
  const locale = world.guilds.get(guildId)?.locale as Locale
  const member: APIInteractionGuildMember = { ...world.apiMember(guildId, userId), permissions: permissions(userId) }
  return {
    guild_id: guildId,
    guild: { id: guildId, features: [], locale },
    guild_locale: locale,
    channel_id: channelId,
    channel: { ...channel, permissions: permissions(userId) },
    member,
    app_permissions: permissions(world.state.botId),
    authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: guildId },
    context: InteractionContextType.Guild,
  }
}

function buildMetadata(world: World, input: InteractionInput, id: string): APIMessageInteractionMetadata {
  const user = world.users.get(input.userId)
  assert(user !== undefined, `no user ${input.userId} in the world`)
  const owners = { [ApplicationIntegrationType.GuildInstall]: input.guildId ?? '0' }
  const base = { id, user, authorizing_integration_owners: owners }
  switch (input.type) {
    case InteractionType.ApplicationCommand:
    case InteractionType.ApplicationCommandAutocomplete:
      return { ...base, type: InteractionType.ApplicationCommand }
    case InteractionType.MessageComponent:
      return { ...base, type: InteractionType.MessageComponent, interacted_message_id: input.messageId }
    case InteractionType.ModalSubmit: {
      assert(input.openedBy.type !== InteractionType.ModalSubmit, 'a modal cannot be answered with a modal')
      return { ...base, type: InteractionType.ModalSubmit, triggering_interaction_metadata: input.openedBy }
    }
  }
}
