/**
 * What answers buttons, menus and modals: one handler a feature, one file each under ../components.
 *
 * By the time a handler is asked the custom id is of its feature and of the guild where it was clicked, and the member
 * has the permission that the handler names: both are looked at again at every click, because a message outlives the
 * permissions of those who see it.
 */
import type { APIMessageComponentInteraction, APIModalSubmitInteraction } from 'discord-api-types/v10'
import type { Answer, InteractionContext } from '../commands/slash-command.ts'

export interface ClickContext extends InteractionContext {
  readonly interaction: APIMessageComponentInteraction
  readonly action: string
  readonly args: readonly string[]
}

export interface SubmitContext extends InteractionContext {
  readonly interaction: APIModalSubmitInteraction
  readonly action: string
  readonly args: readonly string[]
  /** What was typed into a text input; empty when there is no such input. */
  text(name: string): string
}

export interface ComponentHandler {
  /** First part of its custom ids. */
  readonly feature: string
  /** A permission bit that the member needs (administrators have it); null: everybody may. */
  readonly permission: bigint | null
  /** True: an answer to a click takes the place of the message that was clicked. */
  readonly replacesMessage: boolean | ((action: string) => boolean)
  click?(context: ClickContext): Answer
  submit?(context: SubmitContext): Answer
}
