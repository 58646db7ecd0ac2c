/**
 * What role panels need beside the guild's actor: who stands above whom, who waits for an answer, what a member holds.
 */
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { GuildId, RoleId, UserId } from '../../kernel/ids.ts'
import type { GuildFacts } from './guild-facts.ts'

export interface PanelDesk {
  /** Null: this process does not hear the guild. */
  facts(guildId: GuildId): GuildFacts | null
  /** Begins to wait for the outcome of a role change; before it is asked for. */
  awaitAnswer(interactionId: string): { readonly answer: Promise<MessageAnswer>; leave(): void }
  /** Asks Discord; null: they are no member. */
  rolesOf(guildId: GuildId, userId: UserId): Promise<readonly RoleId[] | null>
}
