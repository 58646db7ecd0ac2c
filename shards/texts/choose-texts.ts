/**
 * Which words a person reads: by the locale of their Discord client; posts for everybody by that of the server.
 */
import type { APIInteraction } from 'discord-api-types/v10'
import { english } from './english.ts'
import { german } from './german.ts'
import type { Texts } from './texts.ts'

/** A language whose texts there are, as Discord names its locales. https://docs.discord.com/developers/reference#locales */
export const languages: ReadonlyMap<string, Texts> = new Map([
  ['en-US', english],
  ['en-GB', english],
  ['de', german],
])

/** A ping has no locale, and no person. */
export function textsForInteraction(interaction: APIInteraction): Texts {
  return textsFor('locale' in interaction ? interaction.locale : undefined)
}

/** English where a language has no texts of its own. */
export function textsFor(locale: string | undefined): Texts {
  return languages.get(locale ?? '') ?? english
}
