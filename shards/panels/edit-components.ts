/**
 * The parts that views of the edit interface are made of: buttons, menus, and the way back.
 */
import type { APIButtonComponentWithCustomId, APIRoleSelectComponent, APISelectMenuOption, APIStringSelectComponent } from 'discord-api-types/v10'
import { ButtonStyle, ComponentType, SelectMenuDefaultValueType } from 'discord-api-types/v10'
import type { GuildId, RoleId } from '../../kernel/ids.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import type { Texts } from '../texts/texts.ts'
import type { Row } from './panel-components.ts'
import { editFeature, optionsPerMenu, row } from './panel-components.ts'

/** Names of what is clicked: the panel's id is their first argument. */
export interface EditIds {
  readonly guildId: GuildId
  readonly panelId: string
}

export const editId = ({ guildId, panelId }: EditIds, action: string, args: readonly string[] = []): string =>
  formatCustomId({ feature: editFeature, action, guildId, args: [panelId, ...args] })

export interface ButtonSpec {
  readonly action: string
  readonly label: string
  readonly args?: readonly string[]
  readonly style?: ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Success | ButtonStyle.Danger
  readonly disabled?: boolean
}

export function editButton(ids: EditIds, { action, label, args = [], style = ButtonStyle.Secondary, disabled = false }: ButtonSpec): APIButtonComponentWithCustomId {
  return { type: ComponentType.Button, style, label, custom_id: editId(ids, action, args), ...(disabled ? { disabled } : {}) }
}

export const backButton = (ids: EditIds, texts: Texts): APIButtonComponentWithCustomId => editButton(ids, { action: 'main', label: texts.panels.back })

export function stringMenu(
  ids: EditIds,
  spec: { readonly action: string; readonly args?: readonly string[]; readonly placeholder: string; readonly options: readonly APISelectMenuOption[]; readonly max?: number },
): APIStringSelectComponent {
  const { action, args = [], placeholder, options, max = 1 } = spec
  return { type: ComponentType.StringSelect, custom_id: editId(ids, action, args), placeholder, min_values: 1, max_values: Math.min(max, options.length), options: [...options] }
}

export function roleMenu(
  ids: EditIds,
  spec: { readonly action: string; readonly args?: readonly string[]; readonly placeholder: string; readonly min: number; readonly max: number; readonly chosen?: readonly RoleId[] },
): APIRoleSelectComponent {
  const { action, args = [], placeholder, min, max, chosen = [] } = spec
  return {
    type: ComponentType.RoleSelect,
    custom_id: editId(ids, action, args),
    placeholder,
    min_values: min,
    max_values: max,
    ...(chosen.length === 0 ? {} : { default_values: chosen.map((id) => ({ id, type: SelectMenuDefaultValueType.Role })) }),
  }
}

/** A menu of as many as Discord takes, with buttons to the rest. `page` counts from 0. */
export function pagedMenu(
  ids: EditIds,
  texts: Texts,
  spec: { readonly action: string; readonly pick: string; readonly placeholder: string; readonly options: readonly APISelectMenuOption[]; readonly page: number; readonly max?: number },
): Row[] {
  const { action, pick, placeholder, options, max } = spec
  const pages = Math.max(1, Math.ceil(options.length / optionsPerMenu))
  const page = Math.min(Math.max(0, spec.page), pages - 1)
  const shown = options.slice(page * optionsPerMenu, (page + 1) * optionsPerMenu)
  const turn = (label: string, to: number): APIButtonComponentWithCustomId =>
    editButton(ids, { action, label, args: [String(Math.max(0, to))], disabled: to < 0 || to >= pages })
  const turns = pages === 1 ? [] : [turn(texts.previousPage, page - 1), turn(texts.nextPage, page + 1)]
  const menu = shown.length === 0 ? [] : [row(stringMenu(ids, { action: pick, placeholder, options: shown, ...(max === undefined ? {} : { max }) }))]
  return [...menu, row(...turns, backButton(ids, texts))]
}
