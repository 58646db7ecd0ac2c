/**
 * A panel as everybody sees it: its text, what its roles are, and what can be clicked.
 */
import type { APIEmbed, APIEmbedField, RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10'
import type { Panel, PanelRole } from '../../actors/protocol/role-panel.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { Texts } from '../texts/texts.ts'
import { publicRows } from './panel-components.ts'
import { formatSpan } from './span.ts'

/** https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
const fieldLengthMax = 1_024
const embedLengthMax = 6_000
const fieldsMax = 25

export function panelMessage(texts: Texts, guildId: GuildId, panel: Panel): Pick<RESTPostAPIChannelMessageJSONBody, 'embeds' | 'components' | 'allowed_mentions'> {
  return { embeds: [panelEmbed(texts, panel)], components: publicRows(texts, guildId, panel), allowed_mentions: { parse: [] } }
}

export function panelEmbed(texts: Texts, panel: Panel): APIEmbed {
  const { name, description, color } = panel
  const used = name.length + description.length
  // In a menu each role's own words stand beside it.
  const lines = panel.style === 'menu' ? [] : panel.roles.map((entry) => roleLine(texts, entry)).filter((line) => line !== null)
  return {
    title: name,
    color,
    ...(description === '' ? {} : { description }),
    fields: fieldsWithin(texts.panels.rolesField, lines, embedLengthMax - used),
  }
}

/** Null: its label says it all. */
function roleLine(texts: Texts, entry: PanelRole): string | null {
  const words = [
    entry.description,
    entry.temporaryMs === null ? null : texts.panels.forSpan(formatSpan(texts, entry.temporaryMs)),
    entry.seats === null ? null : texts.panels.seats(entry.seats),
  ].filter((part) => part !== null)
  if (words.length === 0) return null
  return `${entry.emoji === null ? '' : `${entry.emoji} `}**${entry.label}** · ${words.join(' · ')}`
}

/** Lines in fields of Discord's length; what does not fit the embed is left out. */
function fieldsWithin(name: string, lines: readonly string[], lengthMax: number): APIEmbedField[] {
  const fields: APIEmbedField[] = []
  let left = lengthMax
  for (const line of lines) {
    const last = fields.at(-1)
    const fits = last !== undefined && last.value.length + 1 + line.length <= fieldLengthMax
    const cost = fits ? line.length + 1 : line.length + name.length
    if (cost > left || (!fits && fields.length >= fieldsMax)) break
    left -= cost
    if (fits && last !== undefined) last.value = `${last.value}\n${line}`
    else fields.push({ name: fields.length === 0 ? name : '\u200b', value: line })
  }
  return fields
}
