/**
 * What stands in the option that a member is typing, for suggestions.
 */
import type { APIApplicationCommandAutocompleteInteraction } from 'discord-api-types/v10'

interface Typed {
  readonly value?: unknown
  readonly focused?: boolean
  readonly options?: readonly Typed[]
}

export function typedText({ data }: APIApplicationCommandAutocompleteInteraction): string {
  const every = (options: readonly Typed[]): readonly Typed[] => options.flatMap((option) => [option, ...every(option.options ?? [])])
  const focused = every(data.options as readonly Typed[]).find((option) => option.focused === true)
  return typeof focused?.value === 'string' ? focused.value : ''
}
