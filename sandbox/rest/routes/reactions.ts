/**
 * Reactions by the bot. Emoji of guilds do not exist in the sandbox, so a custom emoji is always unknown (10014).
 */
import type { APIMessage } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { requireBits, requireMessage, requireMessageChannel } from '../access.ts'
import { readLimit, readSnowflake } from '../query.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeUser } from '../shapes.ts'

const base = '/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}'

export const reactionRoutes: readonly Route[] = [
  route(`GET ${base}`, { bucket: 'message-read', handle: list }),
  route(`PUT ${base}/@me`, { bucket: 'message-react', handle: add }),
  route(`DELETE ${base}/@me`, { bucket: 'message-react', handle: (call) => remove(call, call.world.bot().id) }),
  route(`DELETE ${base}/{user_id}`, { bucket: 'message-react', handle: removeOther }),
]

const { AddReactions, ReadMessageHistory, ManageMessages } = PermissionFlagsBits
const reactionsMax = 20
const unicodeEmoji = /^(\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic})/u

function readEmoji(call: RouteCall): string {
  const emoji = param(call, 'emoji_name')
  if (!unicodeEmoji.test(emoji)) throw refuse('unknownEmoji')
  return emoji
}

function reactionsOf(message: APIMessage, emoji: string) {
  return (message.reactions ?? []).find((one) => one.emoji.id === null && one.emoji.name === emoji)
}

function add(call: RouteCall): Answer {
  const { channel, permissions } = requireMessageChannel(call, ReadMessageHistory)
  const message = requireMessage(call)
  const emoji = readEmoji(call)
  // Joining a reaction that is there needs no permission, starting one does.
  if (reactionsOf(message, emoji) === undefined) {
    requireBits(permissions, AddReactions)
    if ((message.reactions ?? []).length >= reactionsMax) throw refuse('tooManyReactions')
  }
  call.world.reactions.add({ channelId: channel.id, messageId: message.id, userId: call.world.bot().id, emoji })
  return noContent
}

function remove(call: RouteCall, userId: string): Answer {
  const { channel } = requireMessageChannel(call, ReadMessageHistory)
  const message = requireMessage(call)
  call.world.reactions.remove({ channelId: channel.id, messageId: message.id, userId, emoji: readEmoji(call) })
  return noContent
}

function removeOther(call: RouteCall): Answer {
  requireMessageChannel(call, ManageMessages)
  return remove(call, param(call, 'user_id'))
}

function list(call: RouteCall): Answer {
  const { channel } = requireMessageChannel(call, ReadMessageHistory)
  const message = requireMessage(call)
  const limit = readLimit(call.query, { max: 100, preset: 25 })
  const after = BigInt(readSnowflake(call.query, 'after') ?? '0')
  const userIds = call.world.messages.get(channel.id, message.id)?.reactors.get(readEmoji(call)) ?? []
  const page = [...userIds].filter((id) => BigInt(id) > after).slice(0, limit)
  return ok(page.flatMap((id) => call.world.users.get(id) ?? []).map(shapeUser))
}
