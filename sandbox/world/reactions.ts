/**
 * Reactions to messages: who put which emoji where. Reacting twice with the same emoji is once.
 */
import type { APIMessage } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits, ReactionType } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { WorldCore } from './core.ts'
import type { DispatchAudience } from './dispatch.ts'
import type { StoredMessage } from './state.ts'

export interface Reaction {
  channelId: string
  messageId: string
  userId: string
  /** A unicode emoji or `name:id`. */
  emoji: string
}

export interface Reactions {
  add(reaction: Reaction): void
  /** Removing what is not there does nothing. */
  remove(reaction: Reaction): void
}

export function createReactions(core: WorldCore, guildIdOf: (channelId: string) => string | undefined): Reactions {
  const must = ({ channelId, messageId }: Reaction): StoredMessage => {
    const stored = core.state.messages.get(channelId)?.get(messageId)
    assert(stored !== undefined, `no message ${messageId} in channel ${channelId}`)
    return stored
  }
  const recount = (stored: StoredMessage): void => {
    stored.message = { ...stored.message, reactions: toApiReactions(stored.reactors, core.state.botId) }
  }
  const audience = (guildId: string | undefined): DispatchAudience => {
    if (guildId === undefined) return { intent: GatewayIntentBits.DirectMessageReactions }
    return { guildId, intent: GatewayIntentBits.GuildMessageReactions }
  }
  const dataOf = ({ channelId, messageId, userId, emoji }: Reaction, guildId: string | undefined) => ({
    user_id: userId,
    message_id: messageId,
    channel_id: channelId,
    ...(guildId === undefined ? {} : { guild_id: guildId }),
    emoji: parseEmoji(emoji),
    burst: false,
    type: ReactionType.Normal,
  })
  return {
    add(reaction) {
      const stored = must(reaction)
      const users = stored.reactors.get(reaction.emoji) ?? new Set()
      if (users.has(reaction.userId)) return
      stored.reactors.set(reaction.emoji, users.add(reaction.userId))
      recount(stored)
      const guildId = guildIdOf(reaction.channelId)
      const member = guildId === undefined ? {} : { member: core.apiMember(guildId, reaction.userId) }
      const d = { ...dataOf(reaction, guildId), ...member, message_author_id: stored.message.author.id }
      core.hub.emit({ t: GatewayDispatchEvents.MessageReactionAdd, d }, audience(guildId))
    },
    remove(reaction) {
      const stored = must(reaction)
      const users = stored.reactors.get(reaction.emoji)
      if (users?.delete(reaction.userId) !== true) return
      if (users.size === 0) stored.reactors.delete(reaction.emoji)
      recount(stored)
      const guildId = guildIdOf(reaction.channelId)
      const d = dataOf(reaction, guildId)
      core.hub.emit({ t: GatewayDispatchEvents.MessageReactionRemove, d }, audience(guildId))
    },
  }
}

function toApiReactions(reactors: StoredMessage['reactors'], botId: string): NonNullable<APIMessage['reactions']> {
  return [...reactors].map(([emoji, users]) => ({
    emoji: parseEmoji(emoji),
    count: users.size,
    count_details: { burst: 0, normal: users.size },
    me: users.has(botId),
    me_burst: false,
    burst_colors: [],
  }))
}

function parseEmoji(text: string): { id: string | null; name: string } {
  const [name = text, id] = text.split(':')
  return id === undefined ? { id: null, name: text } : { id, name }
}
