/**
 * One interaction: what a member did, and how far the bot's answer has come.
 *
 *   waiting ──type 4 or 7──────────────▶ answered ◀── editing the original, a followup ──┐
 *      ├────type 5──▶ loading ── edit of the original, or the first followup ────────────┤
 *      ├────type 6──▶ updating ── edit of the original, or a followup ───────────────────┘
 *      ├────type 8──▶ choices        (autocomplete only, final)
 *      ├────type 9──▶ modal          (final; what the member submits is an interaction of its own)
 *      └──3 s without any of these──▶ failed   ("The application did not respond")
 *
 * A loading interaction fails when its token expires. registry.ts is the only writer of `state`.
 * https://docs.discord.com/developers/interactions/receiving-and-responding
 */
import type {
  APIApplicationCommandOptionChoice,
  APIMessage,
  APIMessageInteractionMetadata,
  APIModalInteractionResponseCallbackData,
  InteractionType,
} from 'discord-api-types/v10'

/** After this an unanswered interaction has failed for the member, and answering it is refused with 10062. */
export const ackWindowMs = 3_000
/** After this the token is worth nothing: 50027. */
export const tokenLifetimeMs = 15 * 60_000

/** What the bot may write in a message: fields of an API message, already parsed and with its files stored. */
export type MessageFields = Partial<APIMessage>

export type InteractionResponse =
  | { type: 4; message: MessageFields }
  | { type: 5; ephemeral: boolean }
  | { type: 6 }
  | { type: 7; message: MessageFields }
  | { type: 8; choices: readonly APIApplicationCommandOptionChoice[] }
  | { type: 9; modal: APIModalInteractionResponseCallbackData }

export type InteractionState =
  | { kind: 'waiting' }
  | { kind: 'loading'; message: APIMessage }
  | { kind: 'updating' }
  | { kind: 'answered'; message: APIMessage }
  | { kind: 'choices'; choices: readonly APIApplicationCommandOptionChoice[] }
  | { kind: 'modal'; modal: APIModalInteractionResponseCallbackData }
  | { kind: 'failed'; reason: 'no-answer-in-time' | 'token-expired' }

export interface InteractionRecord {
  readonly id: string
  readonly token: string
  readonly type: InteractionType
  readonly guildId: string | null
  readonly channelId: string
  readonly userId: string
  /** Of a slash or context menu command; null for the rest. */
  readonly commandName: string | null
  /** The message whose button or menu was used; of a modal, the one it was opened from, if any. */
  readonly sourceMessageId: string | null
  readonly metadata: APIMessageInteractionMetadata
  readonly createdAtMs: number
  state: InteractionState
  /** What `@original` means: the answer, or the source message after type 6 or 7. Null before, and once deleted. */
  originalMessageId: string | null
  /** Followups, oldest first. */
  followupIds: string[]
}

/** An expected no, in the words Discord uses. */
export interface InteractionRefusal {
  ok: false
  status: 400 | 401 | 404
  code: number
  message: string
}

export type InteractionOutcome = { ok: true; message: APIMessage | null } | InteractionRefusal
export type MessageOutcome = { ok: true; message: APIMessage } | InteractionRefusal
