/**
 * `/help`: the commands that this member may use, in their language.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType, MessageFlags, PermissionFlagsBits } from 'discord-api-types/v10'
import { textsFor } from '../texts/choose-texts.ts'
import { wordsOf } from '../texts/command-words.ts'
import { accentColor } from '../voice/board-message.ts'
import type { CommandContext, SlashCommand } from './slash-command.ts'

const descriptionLengthMax = 4_096

type Definition = SlashCommand['definition']
type Localized = Pick<Definition, 'name' | 'description' | 'name_localizations' | 'description_localizations'>

export const help: SlashCommand = {
  definition: { ...wordsOf('help'), type: ApplicationCommandType.ChatInput, contexts: [InteractionContextType.Guild] },
  answer(context) {
    const { panels } = textsFor(context.interaction.locale)
    const lines = context.commands.filter((definition) => mayUse(context, definition)).flatMap((definition) => linesOf(context, definition))
    return {
      flags: MessageFlags.Ephemeral,
      allowed_mentions: { parse: [] },
      embeds: [{ title: panels.helpTitle, color: accentColor, description: within(lines), footer: { text: panels.helpFooter } }],
    }
  },
}

/** As Discord decides it, overrides of the server aside: those are not told to bots. */
function mayUse({ interaction }: CommandContext, { default_member_permissions: needed }: Definition): boolean {
  const has = BigInt(interaction.member?.permissions ?? '0')
  if (needed === undefined || needed === null || (has & PermissionFlagsBits.Administrator) !== 0n) return true
  return (has & BigInt(needed)) === BigInt(needed)
}

function linesOf({ interaction: { locale } }: CommandContext, definition: Definition): readonly string[] {
  const nameOf = (part: Localized): string => part.name_localizations?.[locale] ?? part.name
  const descriptionOf = (part: Localized): string => part.description_localizations?.[locale] ?? part.description
  const subcommands = (definition.options ?? []).filter(({ type }) => type === ApplicationCommandOptionType.Subcommand)
  if (subcommands.length === 0) return [`\`/${nameOf(definition)}\` ${descriptionOf(definition)}`]
  return subcommands.map((sub) => `\`/${nameOf(definition)} ${nameOf(sub)}\` ${descriptionOf(sub)}`)
}

function within(lines: readonly string[]): string {
  const shown: string[] = []
  let length = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > descriptionLengthMax) return [...shown, '…'].join('\n')
    shown.push(line)
  }
  return shown.join('\n')
}
