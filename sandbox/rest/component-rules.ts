/**
 * Components of messages and modals: the bounds that Discord's description of their fields leaves out.
 *
 * Two layouts exist. The old one: at most 5 rows, nothing else on the top level, 5 buttons or one menu a row. The new
 * one (flag IS_COMPONENTS_V2): 40 components in all, 4000 characters of text in all, no content and no embeds.
 * In both a custom id is unique in its message and each button has what its style needs.
 * https://docs.discord.com/developers/components/reference
 */
import { ButtonStyle, ComponentType } from 'discord-api-types/v10'
import type { FormErrors, FormPath } from './form-errors.ts'

/** Any component as it comes in a request: only the fields that are looked at. */
export interface ComponentNode {
  readonly type: number
  readonly id?: number | null
  readonly custom_id?: string | null
  readonly style?: number
  readonly label?: string | null
  readonly url?: string | null
  readonly sku_id?: string | null
  readonly emoji?: object | null
  readonly content?: string
  readonly min_values?: number | null
  readonly max_values?: number | null
  readonly options?: readonly { readonly value: string; readonly default?: boolean | null }[]
  readonly components?: readonly ComponentNode[]
  readonly component?: ComponentNode
  readonly accessory?: ComponentNode
}

const rowsMax = 5
const componentsMax = 40
const textCharactersMax = 4_000
const modalInputsMax = 5

export function checkMessageComponents(components: readonly ComponentNode[], isV2: boolean, errors: FormErrors): void {
  const path = ['components']
  const nodes = walk(components, path)
  if (isV2) {
    if (nodes.length > componentsMax) {
      errors.add(path, 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', `Must be ${componentsMax} or fewer components in total.`)
    }
    if (nodes.reduce((sum, { node }) => sum + (node.content?.length ?? 0), 0) > textCharactersMax) {
      errors.add(path, 'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED', `Must be ${textCharactersMax} or fewer characters of text.`)
    }
  } else {
    if (components.length > rowsMax) errors.add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${rowsMax} in length.`)
    for (const [index, component] of components.entries()) {
      if (component.type === ComponentType.ActionRow) continue
      errors.add([...path, index], 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).')
    }
  }
  checkNodes(nodes, errors)
}

export function checkModalComponents(components: readonly ComponentNode[], errors: FormErrors): void {
  const path = ['components']
  if (components.length > modalInputsMax) {
    errors.add(path, 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${modalInputsMax} in length.`)
  }
  for (const [index, row] of components.entries()) {
    // In a modal a row holds one input; several are several rows.
    if (row.type !== ComponentType.ActionRow || (row.components ?? []).length <= 1) continue
    errors.add([...path, index, 'components'], 'BASE_TYPE_BAD_LENGTH', 'Must be 1 in length.')
  }
  const nodes = walk(components, path)
  for (const { node, path: at, parent } of nodes) {
    if (node.type !== ComponentType.TextInput || parent?.type === ComponentType.Label) continue
    if (!node.label) errors.add([...at, 'label'], 'BASE_TYPE_REQUIRED', 'This field is required')
  }
  checkNodes(nodes, errors)
}

interface PlacedNode {
  readonly node: ComponentNode
  readonly path: FormPath
  readonly parent: ComponentNode | undefined
}

/** Every component, outer before inner. */
function walk(components: readonly ComponentNode[], path: FormPath, parent?: ComponentNode): PlacedNode[] {
  return components.flatMap((node, index) => walkOne(node, [...path, index], parent))
}

function walkOne(node: ComponentNode, path: FormPath, parent?: ComponentNode): PlacedNode[] {
  return [
    { node, path, parent },
    ...walk(node.components ?? [], [...path, 'components'], node),
    ...(node.component ? walkOne(node.component, [...path, 'component'], node) : []),
    ...(node.accessory ? walkOne(node.accessory, [...path, 'accessory'], node) : []),
  ]
}

function checkNodes(nodes: readonly PlacedNode[], errors: FormErrors): void {
  const customIds = new Set<string>()
  const ids = new Set<number>()
  for (const { node, path } of nodes) {
    if (typeof node.custom_id === 'string') {
      if (customIds.has(node.custom_id)) {
        errors.add([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')
      }
      customIds.add(node.custom_id)
    }
    if (typeof node.id === 'number' && node.id > 0) {
      if (ids.has(node.id)) errors.add([...path, 'id'], 'COMPONENT_ID_DUPLICATED', 'Component id cannot be duplicated')
      ids.add(node.id)
    }
    if (node.type === ComponentType.Button) checkButton(node, path, errors)
    if (node.type === ComponentType.ActionRow) checkRowWidth(node, path, errors)
    if (node.type === ComponentType.StringSelect) checkOptions(node, path, errors)
  }
}

function checkButton(button: ComponentNode, path: FormPath, errors: FormErrors): void {
  const isLink = button.style === ButtonStyle.Link
  const isPremium = button.style === ButtonStyle.Premium
  if (isLink && !button.url) errors.add([...path, 'url'], 'BUTTON_COMPONENT_URL_REQUIRED', 'A url is required')
  if (isPremium) {
    if (!button.sku_id) errors.add([...path, 'sku_id'], 'BASE_TYPE_REQUIRED', 'This field is required')
    return
  }
  if (!isLink && !button.custom_id) {
    errors.add([...path, 'custom_id'], 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', 'A custom id is required')
  }
  if (button.url && button.custom_id) {
    const message = 'A custom id and url cannot both be specified'
    errors.add([...path, 'custom_id'], 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', message)
  }
  if (!button.label && !button.emoji) {
    errors.add([...path, 'label'], 'BUTTON_COMPONENT_INVALID_LABEL', 'A label or an emoji is required')
  }
}

/** A row is five wide; a button takes one, anything else all of it. */
function checkRowWidth(row: ComponentNode, path: FormPath, errors: FormErrors): void {
  const inner = row.components ?? []
  const width = inner.reduce((sum, node) => sum + (node.type === ComponentType.Button ? 1 : 5), 0)
  if (width <= 5) return
  const message = 'The specified component exceeds the maximum width'
  errors.add([...path, 'components', inner.length - 1], 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', message)
}

function checkOptions(menu: ComponentNode, path: FormPath, errors: FormErrors): void {
  const options = menu.options ?? []
  const values = new Set<string>()
  for (const [index, option] of options.entries()) {
    if (values.has(option.value)) {
      const message = 'The specified option value is already used'
      errors.add([...path, 'options', index, 'value'], 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', message)
    }
    values.add(option.value)
  }
  const max = menu.max_values ?? 1
  if (max > options.length) {
    const message = 'max_values cannot be greater than the number of options'
    errors.add([...path, 'max_values'], 'SELECT_COMPONENT_MAX_VALUES_INVALID', message)
  }
  if ((menu.min_values ?? 1) > max) {
    errors.add([...path, 'min_values'], 'SELECT_COMPONENT_MIN_VALUES_INVALID', 'min_values cannot be greater than max_values')
  }
}
