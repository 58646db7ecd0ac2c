/**
 * The ways Discord says no: HTTP status, JSON error code and, for a bad form, a tree of what is wrong where.
 *
 * A handler throws a Refusal wherever it finds the reason; handler.ts turns it into the answer. It is the sandbox's
 * own control flow, not an error of the sandbox: it is never logged as one. Codes are Discord's:
 * https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
 */
import { RESTJSONErrorCodes as Code } from 'discord-api-types/v10'

/** A node of the `errors` tree: either `_errors` or more nodes, keyed by field name or array index. */
export interface FormErrorTree {
  _errors?: { code: string; message: string }[]
  [field: string]: FormErrorTree | { code: string; message: string }[] | undefined
}

export interface RefusalBody {
  readonly message: string
  readonly code: number
  readonly errors?: FormErrorTree
}

/** Thrown when the request is understood and answered with no. Recognised by `code`, see isRefusal. */
export class Refusal extends Error {
  readonly code = 'sandbox-refusal'
  readonly status: number
  readonly body: RefusalBody
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: RefusalBody, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${body.code} ${body.message}`)
    this.name = 'Refusal'
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export function isRefusal(thrown: unknown): thrown is Refusal {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'sandbox-refusal'
}

/** Every refusal whose status and wording do not depend on the request. */
const fixed = {
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  unknownApplication: [404, Code.UnknownApplication, 'Unknown Application'],
  unknownChannel: [404, Code.UnknownChannel, 'Unknown Channel'],
  unknownGuild: [404, Code.UnknownGuild, 'Unknown Guild'],
  unknownMember: [404, Code.UnknownMember, 'Unknown Member'],
  unknownMessage: [404, Code.UnknownMessage, 'Unknown Message'],
  unknownOverwrite: [404, Code.UnknownPermissionOverwrite, 'Unknown Overwrite'],
  unknownRole: [404, Code.UnknownRole, 'Unknown Role'],
  unknownUser: [404, Code.UnknownUser, 'Unknown User'],
  unknownEmoji: [400, Code.UnknownEmoji, 'Unknown Emoji'],
  unknownWebhook: [404, Code.UnknownWebhook, 'Unknown Webhook'],
  unknownBan: [404, Code.UnknownBan, 'Unknown Ban'],
  unknownInteraction: [404, Code.UnknownInteraction, 'Unknown interaction'],
  unknownCommand: [404, Code.UnknownApplicationCommand, 'Unknown application command'],
  unknownVoiceState: [404, Code.UnknownVoiceState, 'Unknown Voice State'],
  alreadyAcknowledged: [
    400,
    Code.InteractionHasAlreadyBeenAcknowledged,
    'Interaction has already been acknowledged.',
  ],
  requestTooLarge: [413, Code.RequestEntityTooLarge, 'Request entity too large'],
  notInVoice: [400, Code.TargetUserIsNotConnectedToVoice, 'Target user is not connected to voice.'],
  tooManyRoles: [400, Code.MaximumNumberOfGuildRolesReached, 'Maximum number of guild roles reached (250)'],
  tooManyChannels: [400, Code.MaximumNumberOfGuildChannelsReached, 'Maximum number of server channels reached (500)'],
  tooManyPins: [400, Code.MaximumNumberOfPinsReachedForTheChannel, 'Maximum number of pins reached in this channel (50)'],
  tooManyReactions: [400, Code.MaximumNumberOfReactionsReached, 'Maximum number of reactions reached (20)'],
  missingAccess: [403, Code.MissingAccess, 'Missing Access'],
  missingPermissions: [403, Code.MissingPermissions, 'Missing Permissions'],
  notOnDirectMessage: [400, Code.CannotExecuteActionOnDMChannel, 'Cannot execute action on a DM channel'],
  notOwnMessage: [403, Code.CannotEditMessageAuthoredByAnotherUser, 'Cannot edit a message authored by another user'],
  emptyMessage: [400, Code.CannotSendAnEmptyMessage, 'Cannot send an empty message'],
  cannotMessageUser: [403, Code.CannotSendMessagesToThisUser, 'Cannot send messages to this user'],
  notATextChannel: [
    400,
    Code.CannotSendMessagesInNonTextChannel,
    'Cannot send messages in a non-text channel',
  ],
  invalidWebhookToken: [401, Code.InvalidWebhookToken, 'Invalid Webhook Token'],
  bulkDeleteCount: [
    400,
    Code.ProvidedTooFewOrTooManyMessagesToDelete,
    'Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.',
  ],
  bulkDeleteAge: [
    400,
    Code.OneOfTheMessagesProvidedWasTooOldForBulkDelete,
    'You can only bulk delete messages that are under 14 days old.',
  ],
  systemMessage: [403, Code.CannotExecuteActionOnSystemMessage, 'Cannot execute action on a system message'],
  invalidRole: [400, Code.InvalidRole, 'Invalid Role'],
  bulkBanFailed: [400, Code.FailedToBanUsers, 'Failed to ban users'],
  malformedJson: [400, 50109, 'The request body contains invalid JSON.'],
} as const satisfies Record<string, readonly [number, number, string]>

export type RefusalName = keyof typeof fixed

/** A refusal with Discord's own wording. */
export function refuse(name: RefusalName): Refusal {
  const [status, code, message] = fixed[name]
  return new Refusal(status, { message, code })
}
