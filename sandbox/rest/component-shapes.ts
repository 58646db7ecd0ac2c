/**
 * Components in the form in which they are stored and answered.
 *
 * Discord numbers every component of a message (keeping numbers that were given), fills in defaults, leaves out what
 * was null and turns media references into media objects.
 */
import { ComponentType } from 'discord-api-types/v10'
import type { APIAttachment, APIMessageTopLevelComponent } from 'discord-api-types/v10'
import type { ResolveMedia } from './attachments.ts'
import type { ComponentNode } from './component-rules.ts'
import type { FormErrors, FormPath } from './form-errors.ts'

export interface ComponentShaping {
  readonly resolve: ResolveMedia
  readonly attachments: readonly APIAttachment[]
  readonly newId: () => string
  readonly errors: FormErrors
}

export function shapeComponents(
  components: readonly ComponentNode[],
  shaping: ComponentShaping,
): APIMessageTopLevelComponent[] {
  const given = new Set<number>()
  collectIds(components, given)
  let last = 0
  const nextNumber = (): number => {
    do last += 1
    while (given.has(last))
    return last
  }
  const shape = createShape(shaping, nextNumber)
  const shaped = components.map((component, index) => shape(component, ['components', index]))
  return shaped as unknown as APIMessageTopLevelComponent[]
}

function collectIds(components: readonly ComponentNode[], into: Set<number>): void {
  for (const node of components) {
    if (typeof node.id === 'number' && node.id > 0) into.add(node.id)
    collectIds(node.components ?? [], into)
    if (node.accessory) collectIds([node.accessory], into)
  }
}

type Shape = (node: ComponentNode, path: FormPath) => Record<string, unknown>

function createShape(shaping: ComponentShaping, nextNumber: () => number): Shape {
  const media = (value: unknown, path: FormPath): object => shapeMedia(value, path, shaping)
  const shape: Shape = (node, path) => {
    const id = typeof node.id === 'number' && node.id > 0 ? node.id : nextNumber()
    const rest = withoutNulls(node)
    const inner = (node.components ?? []).map((one, index) => shape(one, [...path, 'components', index]))
    switch (node.type) {
      case ComponentType.ActionRow:
        return { type: node.type, id, components: inner }
      case ComponentType.Container:
        return { accent_color: null, spoiler: false, ...rest, id, components: inner }
      case ComponentType.Section:
        return { ...rest, id, components: inner, accessory: node.accessory && shape(node.accessory, [...path, 'accessory']) }
      case ComponentType.Separator:
        return { divider: true, spacing: 1, ...rest, id }
      case ComponentType.Thumbnail:
        return { description: null, spoiler: false, ...rest, id, media: media(rest['media'], [...path, 'media']) }
      case ComponentType.File:
        return { spoiler: false, ...shapeFileName(rest['file'], shaping), ...rest, id, file: media(rest['file'], [...path, 'file']) }
      case ComponentType.MediaGallery: {
        const items = (rest['items'] as { media: unknown }[]).map((item, index) => ({
          description: null,
          spoiler: false,
          ...withoutNulls(item),
          media: media(item.media, [...path, 'items', index, 'media']),
        }))
        return { ...rest, id, items }
      }
      case ComponentType.StringSelect:
        return { min_values: 1, max_values: 1, ...rest, id, options: (node.options ?? []).map(withoutNulls) }
      case ComponentType.UserSelect:
      case ComponentType.RoleSelect:
      case ComponentType.MentionableSelect:
      case ComponentType.ChannelSelect:
        return { min_values: 1, max_values: 1, ...rest, id }
      case ComponentType.Button:
        return { ...rest, id, ...(rest['emoji'] ? { emoji: withoutNulls(rest['emoji']) } : {}) }
      default:
        return { ...rest, id }
    }
  }
  return shape
}

function shapeMedia(value: unknown, path: FormPath, shaping: ComponentShaping): object {
  const { url } = value as { url: string }
  const resolved = shaping.resolve(url)
  if (resolved === undefined) {
    const code = 'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND'
    shaping.errors.add([...path, 'url'], code, `The referenced attachment "${url.slice(13, 113)}" was not found`)
  }
  const attachment = shaping.attachments.find((one) => one.url === resolved)
  return {
    id: shaping.newId(),
    url: resolved ?? url,
    proxy_url: resolved ?? url,
    width: attachment?.width ?? null,
    height: attachment?.height ?? null,
    content_type: attachment?.content_type ?? null,
    ...(attachment ? { attachment_id: attachment.id } : {}),
  }
}

function shapeFileName(file: unknown, shaping: ComponentShaping): object {
  const url = shaping.resolve((file as { url: string }).url)
  const attachment = shaping.attachments.find((one) => one.url === url)
  return { name: attachment?.filename ?? null, size: attachment?.size ?? null }
}

function withoutNulls(node: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== null && value !== undefined))
}
