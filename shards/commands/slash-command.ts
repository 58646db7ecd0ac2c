/**
 * What a slash command is in this house: a definition for Discord, a parser, and an answer.
 *
 * A command holds no rules. It turns an interaction into a question for the guild's actor and the actor's reply into a
 * message, or it answers from what the process knows about itself (`/ping`, `/about`).
 */
import type {
  APIChatInputApplicationCommandInteraction,
  APIInteractionResponseCallbackData,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord-api-types/v10'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import type { GuildId } from '../../kernel/ids.ts'

export type MessageAnswer = APIInteractionResponseCallbackData

/** What a command may ask while it answers. */
export interface CommandContext {
  readonly interaction: APIChatInputApplicationCommandInteraction
  readonly guildId: GuildId
  /** Asks the guild's actor under the interaction's own op id: a redelivered interaction takes effect once. */
  ask(command: Command): Promise<Outcome>
  readonly process: ProcessFacts
}

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
  answer(context: CommandContext): Promise<MessageAnswer>
}
