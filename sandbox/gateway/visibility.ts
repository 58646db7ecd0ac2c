/**
 * What a session gets to see of a dispatch: pure, from the session's intents.
 *
 * Without MessageContent, content, embeds, attachments, components and polls of messages are blanked, except in the
 * bot's own messages, direct messages and messages that mention the bot.
 * https://docs.discord.com/developers/events/gateway#message-content-intent
 */
import type { APIGuildMember, GatewayMessageCreateDispatchData } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import type { Dispatch } from '../world/dispatch.ts'

export interface Viewer {
  intents: number
  botId: string
  /** Everybody in the guild, for sessions with the presences intent. */
  membersOf(guildId: string): APIGuildMember[]
}

/** The data this session is sent, or undefined when its intents do not include the dispatch. */
export function toVisibleData(dispatch: Dispatch, viewer: Viewer): Dispatch['d'] | undefined {
  if (dispatch.intent !== 0 && (viewer.intents & dispatch.intent) === 0) return undefined
  if (dispatch.t === GatewayDispatchEvents.MessageCreate || dispatch.t === GatewayDispatchEvents.MessageUpdate) {
    return isContentVisible(dispatch.d, viewer) ? dispatch.d : withoutContent(dispatch.d)
  }
  const seesEveryone = (viewer.intents & GatewayIntentBits.GuildPresences) !== 0
  if (dispatch.t === GatewayDispatchEvents.GuildCreate && seesEveryone) {
    return { ...dispatch.d, members: viewer.membersOf(dispatch.d.id) }
  }
  return dispatch.d
}

function isContentVisible(message: GatewayMessageCreateDispatchData, viewer: Viewer): boolean {
  return (
    (viewer.intents & GatewayIntentBits.MessageContent) !== 0 ||
    message.guild_id === undefined ||
    message.author.id === viewer.botId ||
    message.mentions.some((user) => user.id === viewer.botId)
  )
}

function withoutContent(message: GatewayMessageCreateDispatchData): GatewayMessageCreateDispatchData {
  const { poll: _poll, ...rest } = message
  return { ...rest, content: '', embeds: [], attachments: [], components: [] }
}
