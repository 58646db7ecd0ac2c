/**
 * Messages of an interaction after its first answer: the original, followups, and their edits.
 *
 * The address is a webhook's (application id and interaction token) and needs no other authorization. What the token
 * is worth, and that the first followup after a deferral fills the waiting message, is the interactions part's. A
 * followup is always answered with its message, whatever `wait` says, as Discord does for interactions.
 */
import { MessageFlags } from 'discord-api-types/v10'
import type { APIMessage } from 'discord-api-types/v10'
import type { InteractionRecord } from '../../interactions/interaction.ts'
import { requireOutcome } from '../interaction-outcome.ts'
import { answerFlags, draftMessage, editFlags } from '../message-draft.ts'
import type { MessageBody } from '../message-draft.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeMessage } from '../shapes.ts'

const options = { auth: 'path-token', bucket: 'webhook-message' } as const
const original = '/webhooks/{webhook_id}/{webhook_token}/messages/@original'
const message = '/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}'

export const webhookRoutes: readonly Route[] = [
  route('POST /webhooks/{webhook_id}/{webhook_token}', { ...options, handle: followUp }),
  route(`GET ${original}`, { ...options, handle: readOriginal }),
  route(`PATCH ${original}`, { ...options, handle: editOriginal }),
  route(`DELETE ${original}`, { ...options, handle: deleteOriginal }),
  route(`GET ${message}`, { ...options, handle: readMessage }),
  route(`PATCH ${message}`, { ...options, handle: editMessage }),
  route(`DELETE ${message}`, { ...options, handle: deleteMessage }),
]

function requireRecord(call: RouteCall): InteractionRecord {
  const record = call.interactions.find(param(call, 'webhook_token'))
  if (record === undefined || param(call, 'webhook_id') !== call.world.application.id) throw refuse('unknownWebhook')
  return record
}

function followUp(call: RouteCall): Answer {
  const record = requireRecord(call)
  const place = { ...placeOf(call, record), settableFlags: answerFlags }
  const fields = draftMessage(call, call.body as MessageBody, place)
  return ok(shapeMessage(requireOutcome(call.interactions.followup(record.token, fields))))
}

function readOriginal(call: RouteCall): Answer {
  return ok(shapeMessage(requireOutcome(call.interactions.getOriginal(requireRecord(call).token))))
}

function editOriginal(call: RouteCall): Answer {
  const record = requireRecord(call)
  const before = requireOutcome(call.interactions.getOriginal(record.token))
  const edited = call.interactions.editOriginal(record.token, draftEdit(call, record, before))
  return ok(shapeMessage(requireOutcome(edited)))
}

function deleteOriginal(call: RouteCall): Answer {
  requireOutcome(call.interactions.deleteOriginal(requireRecord(call).token))
  return noContent
}

function readMessage(call: RouteCall): Answer {
  const record = requireRecord(call)
  return ok(shapeMessage(requireOutcome(call.interactions.getMessage(record.token, param(call, 'message_id')))))
}

function editMessage(call: RouteCall): Answer {
  const record = requireRecord(call)
  const messageId = param(call, 'message_id')
  const before = requireOutcome(call.interactions.getMessage(record.token, messageId))
  const edited = call.interactions.editMessage(record.token, messageId, draftEdit(call, record, before))
  return ok(shapeMessage(requireOutcome(edited)))
}

function deleteMessage(call: RouteCall): Answer {
  const record = requireRecord(call)
  requireOutcome(call.interactions.deleteMessage(record.token, param(call, 'message_id')))
  return noContent
}

function draftEdit(call: RouteCall, record: InteractionRecord, before: APIMessage): Partial<APIMessage> {
  // A message that was waiting stops waiting by being edited.
  const settled = { ...before, flags: (before.flags ?? 0) & ~MessageFlags.Loading }
  const place = { ...placeOf(call, record), before: settled, settableFlags: editFlags }
  return draftMessage(call, call.body as MessageBody, place)
}

function placeOf(call: RouteCall, { channelId, guildId }: InteractionRecord) {
  const userId = call.world.bot().id
  const permissions = guildId === null ? 0n : call.world.permissions({ guildId, userId, channelId })
  return { channelId, guildId, permissions }
}
