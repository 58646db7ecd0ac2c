/**
 * Who answers an interaction: a slash command by its name, a button, menu or modal by its custom id.
 *
 * What an interaction claims is checked here once for all features: that it comes from a guild, that a custom id is of
 * this guild, and that the member still has the permission. What nobody answers any more is told what to do instead.
 */
import type {
  APIChatInputApplicationCommandInteraction,
  APIInteraction,
  APIMessageComponentInteraction,
  APIModalSubmitInteraction,
} from 'discord-api-types/v10'
import { ApplicationCommandType, InteractionType, MessageFlags } from 'discord-api-types/v10'
import { isSnowflake } from '../../kernel/ids.ts'
import type { Answer, Choices, InteractionContext, MessageAnswer, SlashCommand } from '../commands/slash-command.ts'
import { textsForInteraction } from '../texts/choose-texts.ts'
import type { ComponentHandler } from './component-handler.ts'
import { parseCustomId } from './custom-id.ts'
import { modalText } from './modal-text.ts'
import { refuseWithout } from './permission.ts'

export interface Typing {
  readonly name: string
  offer(context: InteractionContext): Promise<Choices>
}

export interface Routed {
  /** For the log: a command's name, or feature and action. */
  readonly name: string
  /** True: the answer takes the place of the message that was clicked. */
  readonly replacesMessage: boolean
  /** Judged by its own instant: where it reached us late it may be decided after others that were sent later. */
  readonly mayWait: boolean
  answer(context: InteractionContext): Answer
}

export interface Routes {
  readonly commands: ReadonlyMap<string, SlashCommand>
  readonly components: ReadonlyMap<string, ComponentHandler>
  readonly definitions: readonly SlashCommand['definition'][]
}

const gone = (content: string): MessageAnswer => ({ content, flags: MessageFlags.Ephemeral })

/** Somebody types an option that is completed; null: it is no such interaction. */
export function routeTyping(routes: Routes, interaction: APIInteraction): Typing | null {
  if (interaction.type !== InteractionType.ApplicationCommandAutocomplete) return null
  const { name } = interaction.data
  const isFromGuild = interaction.guild_id !== undefined && isSnowflake(interaction.guild_id)
  const command = isFromGuild ? routes.commands.get(name) : undefined
  return { name, offer: (context) => command?.offer?.({ ...context, interaction }) ?? Promise.resolve([]) }
}

/** null: a kind of interaction that this bot offers nobody. */
export function routeInteraction(routes: Routes, interaction: APIInteraction): Routed | null {
  const goneCommand = gone(textsForInteraction(interaction).goneCommand)
  const isFromGuild = interaction.guild_id !== undefined && isSnowflake(interaction.guild_id)
  switch (interaction.type) {
    case InteractionType.ApplicationCommand: {
      if (interaction.data.type !== ApplicationCommandType.ChatInput) return null
      const { name } = interaction.data
      const command = isFromGuild ? routes.commands.get(name) : undefined
      const asked = interaction as APIChatInputApplicationCommandInteraction
      return {
        name,
        replacesMessage: false,
        mayWait: command?.mayWait === true,
        answer: (context) => command?.answer({ ...context, interaction: asked, commands: routes.definitions }) ?? goneCommand,
      }
    }
    case InteractionType.MessageComponent:
    case InteractionType.ModalSubmit:
      return routeComponent(routes, interaction)
    default:
      return null
  }
}

function routeComponent(routes: Routes, interaction: APIMessageComponentInteraction | APIModalSubmitInteraction): Routed {
  const id = parseCustomId(interaction.data.custom_id)
  const goneComponent = gone(textsForInteraction(interaction).goneComponent)
  const handler = id === null || id.guildId !== interaction.guild_id ? undefined : routes.components.get(id.feature)
  const told = (answer: MessageAnswer): Routed => ({ name: 'component', replacesMessage: false, mayWait: false, answer: () => answer })
  if (id === null || handler === undefined) return told(goneComponent)
  const refusal = handler.permission === null ? null : refuseWithout(handler.permission, interaction)
  if (refusal !== null) return told(refusal)
  const { action, args } = id
  return {
    name: `${id.feature}:${action}`,
    // A modal that was opened from a button carries its message too.
    replacesMessage: interaction.message !== undefined && replaces(handler, action),
    mayWait: false,
    answer(context) {
      if (interaction.type === InteractionType.MessageComponent) {
        return handler.click?.({ ...context, interaction, action, args }) ?? goneComponent
      }
      const text = (name: string): string => modalText(interaction, name)
      return handler.submit?.({ ...context, interaction, action, args, text }) ?? goneComponent
    },
  }
}

const replaces = ({ replacesMessage }: ComponentHandler, action: string): boolean =>
  typeof replacesMessage === 'function' ? replacesMessage(action) : replacesMessage
