/**
 * The registry of interactions: hands them to the bot, keeps Discord's clocks, and takes the bot's answers.
 *
 * The clocks: 3 s to acknowledge (then 10062), 15 minutes until the token expires (then 50027), one acknowledgement
 * only (then 40060). Tokens are unguessable, so a refusal never depends on who asks. At `recordsMax` the oldest
 * interaction is forgotten: its token is then unknown (10015), as if it had never been.
 */
import type { APIMessage } from 'discord-api-types/v10'
import { InteractionType, RESTJSONErrorCodes } from 'discord-api-types/v10'
import type { Clock } from '../../kernel/clock.ts'
import type { World } from '../world/world.ts'
import type { InteractionOutcome, InteractionRecord, InteractionResponse } from './interaction.ts'
import type { InteractionRefusal, MessageFields, MessageOutcome } from './interaction.ts'
import { ackWindowMs, tokenLifetimeMs } from './interaction.ts'
import type { InteractionInput } from './payload.ts'
import { buildInteraction } from './payload.ts'
import { createProgress } from './progress.ts'
import { createReplies, refuse } from './replies.ts'

export interface Interactions {
  /** Sends INTERACTION_CREATE and starts the 3 s clock. */
  create(input: InteractionInput): InteractionRecord
  find(token: string): InteractionRecord | undefined
  /** By id, for people: an id is no secret, so no door for bots uses it. */
  get(interactionId: string): InteractionRecord | undefined
  acknowledge(interactionId: string, token: string, response: InteractionResponse): InteractionOutcome
  getOriginal(token: string): MessageOutcome
  editOriginal(token: string, fields: MessageFields): MessageOutcome
  deleteOriginal(token: string): InteractionOutcome
  /** After type 5 it edits the loading message instead of creating one. */
  followup(token: string, fields: MessageFields): MessageOutcome
  getMessage(token: string, messageId: string): MessageOutcome
  editMessage(token: string, messageId: string, fields: MessageFields): MessageOutcome
  deleteMessage(token: string, messageId: string): InteractionOutcome
  /** Tells every change of the record's state until the returned function is called. */
  watch(record: InteractionRecord, listener: () => void): () => void
  /** Cancels all clocks. */
  stop(): void
}

/** An hour of one interaction every 360 ms; a token is of use for 15 minutes of it. */
const recordsMax = 10_000

export function createInteractions(deps: { world: World; clock: Clock; newToken: () => string }): Interactions {
  const { world, clock } = deps
  const byToken = new Map<string, InteractionRecord>()
  const byId = new Map<string, InteractionRecord>()
  const progress = createProgress({ clock })

  const remember = (record: InteractionRecord): void => {
    byToken.set(record.token, record)
    byId.set(record.id, record)
    if (byToken.size <= recordsMax) return
    const oldest = byToken.values().next().value
    if (oldest === undefined) return
    byToken.delete(oldest.token)
    byId.delete(oldest.id)
    progress.forget(oldest)
  }

  /** The record of a token that still may be used for messages. */
  const usable = (token: string): InteractionRecord | InteractionRefusal => {
    const record = byToken.get(token)
    if (record === undefined) return refuse(404, RESTJSONErrorCodes.UnknownWebhook, 'Unknown Webhook')
    if (progress.ageMs(record) >= tokenLifetimeMs) {
      return refuse(401, RESTJSONErrorCodes.InvalidWebhookToken, 'Invalid Webhook Token')
    }
    const { kind } = record.state
    const isAcknowledged = kind !== 'waiting' && !(kind === 'failed' && record.originalMessageId === null)
    return isAcknowledged ? record : refuse(404, RESTJSONErrorCodes.UnknownWebhook, 'Unknown Webhook')
  }
  const replies = createReplies({ world, setState: progress.setState })
  const withRecord = <Outcome>(token: string, use: (record: InteractionRecord) => Outcome): Outcome | InteractionRefusal => {
    const record = usable(token)
    return 'ok' in record ? record : use(record)
  }

  return {
    create(input) {
      const { record, payload } = buildInteraction(world, input, { token: deps.newToken(), nowMs: clock.monotonicMs() })
      remember(record)
      progress.setState(record, { kind: 'waiting' })
      world.emit(payload, { intent: 0, ...(record.guildId === null ? {} : { guildId: record.guildId }) })
      return record
    },
    find: (token) => byToken.get(token),
    get: (interactionId) => byId.get(interactionId),
    acknowledge(interactionId, token, response) {
      const record = byToken.get(token)
      const unknown = refuse(404, RESTJSONErrorCodes.UnknownInteraction, 'Unknown interaction')
      if (record?.id !== interactionId) return unknown
      const { kind } = record.state
      if (kind === 'failed') return unknown
      if (kind !== 'waiting') {
        const code = RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged
        return refuse(400, code, 'Interaction has already been acknowledged.')
      }
      if (progress.ageMs(record) > ackWindowMs) return unknown
      if (!isFitting(record, response)) return refuse(400, RESTJSONErrorCodes.InvalidFormBodyOrContentType, 'Invalid Form Body')
      return { ok: true, message: replies.acknowledge(record, response) }
    },
    getOriginal: (token) => withRecord(token, replies.getOriginal),
    editOriginal: (token, fields) => withRecord(token, (record) => replies.editOriginal(record, fields)),
    deleteOriginal: (token) => withRecord(token, replies.deleteOriginal),
    followup: (token, fields) =>
      withRecord(token, (record): { ok: true; message: APIMessage } => ({
        ok: true,
        message: replies.followup(record, fields),
      })),
    getMessage: (token, id) => withRecord(token, (record) => replies.getMessage(record, id)),
    editMessage: (token, id, fields) => withRecord(token, (record) => replies.editMessage(record, id, fields)),
    deleteMessage: (token, id) => withRecord(token, (record) => replies.deleteMessage(record, id)),
    watch: progress.watch,
    stop: progress.stop,
  }
}

/** Whether this kind of answer is allowed for this kind of interaction. */
function isFitting(record: InteractionRecord, response: InteractionResponse): boolean {
  const isAutocomplete = record.type === InteractionType.ApplicationCommandAutocomplete
  switch (response.type) {
    case 4:
    case 5:
      return !isAutocomplete
    case 6:
    case 7:
      return !isAutocomplete && record.sourceMessageId !== null
    case 8:
      return isAutocomplete
    case 9:
      return record.type === InteractionType.ApplicationCommand || record.type === InteractionType.MessageComponent
  }
}
