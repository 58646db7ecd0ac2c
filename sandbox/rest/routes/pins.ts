/**
 * Pinned messages, under the address of today (`/messages/pins`) and the older one (`/pins`).
 */
import { GatewayDispatchEvents, GatewayIntentBits, PermissionFlagsBits } from 'discord-api-types/v10'
import type { APIMessage } from 'discord-api-types/v10'
import { requireMessage, requireMessageChannel } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeMessage } from '../shapes.ts'

export const pinRoutes: readonly Route[] = [
  route('GET /channels/{channel_id}/messages/pins', { bucket: 'message-read', handle: listPage }),
  route('PUT /channels/{channel_id}/messages/pins/{message_id}', { bucket: 'message-pin', handle: (call) => setPinned(call, true) }),
  route('DELETE /channels/{channel_id}/messages/pins/{message_id}', { bucket: 'message-pin', handle: (call) => setPinned(call, false) }),
  route('GET /channels/{channel_id}/pins', { bucket: 'message-read', handle: listAll }),
  route('PUT /channels/{channel_id}/pins/{message_id}', { bucket: 'message-pin', handle: (call) => setPinned(call, true) }),
  route('DELETE /channels/{channel_id}/pins/{message_id}', { bucket: 'message-pin', handle: (call) => setPinned(call, false) }),
]

const { PinMessages, ReadMessageHistory, ViewChannel } = PermissionFlagsBits
const pinsMax = 50

function pinned(call: RouteCall): APIMessage[] {
  const { channel } = requireMessageChannel(call, ViewChannel | ReadMessageHistory)
  const messages = call.world.messages.list(channel.id).map((stored) => stored.message)
  return messages.filter((message) => message.pinned).toReversed()
}

function listAll(call: RouteCall): Answer {
  return ok(pinned(call).map(shapeMessage))
}

/** The sandbox does not keep when a message was pinned; the time of writing stands for it, and one page is enough. */
function listPage(call: RouteCall): Answer {
  const items = pinned(call).map((message) => ({ pinned_at: message.timestamp, message: shapeMessage(message) }))
  return ok({ items, has_more: false })
}

/** Nothing happens, and nothing is told, when the message already is as wanted. */
function setPinned(call: RouteCall, isPinned: boolean): Answer {
  const { channel, guildId } = requireMessageChannel(call, PinMessages)
  const message = requireMessage(call)
  if (message.pinned === isPinned) return noContent
  if (isPinned && pinned(call).length >= pinsMax) throw refuse('tooManyPins')
  const patch = { pinned: isPinned, edited_timestamp: message.edited_timestamp }
  call.world.messages.update(channel.id, message.id, patch)
  const timestamp = isPinned ? new Date(call.world.nowMs()).toISOString() : null
  const place = { channel_id: channel.id, last_pin_timestamp: timestamp }
  const t = GatewayDispatchEvents.ChannelPinsUpdate
  if (guildId === null) {
    call.world.emit({ t, d: place }, { intent: GatewayIntentBits.DirectMessages })
    return noContent
  }
  call.world.emit({ t, d: { ...place, guild_id: guildId } }, { guildId, intent: GatewayIntentBits.Guilds })
  noteAudit(call, guildId, {
    action: isPinned ? 'MessagePin' : 'MessageUnpin',
    targetId: message.author.id,
    options: { channel_id: channel.id, message_id: message.id },
  })
  return noContent
}
