/**
 * The views behind the buttons of the edit interface, each with a way back.
 */
import type { APISelectMenuOption } from 'discord-api-types/v10'
import { ButtonStyle } from 'discord-api-types/v10'
import type { Panel, PanelRole } from '../../actors/protocol/role-panel.ts'
import { panelModes } from '../../actors/protocol/role-panel.ts'
import type { PanelWithSeats } from '../../actors/protocol/role-panels.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { truncateText } from '../../kernel/text.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import type { Texts } from '../texts/texts.ts'
import { backButton, editButton, pagedMenu, roleMenu, stringMenu } from './edit-components.ts'
import { nothing, viewAnswer } from './edit-view.ts'
import type { GuildFacts, RoleFacts } from './guild-facts.ts'
import { dangerousPermissions, dangersOf, missingToPost } from './guild-facts.ts'
import { memberMenus, optionOf, optionsPerMenu, publicRows, row, rowsMax } from './panel-components.ts'
import { panelEmbed } from './panel-message.ts'
import { formatSpan, writeSpan } from './span.ts'

/** Nine that have a name; any other is typed. Discord's own of each. */
export const namedColors = {
  red: 0xed4245, orange: 0xe67e22, yellow: 0xfee75c, green: 0x57f287, teal: 0x1abc9c, blue: 0x3498db, blurple: 0x5865f2, purple: 0x9b59b6, pink: 0xeb459e,
} as const
export type NamedColor = keyof typeof namedColors

const idsOf = (guildId: GuildId, { panelId }: Pick<Panel, 'panelId'>) => ({ guildId, panelId })

export function addView(texts: Texts, guildId: GuildId, panelId: string): MessageAnswer {
  const ids = { guildId, panelId }
  return viewAnswer({
    content: texts.panels.addQuestion,
    embeds: [],
    components: [
      row(roleMenu(ids, { action: 'add-pick', placeholder: texts.panels.addPlaceholder, min: 1, max: optionsPerMenu })),
      row(backButton(ids, texts)),
    ],
  })
}

/** Roles that carry dangerous permissions are chosen a second time, each with what it carries. */
export function dangerView(texts: Texts, guildId: GuildId, options: { readonly panelId: string; readonly roles: readonly RoleFacts[]; readonly note: string }): MessageAnswer {
  const { panelId, roles, note } = options
  const ids = { guildId, panelId }
  const choices = roles.slice(0, optionsPerMenu).map((role): APISelectMenuOption => ({ label: role.name.slice(0, 100) || nothing, value: role.id, description: listDangers(role).slice(0, 100) }))
  const lines = roles.map((role) => `<@&${role.id}>: ${listDangers(role)}`)
  return viewAnswer({
    content: [note, texts.panels.dangerQuestion].filter((part) => part !== '').join('\n'),
    embeds: [{ color: namedColors.red, description: lines.join('\n').slice(0, 4_000) }],
    components: [
      row(stringMenu(ids, { action: 'danger-pick', placeholder: texts.panels.dangerPlaceholder, options: choices, max: optionsPerMenu })),
      row(backButton(ids, texts)),
    ],
  })
}

/** Discord's own names, which admins know from the role's settings. */
export function listDangers(role: RoleFacts): string {
  const bits = dangersOf(role)
  return dangerousPermissions.filter(({ bit }) => (bits & bit) !== 0n).map(({ name }) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')).join(', ')
}

/** Which entry is edited, or which go. */
export function pickView(texts: Texts, guildId: GuildId, options: { readonly panel: Panel; readonly what: 'edit' | 'remove'; readonly page: number }): MessageAnswer {
  const { panel, what, page } = options
  const { panels } = texts
  const words = what === 'edit' ? panels.editQuestion : panels.removeQuestion
  const choices = panel.roles.map((entry) => optionOf(entry, false))
  return viewAnswer({
    content: panel.roles.length === 0 ? panels.noRolesYet : words,
    embeds: [],
    components: pagedMenu(idsOf(guildId, panel), texts, {
      action: what,
      pick: `${what}-pick`,
      placeholder: what === 'edit' ? panels.editPlaceholder : panels.removePlaceholder,
      options: choices,
      page,
      max: what === 'edit' ? 1 : optionsPerMenu,
    }),
  })
}

/** One entry. Its form is filled in from this view: the order of the fields is what `entryForm` reads. */
export function entryView(texts: Texts, guildId: GuildId, options: { readonly panel: PanelWithSeats; readonly entry: PanelRole; readonly note?: string }): MessageAnswer {
  const { panel, entry, note = '' } = options
  const { panels } = texts
  const ids = idsOf(guildId, panel)
  const { roleId, label, emoji, description, temporaryMs, seats, required, forbidden } = entry
  const rule = { min: 0, max: limits.panelRuleRolesMax, args: [roleId] }
  const span = temporaryMs === null ? nothing : `${writeSpan(temporaryMs)}`
  return viewAnswer({
    content: note,
    embeds: [
      {
        title: label,
        color: panel.color,
        description: `<@&${roleId}>`,
        fields: [
          { name: panels.descriptionField, value: description ?? nothing },
          { name: panels.emojiField, value: emoji ?? nothing, inline: true },
          { name: panels.spanField, value: span, inline: true },
          { name: panels.seatsField, value: seats === null ? nothing : String(seats), inline: true },
          ...(seats === null ? [] : [{ name: panels.holdersField, value: panels.seatsTaken(panel.holders[roleId]?.length ?? 0, seats), inline: true }]),
          ...(temporaryMs === null ? [] : [{ name: panels.spanReads, value: formatSpan(texts, temporaryMs), inline: true }]),
        ],
      },
    ],
    components: [
      row(roleMenu(ids, { action: 'required', placeholder: panels.requiredPlaceholder, chosen: required, ...rule })),
      row(roleMenu(ids, { action: 'forbidden', placeholder: panels.forbiddenPlaceholder, chosen: forbidden, ...rule })),
      row(
        editButton(ids, { action: 'entry-form', label: panels.entryForm, args: [roleId], style: ButtonStyle.Primary }),
        editButton(ids, { action: 'edit', label: panels.otherRole, args: ['0'] }),
        backButton(ids, texts),
      ),
    ],
  })
}

export function modeView(texts: Texts, guildId: GuildId, panel: Panel): MessageAnswer {
  const ids = idsOf(guildId, panel)
  const choices = panelModes.map((mode): APISelectMenuOption => ({
    label: texts.panels.modes[mode],
    value: mode,
    description: texts.panels.modeExplained[mode],
    ...(panel.mode === mode ? { default: true } : {}),
  }))
  return viewAnswer({
    content: texts.panels.modeQuestion,
    embeds: [],
    components: [row(stringMenu(ids, { action: 'mode-pick', placeholder: texts.panels.modeButton, options: choices })), row(
      ...(panel.mode === 'limit' ? [editButton(ids, { action: 'limits-form', label: texts.panels.limitsForm, args: [String(panel.min), String(panel.max)] })] : []),
      backButton(ids, texts),
    )],
  })
}

export function colorView(texts: Texts, guildId: GuildId, panel: Panel): MessageAnswer {
  const ids = idsOf(guildId, panel)
  const choices = (Object.keys(namedColors) as NamedColor[]).map((name): APISelectMenuOption => ({
    label: texts.panels.colors[name],
    value: name,
    ...(namedColors[name] === panel.color ? { default: true } : {}),
  }))
  return viewAnswer({
    content: texts.panels.colorQuestion,
    embeds: [{ color: panel.color, description: `#${panel.color.toString(16).padStart(6, '0')}` }],
    components: [
      row(stringMenu(ids, { action: 'color-pick', placeholder: texts.panels.colorButton, options: choices })),
      row(editButton(ids, { action: 'color-form', label: texts.panels.otherColor, args: [panel.color.toString(16).padStart(6, '0')] }), backButton(ids, texts)),
    ],
  })
}

/** Channels where the bot can post, that of the panel first. */
export function postView(texts: Texts, guildId: GuildId, options: { readonly panel: Panel; readonly facts: GuildFacts; readonly page: number; readonly note?: string }): MessageAnswer {
  const { panel, facts, page, note = '' } = options
  const open = facts.channels().filter((channel) => missingToPost(channel).length === 0)
  const own = open.filter(({ id }) => id === panel.target)
  const choices = [...own, ...open.filter(({ id }) => id !== panel.target)].map((channel): APISelectMenuOption => ({ label: truncateText(`#${channel.name}`, 100), value: channel.id }))
  const words = choices.length === 0 ? texts.panels.noChannel : texts.panels.postQuestion
  return viewAnswer({
    content: [note, words].filter((part) => part !== '').join('\n'),
    embeds: [],
    components: pagedMenu(idsOf(guildId, panel), texts, { action: 'post', pick: 'post-pick', placeholder: texts.panels.postPlaceholder, options: choices, page }),
  })
}

export function deleteView(texts: Texts, guildId: GuildId, panel: Panel): MessageAnswer {
  const ids = idsOf(guildId, panel)
  const { panels } = texts
  const isPosted = panel.post !== null
  return viewAnswer({
    content: panels.deleteQuestion(panel.name),
    embeds: [],
    components: [
      row(
        editButton(ids, { action: 'delete-all', label: isPosted ? panels.deleteWithMessage : panels.deleteConfirm, style: ButtonStyle.Danger }),
        ...(isPosted ? [editButton(ids, { action: 'delete-panel', label: panels.deleteKeepMessage, style: ButtonStyle.Danger })] : []),
        backButton(ids, texts),
      ),
    ],
  })
}

/** As everybody will see it, and nothing in it does anything. */
export function previewAnswer(texts: Texts, serverTexts: Texts, guildId: GuildId, panel: Panel): MessageAnswer {
  const shown = publicRows(serverTexts, guildId, panel, true)
  const menus = panel.style === 'menu' ? memberMenus(texts, guildId, { panel, held: [], isDead: true }) : []
  return viewAnswer({ content: texts.panels.previewNote, embeds: [panelEmbed(serverTexts, panel)], components: [...shown, ...menus].slice(0, rowsMax) })
}
