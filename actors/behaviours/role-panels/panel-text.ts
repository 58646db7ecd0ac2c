/**
 * What may be written on a panel. Lengths are Discord's, counted in UTF-16 units as it counts them.
 */
import type { PanelRefusal } from '../../protocol/role-panels.ts'
import type { State } from './state.ts'

export const nameLengthMax = 100
export const descriptionLengthMax = 4_000
export const labelLengthMax = 80
export const roleDescriptionLengthMax = 100

/** Built by name: the flag `v` is newer than what the compiler is told to write. */
const unicodeEmoji = new RegExp('^\\p{RGI_Emoji}$', 'v')
const customEmoji = /^<a?:\w{2,32}:\d{17,20}>$/

export const isEmoji = (text: string): boolean => unicodeEmoji.test(text) || customEmoji.test(text)

/** What is wrong with a panel's name; `besides` is the panel that may have it already. */
export function nameProblem(state: State, name: string, besides: string | null): PanelRefusal | null {
  if (name === '') return 'name-empty'
  if (name.length > nameLengthMax) return 'name-too-long'
  const folded = foldName(name)
  const isTaken = Object.values(state.panels).some((panel) => panel.panelId !== besides && foldName(panel.name) === folded)
  return isTaken ? 'name-taken' : null
}

/** Two names that differ only in case, or in how a letter is composed, are one. */
export const foldName = (name: string): string => name.normalize('NFKC').toLowerCase()
