/**
 * Answering an interaction for the first time. The token in the address is the authorization.
 *
 * The form is judged before the interaction is touched: a body that is refused leaves it unanswered. Windows and "once
 * only" are the interactions part's. With `with_response` the answer describes what became of it; Discord's description
 * knows the kinds 4 and 7 there, so a deferred answer is told as the kind it becomes.
 */
import type { APIApplicationCommandOptionChoice, APIMessage, APIModalInteractionResponseCallbackData } from 'discord-api-types/v10'
import { MessageFlags } from 'discord-api-types/v10'
import type { InteractionRecord } from '../../interactions/interaction.ts'
import { checkModalComponents } from '../component-rules.ts'
import type { ComponentNode } from '../component-rules.ts'
import { createFormErrors, refuseField } from '../form-errors.ts'
import { requireOutcome } from '../interaction-outcome.ts'
import { answerFlags, draftMessage } from '../message-draft.ts'
import type { MessageBody } from '../message-draft.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, InteractionsPort, Route, RouteCall } from '../route.ts'
import { shapeMessage } from '../shapes.ts'

export const interactionRoutes: readonly Route[] = [
  route('POST /interactions/{interaction_id}/{interaction_token}/callback', {
    auth: 'path-token',
    bucket: null,
    handle: respond,
  }),
]

type InteractionResponse = Parameters<InteractionsPort['acknowledge']>[2]

interface CallbackBody {
  readonly type: number
  readonly data?: (MessageBody & { choices?: unknown[] | null; components?: unknown }) | null
}

function respond(call: RouteCall): Answer {
  const token = param(call, 'interaction_token')
  const record = call.interactions.find(token)
  if (record?.id !== param(call, 'interaction_id')) throw refuse('unknownInteraction')
  const body = call.body as CallbackBody
  const outcome = call.interactions.acknowledge(record.id, token, readResponse(call, record, body))
  const message = requireOutcome(outcome)
  if (call.query.get('with_response') !== 'true') return noContent
  return ok(describeResponse(record, body.type, message))
}

function readResponse(call: RouteCall, record: InteractionRecord, { type, data }: CallbackBody): InteractionResponse {
  switch (type) {
    case 4:
      return { type, message: draftAnswer(call, record, data ?? {}) }
    case 5:
      return { type, ephemeral: ((data?.flags ?? 0) & MessageFlags.Ephemeral) !== 0 }
    case 6:
      return { type }
    case 7:
      return { type, message: draftUpdate(call, record, data ?? {}) }
    case 8:
      return { type, choices: (data?.choices ?? []) as APIApplicationCommandOptionChoice[] }
    case 9:
      return { type, modal: readModal(data) }
    default:
      call.noteNotBuilt(`interaction callback of type ${type}`)
      throw refuseField(['type'], 'BASE_TYPE_CHOICES', 'Value must be one of {4, 5, 6, 7, 8, 9}.')
  }
}

function draftAnswer(call: RouteCall, record: InteractionRecord, body: MessageBody): Partial<APIMessage> {
  return draftMessage(call, body, { ...placeOf(call, record), settableFlags: answerFlags, formPath: ['data'] })
}

function draftUpdate(call: RouteCall, record: InteractionRecord, body: MessageBody): Partial<APIMessage> {
  const source = call.world.messages.get(record.channelId, record.sourceMessageId ?? '')?.message
  const place = { ...placeOf(call, record), settableFlags: answerFlags, formPath: ['data'] }
  return draftMessage(call, body, source === undefined ? place : { ...place, before: source })
}

function placeOf(call: RouteCall, record: InteractionRecord) {
  const { channelId, guildId } = record
  const userId = call.world.bot().id
  const permissions = guildId === null ? 0n : call.world.permissions({ guildId, userId, channelId })
  return { channelId, guildId, permissions }
}

function readModal(data: unknown): APIModalInteractionResponseCallbackData {
  const modal = data as APIModalInteractionResponseCallbackData
  const errors = createFormErrors(['data'])
  checkModalComponents(modal.components as unknown as ComponentNode[], errors)
  errors.throwIfAny()
  return modal
}

function describeResponse(record: InteractionRecord, type: number, message: APIMessage | null): object {
  const flags = message?.flags ?? 0
  const aboutMessage = message && {
    response_message_id: message.id,
    response_message_loading: (flags & MessageFlags.Loading) !== 0,
    response_message_ephemeral: (flags & MessageFlags.Ephemeral) !== 0,
  }
  return {
    interaction: {
      id: record.id,
      type: record.type,
      channel_id: record.channelId,
      ...(record.guildId === null ? {} : { guild_id: record.guildId }),
      ...aboutMessage,
    },
    ...(message ? { resource: { type: type <= 5 ? 4 : 7, message: shapeMessage(message) } } : {}),
  }
}
