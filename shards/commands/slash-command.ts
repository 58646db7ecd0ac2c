/**
 * What a slash command is in this house: a definition for Discord, a parser, and an answer.
 *
 * A command holds no rules. It turns an interaction into a question for the guild's actor and the actor's reply into a
 * message, or it answers from what the process knows about itself (`/ping`, `/about`). What a member does with a button or
 * a modal is answered in the same way (../interactions/component-handler.ts).
 */
import type {
  APIApplicationCommandAutocompleteInteraction,
  APIApplicationCommandOptionChoice,
  APIChatInputApplicationCommandInteraction,
  APIInteractionResponseCallbackData,
  APIModalInteractionResponseCallbackData,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord-api-types/v10'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { PanelDesk } from '../panels/panel-desk.ts'
import type { RecordsDesk } from '../records/records-desk.ts'
import type { SigningDesk } from '../signing/signing-desk.ts'
import type { AttendanceDesk } from '../attendance/attendance-desk.ts'
import type { VoiceDesk } from '../voice/voice-desk.ts'
import type { GuildId, UserId } from '../../kernel/ids.ts'

/** A picture beside a message; an embed shows it as `attachment://name`. */
export interface AnswerFile {
  readonly name: string
  readonly data: Uint8Array
  /** `image/png` where it is not said. */
  readonly contentType?: string
}

/** `files` are sent as parts of their own (rest-responder.ts). */
export type MessageAnswer = APIInteractionResponseCallbackData & { readonly files?: readonly AnswerFile[] }

/** A form for the member. Only an interaction that was not deferred can be answered with one. */
export interface ModalAnswer {
  readonly modal: APIModalInteractionResponseCallbackData
}

/** A modal is given at once, never as a promise: so it cannot come after a deferral. */
export type Answer = ModalAnswer | MessageAnswer | Promise<MessageAnswer>

/** What any interaction may ask while it is answered. */
export interface InteractionContext {
  readonly guildId: GuildId
  readonly byUserId: UserId
  /**
   * Asks the guild's actor under the interaction's own op id: a redelivered interaction takes effect once. A second
   * question of the same interaction names its step.
   */
  ask(command: Command, step?: string): Promise<Outcome>
  /** What was asked for takes its time: the person is told so at once, by Discord itself or in the words of `meanwhile`. */
  expectSlow(meanwhile?: MessageAnswer): void
  readonly process: ProcessFacts
  readonly signing: SigningDesk
  readonly records: RecordsDesk
  readonly voice: VoiceDesk
  readonly panels: PanelDesk
  readonly attendance: AttendanceDesk
  /** When this process got the interaction, Unix ms by the database's clock. */
  readonly receivedAt: number
}

export interface CommandContext extends InteractionContext {
  readonly interaction: APIChatInputApplicationCommandInteraction
  /** Every command there is, for `/help`. */
  readonly commands: readonly SlashCommand['definition'][]
}

/** While an option is being typed. */
export interface TypingContext extends InteractionContext {
  readonly interaction: APIApplicationCommandAutocompleteInteraction
}

/** Offered while an option is being typed: at most 25, each name and value at most 100 characters. */
export type Choices = readonly APIApplicationCommandOptionChoice<string>[]

/** What `/ping` and `/about` tell. */
export interface ProcessFacts {
  readonly version: string
  readonly incarnation: string
  shardOf(guild: GuildId): { readonly shardId: number; readonly shardCount: number }
  /** True when this process owns the guild's slot. */
  owns(guild: GuildId): boolean
  /** Milliseconds between a heartbeat and its answer, or null before the first. */
  gatewayPingMs(guild: GuildId): number | null
  pingDatabaseMs(): Promise<number>
  pingRestMs(): Promise<number>
  /** Everything in voice of this guild, told again to its actor: after tracking was switched on. */
  reconcile(guild: GuildId): void
}

export interface SlashCommand {
  readonly definition: RESTPostAPIChatInputApplicationCommandsJSONBody
  answer(context: CommandContext): Answer
  /** Judged by the instant in its id: decided after others that were sent later it means the same. */
  readonly mayWait?: true
  /** For options with autocompletion. Nothing is offered where it fails. */
  offer?(context: TypingContext): Promise<Choices>
}
