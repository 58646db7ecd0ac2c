/**
 * Buttons and menus of a panel, as Discord takes them. Everything a click needs is in its custom id.
 */
import type {
  APIActionRowComponent,
  APIButtonComponentWithCustomId,
  APIComponentInMessageActionRow,
  APIMessage,
  APIMessageComponentEmoji,
  APISelectMenuOption,
  APIStringSelectComponent,
} from 'discord-api-types/v10'
import { ButtonStyle, ComponentType } from 'discord-api-types/v10'
import type { Panel, PanelRole } from '../../actors/protocol/role-panel.ts'
import type { GuildId, RoleId } from '../../kernel/ids.ts'
import { formatCustomId, parseCustomId } from '../interactions/custom-id.ts'
import type { Texts } from '../texts/texts.ts'

/** First parts of custom ids: what everybody clicks, the menus of one member, what admins click, what is only shown. */
export const panelFeature = 'panel'
export const menusFeature = 'panel-menus'
export const editFeature = 'panel-edit'
export const previewFeature = 'panel-preview'

export type Row = APIActionRowComponent<APIComponentInMessageActionRow>

/** https://docs.discord.com/developers/components/reference */
export const rowsMax = 5
export const buttonsPerRow = 5
export const optionsPerMenu = 25

export const row = (...components: readonly APIComponentInMessageActionRow[]): Row => ({ type: ComponentType.ActionRow, components: [...components] })

/** `<:name:id>`, `<a:name:id>`, or the emoji itself. */
export function emojiOf(text: string): APIMessageComponentEmoji {
  const custom = /^<(a?):(\w+):(\d+)>$/.exec(text)
  if (custom === null) return { name: text }
  const [, animated, name = '', id = ''] = custom
  return animated === 'a' ? { id, name, animated: true } : { id, name }
}

/** What stands below the panel's text for everybody. `isDead`: a preview, which does nothing. */
export function publicRows(texts: Texts, guildId: GuildId, panel: Panel, isDead = false): Row[] {
  const feature = isDead ? previewFeature : panelFeature
  const button = (action: string, label: string, args: readonly string[], entry: PanelRole | null): APIButtonComponentWithCustomId => ({
    type: ComponentType.Button,
    style: entry === null ? ButtonStyle.Primary : ButtonStyle.Secondary,
    label,
    custom_id: formatCustomId({ feature, action, guildId, args }),
    ...(entry === null || entry.emoji === null ? {} : { emoji: emojiOf(entry.emoji) }),
    ...(isDead ? { disabled: true } : {}),
  })
  if (panel.roles.length === 0) return []
  if (panel.style === 'menu') return [row(button('open', texts.panels.chooseRoles, [panel.panelId], null))]
  const buttons = panel.roles.slice(0, rowsMax * buttonsPerRow).map((entry) => button('role', entry.label, [panel.panelId, entry.roleId], entry))
  return chunks(buttons, buttonsPerRow).map((some) => row(...some))
}

/** The menus of one member: each holds its own roles, and what they have is chosen already. */
export function memberMenus(texts: Texts, guildId: GuildId, options: { readonly panel: Panel; readonly held: readonly RoleId[]; readonly isDead?: boolean }): Row[] {
  const { panel, held, isDead = false } = options
  const isSingle = panel.mode === 'unique' || panel.mode === 'binding'
  const menus = chunks(panel.roles, optionsPerMenu).slice(0, rowsMax)
  return menus.map((entries, index) => {
    const chosen = entries.filter(({ roleId }) => held.includes(roleId)).map(({ roleId }) => roleId)
    // Somebody may hold more than one of a panel that gives only one: a menu may not show more than it takes.
    const shown = isSingle ? chosen.slice(0, 1) : chosen
    const menu: APIStringSelectComponent = {
      type: ComponentType.StringSelect,
      custom_id: formatCustomId({ feature: isDead ? previewFeature : menusFeature, action: 'sync', guildId, args: [panel.panelId, String(index)] }),
      placeholder: menus.length === 1 ? texts.panels.menuPlaceholder : texts.panels.menuPlaceholderOf(index + 1, menus.length),
      min_values: 0,
      max_values: isSingle ? 1 : entries.length,
      options: entries.map((entry) => optionOf(entry, shown.includes(entry.roleId))),
      ...(isDead ? { disabled: true } : {}),
    }
    return row(menu)
  })
}

export function optionOf(entry: PanelRole, isChosen: boolean): APISelectMenuOption {
  return {
    label: entry.label,
    value: entry.roleId,
    ...(entry.description === null ? {} : { description: entry.description }),
    ...(entry.emoji === null ? {} : { emoji: emojiOf(entry.emoji) }),
    ...(isChosen ? { default: true } : {}),
  }
}

/** True when some part of the message acts on that panel. */
export function isMessageOfPanel(message: Pick<APIMessage, 'components'>, panelId: string): boolean {
  const rows = (message.components ?? []) as readonly { readonly components?: readonly { readonly custom_id?: string }[] }[]
  return rows.some(({ components = [] }) =>
    components.some(({ custom_id: id }) => {
      const parsed = parseCustomId(id ?? '')
      return parsed?.feature === panelFeature && parsed.args[0] === panelId
    }),
  )
}

export function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))
}
