/**
 * Reads the options of a slash command as Discord sends them: nested for subcommands, typed by number.
 */
import type {
  APIApplicationCommandInteractionDataOption,
  APIChatInputApplicationCommandInteraction,
  InteractionType,
} from 'discord-api-types/v10'
import { ApplicationCommandOptionType } from 'discord-api-types/v10'

type Option = APIApplicationCommandInteractionDataOption<InteractionType.ApplicationCommand>

export interface ReadOptions {
  /** Name of the subcommand, or null. */
  readonly subcommand: string | null
  text(name: string): string | null
  integer(name: string): number | null
  boolean(name: string): boolean | null
}

export function readOptions(interaction: APIChatInputApplicationCommandInteraction): ReadOptions {
  const top: readonly Option[] = interaction.data.options ?? []
  const sub = top.find((option) => option.type === ApplicationCommandOptionType.Subcommand)
  const values = sub?.type === ApplicationCommandOptionType.Subcommand ? (sub.options ?? []) : top
  const valueOf = (name: string): unknown => {
    const option = values.find((candidate) => candidate.name === name)
    return option !== undefined && 'value' in option ? option.value : undefined
  }
  return {
    subcommand: sub?.name ?? null,
    text(name) {
      const value = valueOf(name)
      return typeof value === 'string' ? value : null
    },
    integer(name) {
      const value = valueOf(name)
      return typeof value === 'number' && Number.isInteger(value) ? value : null
    },
    boolean(name) {
      const value = valueOf(name)
      return typeof value === 'boolean' ? value : null
    },
  }
}
