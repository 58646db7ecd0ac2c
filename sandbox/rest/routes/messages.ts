/**
 * Messages of a channel: sending, reading, editing, deleting.
 *
 * `nonce` with `enforce_nonce` makes sending repeatable: the same nonce in the same channel within five minutes answers
 * the message that is already there. Somebody else's message cannot be edited (50005), except for hiding its embeds.
 */
import type { APIMessage, RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import { MessageFlags, MessageType, PermissionFlagsBits } from 'discord-api-types/v10'
import { requireBits, requireMessage, requireMessageChannel } from '../access.ts'
import type { ChannelAccess } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { requireOpenDirectMessages } from '../direct-messages.ts'
import { refuseField } from '../form-errors.ts'
import { draftMessage, editFlags, newMessageFlags } from '../message-draft.ts'
import type { MessageBody } from '../message-draft.ts'
import { readLimit, readSnowflake } from '../query.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeMessage } from '../shapes.ts'
import { bulkDelete } from './bulk-delete.ts'

const { SendMessages, ReadMessageHistory, ManageMessages, EmbedLinks, AttachFiles, ViewChannel, SendTTSMessages } =
  PermissionFlagsBits

export const messageRoutes: readonly Route[] = [
  route('GET /channels/{channel_id}/messages', { bucket: 'message-read', handle: list }),
  route('POST /channels/{channel_id}/messages', { bucket: 'message-post', handle: send }),
  route('POST /channels/{channel_id}/messages/bulk-delete', { bucket: 'message-bulk-delete', handle: bulkDelete }),
  route('GET /channels/{channel_id}/messages/{message_id}', { bucket: 'message-read', handle: read }),
  route('PATCH /channels/{channel_id}/messages/{message_id}', { bucket: 'message-edit', handle: edit }),
  route('DELETE /channels/{channel_id}/messages/{message_id}', { bucket: 'message-delete', handle: remove }),
]

/** How long a nonce is remembered; Discord says "the past few minutes". */
const nonceWindowMs = 5 * 60_000

function send(call: RouteCall): Answer {
  const body = call.body as RESTPostAPIChannelMessageJSONBody
  const access = requireMessageChannel(call, SendMessages)
  const { channel, guildId, permissions } = access
  requireOpenDirectMessages(call, channel)
  if ((body.embeds ?? []).length > 0) requireBits(permissions, EmbedLinks)
  if (call.files.length > 0) requireBits(permissions, AttachFiles)
  if (body.enforce_nonce === true) {
    const known = findByNonce(call, channel.id, body.nonce)
    if (known) return ok(shapeMessage(known))
  }
  const referenced = readReference(call, access, body)
  const place = { channelId: channel.id, guildId, permissions, settableFlags: newMessageFlags }
  const draft = draftMessage(call, body as MessageBody, { ...place, repliedTo: referenced?.author })
  const { tts: isSpoken, ...fields } = draft
  const message = call.world.messages.create(channel.id, {
    ...fields,
    authorId: call.world.bot().id,
    ...(isSpoken === true && (permissions & SendTTSMessages) !== 0n ? { tts: true } : {}),
    ...(body.nonce === undefined || body.nonce === null ? {} : { nonce: body.nonce }),
    ...(referenced ? replyFields(referenced, guildId) : {}),
  })
  return ok(shapeMessage(message))
}

function findByNonce(call: RouteCall, channelId: string, nonce: string | number | undefined): APIMessage | undefined {
  if (nonce === undefined || nonce === null) return undefined
  const oldestMs = call.world.nowMs() - nonceWindowMs
  return call.world.messages
    .list(channelId)
    .map((stored) => stored.message)
    .findLast(
      (message) =>
        message.author.id === call.world.bot().id &&
        String(message.nonce) === String(nonce) &&
        Date.parse(message.timestamp) > oldestMs,
    )
}

/** The message a reply refers to; undefined when it refers to none, or to one that is gone and need not exist. */
function readReference(
  call: RouteCall,
  access: ChannelAccess,
  { message_reference: reference }: RESTPostAPIChannelMessageJSONBody,
): APIMessage | undefined {
  if (!reference) return undefined
  const isElsewhere = reference.channel_id !== undefined && reference.channel_id !== access.channel.id
  requireBits(access.permissions, ReadMessageHistory)
  const stored = isElsewhere ? undefined : call.world.messages.get(access.channel.id, reference.message_id)
  if (stored && stored.visibleTo === null) return stored.message
  if (reference.fail_if_not_exists === false) return undefined
  throw refuseField(['message_reference'], 'MESSAGE_REFERENCE_UNKNOWN_MESSAGE', 'Unknown message')
}

function replyFields(referenced: APIMessage, guildId: string | null): Partial<APIMessage> {
  const reference = { type: 0, channel_id: referenced.channel_id, message_id: referenced.id }
  return {
    type: MessageType.Reply,
    message_reference: { ...reference, ...(guildId === null ? {} : { guild_id: guildId }) },
    referenced_message: referenced,
  }
}

function list(call: RouteCall): Answer {
  const { channel, permissions } = requireMessageChannel(call, ViewChannel)
  const limit = readLimit(call.query, { max: 100, preset: 50 })
  // Without the permission to read history Discord answers an empty list, not an error.
  if ((permissions & ReadMessageHistory) === 0n) return ok([])
  const visible = call.world.messages.list(channel.id).filter((stored) => stored.visibleTo === null)
  const messages = visible.map((stored) => stored.message)
  return ok(pickPage(messages, call.query, limit).toReversed().map(shapeMessage))
}

/** Oldest first, as given. */
function pickPage(messages: readonly APIMessage[], query: URLSearchParams, limit: number): APIMessage[] {
  const around = readSnowflake(query, 'around')
  const before = readSnowflake(query, 'before')
  const after = readSnowflake(query, 'after')
  if (around !== undefined) {
    const older = messages.filter((one) => BigInt(one.id) <= BigInt(around)).slice(-Math.ceil((limit + 1) / 2))
    const newer = messages.filter((one) => BigInt(one.id) > BigInt(around)).slice(0, Math.floor(limit / 2))
    return [...older, ...newer].slice(-limit)
  }
  if (before !== undefined) return messages.filter((one) => BigInt(one.id) < BigInt(before)).slice(-limit)
  if (after !== undefined) return messages.filter((one) => BigInt(one.id) > BigInt(after)).slice(0, limit)
  return messages.slice(-limit)
}

function read(call: RouteCall): Answer {
  requireMessageChannel(call, ViewChannel | ReadMessageHistory)
  return ok(shapeMessage(requireMessage(call)))
}

function edit(call: RouteCall): Answer {
  const { channel, guildId, permissions } = requireMessageChannel(call, ViewChannel)
  const before = requireMessage(call)
  const body = call.body as MessageBody
  if (before.author.id !== call.world.bot().id) return hideEmbeds(call, before, permissions)
  if ((body.embeds ?? []).length > 0) requireBits(permissions, EmbedLinks)
  if (call.files.length > 0) requireBits(permissions, AttachFiles)
  const place = { channelId: channel.id, guildId, permissions, before, settableFlags: editFlags }
  const draft = draftMessage(call, body, place)
  return ok(shapeMessage(call.world.messages.update(channel.id, before.id, draft)))
}

/** The one thing that may be changed in another's message, given the permission. */
function hideEmbeds(call: RouteCall, message: APIMessage, permissions: bigint): Answer {
  const { flags, ...others } = call.body as MessageBody
  const isOnlyFlags = Object.values(others).every((value) => value === undefined)
  if (!isOnlyFlags || typeof flags !== 'number') throw refuse('notOwnMessage')
  requireBits(permissions, ManageMessages)
  const kept = (message.flags ?? 0) & ~MessageFlags.SuppressEmbeds
  const patch = { flags: kept | (flags & MessageFlags.SuppressEmbeds), edited_timestamp: message.edited_timestamp }
  return ok(shapeMessage(call.world.messages.update(message.channel_id, message.id, patch)))
}

function remove(call: RouteCall): Answer {
  const { channel, guildId, permissions } = requireMessageChannel(call, ViewChannel)
  const message = requireMessage(call)
  const isOwn = message.author.id === call.world.bot().id
  if (!isOwn && guildId === null) throw refuse('notOnDirectMessage')
  if (!isOwn) requireBits(permissions, ManageMessages)
  call.world.messages.remove(channel.id, param(call, 'message_id'))
  if (!isOwn && guildId !== null) {
    noteAudit(call, guildId, {
      action: 'MessageDelete',
      targetId: message.author.id,
      options: { channel_id: channel.id, count: '1' },
    })
  }
  return noContent
}
