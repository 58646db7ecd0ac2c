/**
 * The edit interface: the panel as it stands, and everything that can be done with it. Only the admin sees it.
 *
 * Views hold nothing of their own: each button names its panel, so that one that was opened an hour ago, or before a
 * restart, works like a new one. Texts that a form is filled in with stand in the message that opens it.
 */
import type { APIEmbed, APIEmbedField } from 'discord-api-types/v10'
import { ButtonStyle, MessageFlags } from 'discord-api-types/v10'
import type { Panel, PanelRole } from '../../actors/protocol/role-panel.ts'
import type { PanelWithSeats } from '../../actors/protocol/role-panels.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { truncateText } from '../../kernel/text.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import type { Texts } from '../texts/texts.ts'
import type { ButtonSpec } from './edit-components.ts'
import { editButton } from './edit-components.ts'
import { row } from './panel-components.ts'
import { formatSpan } from './span.ts'

const fieldLengthMax = 1_024
/** What stands where nothing is set, in every language. */
export const nothing = '—'

export interface View {
  readonly content?: string
  readonly embeds: readonly APIEmbed[]
  readonly components: MessageAnswer['components']
}

/** An answer for the admin alone; what a message had before and the view has not goes. */
export function viewAnswer({ content = '', embeds, components = [] }: View): MessageAnswer {
  return { content, embeds: [...embeds], components, flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] } }
}

export function mainView(texts: Texts, guildId: GuildId, panel: PanelWithSeats, note = ''): MessageAnswer {
  const { panels } = texts
  const ids = { guildId, panelId: panel.panelId }
  const button = (spec: ButtonSpec) => editButton(ids, spec)
  const isEmpty = panel.roles.length === 0
  const otherStyle = panel.style === 'buttons' ? 'menu' : 'buttons'
  return viewAnswer({
    content: note,
    embeds: [mainEmbed(texts, panel)],
    components: [
      row(
        button({ action: 'add', label: panels.addRoles, style: ButtonStyle.Primary }),
        button({ action: 'edit', label: panels.editRole, disabled: isEmpty }),
        button({ action: 'remove', label: panels.removeRoles, disabled: isEmpty }),
      ),
      row(
        button({ action: 'text-form', label: panels.editText }),
        button({ action: 'style', label: panels.toStyle[otherStyle], args: [otherStyle] }),
        button({ action: 'mode', label: panels.modeButton }),
        button({ action: 'color', label: panels.colorButton }),
      ),
      row(
        button({ action: 'preview', label: panels.preview, disabled: isEmpty }),
        button({ action: 'post', label: panel.target === null ? panels.post : panels.move, style: ButtonStyle.Success, disabled: isEmpty, args: ['0'] }),
        ...(panel.target === null ? [] : [button({ action: 'update', label: panels.update, disabled: isEmpty })]),
        button({ action: 'delete', label: panels.delete, style: ButtonStyle.Danger }),
      ),
    ],
  })
}

function mainEmbed(texts: Texts, panel: PanelWithSeats): APIEmbed {
  const { panels } = texts
  const field = (name: string, value: string, inline = false): APIEmbedField => ({ name, value: truncateText(value, fieldLengthMax), inline })
  const mode = panel.mode === 'limit' ? panels.modeLimits(panel.min, panel.max) : panels.modes[panel.mode]
  const roles = panel.roles.map((entry) => describeEntry(texts, panel, entry)).join('\n')
  return {
    title: panel.name,
    color: panel.color,
    ...(panel.description === '' ? {} : { description: panel.description }),
    fields: [
      field(panels.rolesCount(panel.roles.length), roles === '' ? panels.noRolesYet : roles),
      field(panels.styleField, panels.styles[panel.style], true),
      field(panels.modeField, mode, true),
      field(panels.placeField, describePlace(texts, panel), true),
    ],
  }
}

function describePlace(texts: Texts, panel: Panel): string {
  const { panels } = texts
  if (panel.target === null) return panels.draft
  if (panel.failure !== null) return panels.showFailed(`<#${panel.target}>`, sayFailure(texts, panel.failure))
  return panel.shownRevision < panel.revision || panel.post?.channelId !== panel.target ? panels.showing(`<#${panel.target}>`) : `<#${panel.target}>`
}

function describeEntry(texts: Texts, panel: PanelWithSeats, entry: PanelRole): string {
  const { panels } = texts
  const { roleId, label, emoji, seats, temporaryMs, required, forbidden } = entry
  const mentions = (roles: readonly string[]): string => roles.map((role) => `<@&${role}>`).join(' ')
  const rules = [
    temporaryMs === null ? null : panels.forSpan(formatSpan(texts, temporaryMs)),
    seats === null ? null : panels.seatsTaken(panel.holders[roleId]?.length ?? 0, seats),
    required.length === 0 ? null : `${panels.requiredShort} ${mentions(required)}`,
    forbidden.length === 0 ? null : `${panels.forbiddenShort} ${mentions(forbidden)}`,
    entry.confirmed === '0' ? null : panels.dangerousShort,
  ].filter((rule) => rule !== null)
  return [`${emoji === null ? '' : `${emoji} `}<@&${roleId}> ${label}`, ...rules].join(' · ')
}
