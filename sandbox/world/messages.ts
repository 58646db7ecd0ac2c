/**
 * Messages of guild channels and direct messages.
 *
 * Ephemeral messages are stored like others, visible to one member only, and are not dispatched: they do not exist
 * for anybody else. A channel remembers its newest `messagesPerChannelMax`; the oldest is forgotten silently, an ephemeral one
 * before any that all can see: thousands of answers must not push out what a bot still wants to edit.
 */
import type { APIMessage, GatewayMessageCreateDispatchData } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits, MessageType } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { WorldCore } from './core.ts'
import { noFlags } from './core.ts'
import type { DispatchAudience } from './dispatch.ts'
import type { StoredMessage } from './state.ts'
import { messagesPerChannelMax } from './state.ts'

/** What the writer of a message decides; the world fills in the rest. */
export interface MessageInput extends Partial<Omit<APIMessage, 'id' | 'channel_id' | 'author'>> {
  authorId: string
  /** Set for an ephemeral message: the one member who sees it. */
  visibleTo?: string | null
  /** Use this id, taken from the world's `newId()`, when attachments had to name it before it existed. */
  id?: string
}

export interface Messages {
  get(channelId: string, messageId: string): StoredMessage | undefined
  /** Oldest first. */
  list(channelId: string): StoredMessage[]
  create(channelId: string, input: MessageInput): APIMessage
  /** Sets the given fields; `edited_timestamp` is set unless the patch carries it. */
  update(channelId: string, messageId: string, patch: Partial<APIMessage>): APIMessage
  remove(channelId: string, messageId: string): void
  removeBulk(channelId: string, messageIds: readonly string[]): void
}

export function createMessages(core: WorldCore, guildIdOf: (channelId: string) => string | undefined): Messages {
  const { state, hub } = core
  const channelOf = (channelId: string): Map<string, StoredMessage> => {
    const known = state.messages.get(channelId)
    if (known !== undefined) return known
    const created = new Map<string, StoredMessage>()
    state.messages.set(channelId, created)
    return created
  }
  const must = (channelId: string, messageId: string): StoredMessage => {
    const stored = state.messages.get(channelId)?.get(messageId)
    assert(stored !== undefined, `no message ${messageId} in channel ${channelId}`)
    return stored
  }
  const place = (channelId: string): { channel_id: string; guild_id?: string } => {
    const guildId = guildIdOf(channelId)
    return { channel_id: channelId, ...(guildId === undefined ? {} : { guild_id: guildId }) }
  }
  const messageAudience = (channelId: string): DispatchAudience => {
    const guildId = guildIdOf(channelId)
    if (guildId === undefined) return { intent: GatewayIntentBits.DirectMessages }
    return { guildId, intent: GatewayIntentBits.GuildMessages }
  }

  const update = (channelId: string, messageId: string, patch: Partial<APIMessage>): APIMessage => {
    const stored = must(channelId, messageId)
    stored.message = { ...stored.message, edited_timestamp: core.now(), ...patch }
    if (stored.visibleTo === null) {
      const d = toDispatchData(core, stored)
      hub.emit({ t: GatewayDispatchEvents.MessageUpdate, d }, messageAudience(channelId))
    }
    return stored.message
  }

  return {
    get: (channelId, messageId) => state.messages.get(channelId)?.get(messageId),
    list: (channelId) => [...(state.messages.get(channelId)?.values() ?? [])],
    create(channelId, { authorId, visibleTo = null, id = core.ids.next(), ...fields }) {
      const message = { ...blankMessage(core, { id, channelId, authorId }), ...fields }
      const channel = channelOf(channelId)
      const stored: StoredMessage = { message, guildId: guildIdOf(channelId) ?? null, visibleTo, reactors: new Map() }
      channel.set(id, stored)
      if (channel.size > messagesPerChannelMax) channel.delete(leastMissed(channel) ?? id)
      if (visibleTo === null) {
        rememberLastMessage(core, stored)
        const d = toDispatchData(core, stored)
        hub.emit({ t: GatewayDispatchEvents.MessageCreate, d }, messageAudience(channelId))
      }
      return message
    },
    update,
    remove(channelId, messageId) {
      const { visibleTo } = must(channelId, messageId)
      channelOf(channelId).delete(messageId)
      if (visibleTo !== null) return
      const d = { id: messageId, ...place(channelId) }
      hub.emit({ t: GatewayDispatchEvents.MessageDelete, d }, messageAudience(channelId))
    },
    removeBulk(channelId, messageIds) {
      const ids = messageIds.filter((id) => channelOf(channelId).delete(id))
      if (ids.length === 0) return
      const d = { ids, ...place(channelId) }
      hub.emit({ t: GatewayDispatchEvents.MessageDeleteBulk, d }, messageAudience(channelId))
    },
  }
}

/** The oldest that one member alone sees; else the oldest. */
function leastMissed(channel: ReadonlyMap<string, StoredMessage>): string | undefined {
  for (const [id, { visibleTo }] of channel) if (visibleTo !== null) return id
  return channel.keys().next().value
}

function blankMessage(core: WorldCore, ids: { id: string; channelId: string; authorId: string }): APIMessage {
  return {
    id: ids.id,
    channel_id: ids.channelId,
    author: core.user(ids.authorId),
    content: '',
    timestamp: core.now(),
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    components: [],
    pinned: false,
    type: MessageType.Default,
    flags: noFlags,
  }
}

/** The message as MESSAGE_CREATE carries it: with the guild and the author's member, which has no user inside. */
function toDispatchData(core: WorldCore, stored: StoredMessage): GatewayMessageCreateDispatchData {
  const { message, guildId } = stored
  if (guildId === null) return { ...message, mentions: [] }
  const mentions = message.mentions.map((user) => {
    const member = core.guild(guildId).members.get(user.id)
    return member === undefined ? user : { ...user, member }
  })
  const member = core.guild(guildId).members.get(message.author.id)
  return { ...message, guild_id: guildId, mentions, ...(member === undefined ? {} : { member }) }
}

function rememberLastMessage(core: WorldCore, { message, guildId }: StoredMessage): void {
  const inGuild = guildId === null ? undefined : core.guild(guildId).channels.get(message.channel_id)
  const channel = inGuild ?? core.state.dms.get(message.channel_id)
  if (channel !== undefined && 'last_message_id' in channel) channel.last_message_id = message.id
}
