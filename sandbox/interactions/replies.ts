/**
 * The bot's answers to an interaction, as messages in the world.
 *
 * An answer belongs to the bot, names the interaction it came from, and is ephemeral when flag 64 says so: then only
 * the member who acted sees it. `@original` is the answer itself, or after type 6 and 7 the message that was acted on.
 */
import type { APIMessage } from 'discord-api-types/v10'
import { InteractionType, MessageFlags, MessageType, RESTJSONErrorCodes } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { World } from '../world/world.ts'
import type { InteractionOutcome, InteractionRecord, InteractionRefusal, InteractionResponse } from './interaction.ts'
import type { InteractionState, MessageFields, MessageOutcome } from './interaction.ts'

export interface Replies {
  /** The message that now is the original; null for choices and modals. */
  acknowledge(record: InteractionRecord, response: InteractionResponse): APIMessage | null
  getOriginal(record: InteractionRecord): MessageOutcome
  editOriginal(record: InteractionRecord, fields: MessageFields): MessageOutcome
  deleteOriginal(record: InteractionRecord): InteractionOutcome
  followup(record: InteractionRecord, fields: MessageFields): APIMessage
  getMessage(record: InteractionRecord, messageId: string): MessageOutcome
  editMessage(record: InteractionRecord, messageId: string, fields: MessageFields): MessageOutcome
  deleteMessage(record: InteractionRecord, messageId: string): InteractionOutcome
}

export function refuse(status: InteractionRefusal['status'], code: number, message: string): InteractionRefusal {
  return { ok: false, status, code, message }
}

const unknownMessage = (): InteractionRefusal => refuse(404, RESTJSONErrorCodes.UnknownMessage, 'Unknown Message')

export function createReplies(deps: {
  world: World
  setState: (record: InteractionRecord, state: InteractionState) => void
}): Replies {
  const { world, setState } = deps

  const find = (record: InteractionRecord, messageId: string | null): APIMessage | undefined =>
    messageId === null ? undefined : world.messages.get(record.channelId, messageId)?.message

  const post = (record: InteractionRecord, fields: MessageFields, type: MessageType): APIMessage => {
    const isEphemeral = ((fields.flags ?? 0) & MessageFlags.Ephemeral) !== 0
    return world.messages.create(record.channelId, {
      ...fields,
      authorId: world.state.botId,
      type,
      application_id: world.application.id,
      webhook_id: world.application.id,
      interaction_metadata: record.metadata,
      visibleTo: isEphemeral ? record.userId : null,
    })
  }

  /** Writes into a message; one that was loading is not "edited" by getting its content, it is finished. */
  const write = (record: InteractionRecord, message: APIMessage, fields: MessageFields): APIMessage => {
    const wasLoading = isLoading(message)
    const kept = (message.flags ?? 0) & ~MessageFlags.Loading
    // Of the flags an edit brings, the ephemeral one cannot change any more.
    const flags = ((fields.flags ?? kept) & ~MessageFlags.Ephemeral) | (kept & MessageFlags.Ephemeral)
    const patch = { ...fields, flags, ...(wasLoading ? { edited_timestamp: null } : {}) }
    const written = world.messages.update(record.channelId, message.id, patch)
    setState(record, { kind: 'answered', message: written })
    return written
  }

  const edit = (record: InteractionRecord, messageId: string | null, fields: MessageFields): MessageOutcome => {
    const message = find(record, messageId)
    return message === undefined ? unknownMessage() : { ok: true, message: write(record, message, fields) }
  }
  const get = (record: InteractionRecord, messageId: string | null): MessageOutcome => {
    const message = find(record, messageId)
    return message === undefined ? unknownMessage() : { ok: true, message }
  }
  const remove = (record: InteractionRecord, messageId: string | null): InteractionOutcome => {
    const message = find(record, messageId)
    if (message === undefined) return unknownMessage()
    world.messages.remove(record.channelId, message.id)
    if (record.originalMessageId === message.id) record.originalMessageId = null
    return { ok: true, message: null }
  }
  /** A token reaches only the messages it wrote. */
  const isOwn = (record: InteractionRecord, messageId: string): boolean =>
    messageId === record.originalMessageId || record.followupIds.includes(messageId)

  return {
    acknowledge: (record, response) => acknowledge({ world, setState, post }, record, response),
    getOriginal: (record) => get(record, record.originalMessageId),
    editOriginal: (record, fields) => edit(record, record.originalMessageId, fields),
    deleteOriginal: (record) => remove(record, record.originalMessageId),
    followup(record, fields) {
      const original = find(record, record.originalMessageId)
      if (original !== undefined && isLoading(original)) return write(record, original, fields)
      const message = post(record, fields, MessageType.Reply)
      record.followupIds.push(message.id)
      setState(record, { kind: 'answered', message })
      return message
    },
    getMessage: (record, id) => (isOwn(record, id) ? get(record, id) : unknownMessage()),
    editMessage: (record, id, fields) => (isOwn(record, id) ? edit(record, id, fields) : unknownMessage()),
    deleteMessage: (record, id) => (isOwn(record, id) ? remove(record, id) : unknownMessage()),
  }
}

function isLoading(message: APIMessage): boolean {
  return ((message.flags ?? 0) & MessageFlags.Loading) !== 0
}

function acknowledge(
  deps: {
    world: World
    setState: (record: InteractionRecord, state: InteractionState) => void
    post: (record: InteractionRecord, fields: MessageFields, type: MessageType) => APIMessage
  },
  record: InteractionRecord,
  response: InteractionResponse,
): APIMessage | null {
  const { world, setState, post } = deps
  const isCommand = record.type === InteractionType.ApplicationCommand
  const type = isCommand ? MessageType.ChatInputCommand : MessageType.Reply
  switch (response.type) {
    case 4: {
      const message = post(record, response.message, type)
      record.originalMessageId = message.id
      setState(record, { kind: 'answered', message })
      return message
    }
    case 5: {
      const flags = MessageFlags.Loading | (response.ephemeral ? MessageFlags.Ephemeral : 0)
      const message = post(record, { flags }, type)
      record.originalMessageId = message.id
      setState(record, { kind: 'loading', message })
      return message
    }
    case 6:
      record.originalMessageId = record.sourceMessageId
      setState(record, { kind: 'updating' })
      return world.messages.get(record.channelId, record.sourceMessageId ?? '')?.message ?? null
    case 7: {
      assert(record.sourceMessageId !== null, 'only a component interaction updates its message')
      const source = world.messages.get(record.channelId, record.sourceMessageId)
      // The message may have been deleted after the click: Discord acknowledges and shows nothing.
      if (source === undefined) return null
      const { flags: _kept, ...fields } = response.message
      const message = world.messages.update(record.channelId, record.sourceMessageId, fields)
      record.originalMessageId = message.id
      setState(record, { kind: 'answered', message })
      return message
    }
    case 8:
      setState(record, { kind: 'choices', choices: response.choices })
      return null
    case 9:
      setState(record, { kind: 'modal', modal: response.modal })
      return null
  }
}
