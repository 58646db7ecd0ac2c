/**
 * Buttons and menus of a message as a member meets them: found by custom id wherever they sit, refused when disabled.
 */
import type { APIMessage, APIMessageComponentInteractionData } from 'discord-api-types/v10'
import { ApplicationCommandOptionType, ButtonStyle, ComponentType } from 'discord-api-types/v10'
import { z } from 'zod'
import type { World } from '../world/world.ts'
import { PeopleRefused } from './refused.ts'
import { createResolver } from './resolved.ts'

/** Any component that a member can act on; layouts hold others in `components` or `accessory`. */
const interactiveSchema = z.looseObject({
  type: z.int(),
  custom_id: z.string().optional(),
  disabled: z.boolean().optional(),
  style: z.int().optional(),
  min_values: z.int().optional(),
  max_values: z.int().optional(),
  options: z.array(z.looseObject({ value: z.string() })).optional(),
})
type Interactive = z.infer<typeof interactiveSchema>

const optionTypeOfSelect: Readonly<Record<number, ApplicationCommandOptionType>> = {
  [ComponentType.UserSelect]: ApplicationCommandOptionType.User,
  [ComponentType.RoleSelect]: ApplicationCommandOptionType.Role,
  [ComponentType.MentionableSelect]: ApplicationCommandOptionType.Mentionable,
  [ComponentType.ChannelSelect]: ApplicationCommandOptionType.Channel,
}

export function clickData(message: APIMessage, customId: string): APIMessageComponentInteractionData {
  const button = findUsable(message, customId)
  if (button.type !== ComponentType.Button || button.style === ButtonStyle.Link) {
    throw new PeopleRefused('component-invalid', `${customId} is not a button that can be pressed`)
  }
  return { custom_id: customId, component_type: ComponentType.Button }
}

export function selectData(
  deps: { world: World; guildId: string },
  message: APIMessage,
  chosen: { customId: string; values: readonly string[] },
): APIMessageComponentInteractionData {
  const menu = findUsable(message, chosen.customId)
  const values = [...chosen.values]
  const [min, max] = [menu.min_values ?? 1, menu.max_values ?? 1]
  if (values.length < min || values.length > max || new Set(values).size !== values.length) {
    throw new PeopleRefused('component-invalid', `${chosen.customId} takes ${min} to ${max} different values`)
  }
  const base = { custom_id: chosen.customId, component_type: menu.type, values }
  if (menu.type === ComponentType.StringSelect) {
    const offered = (menu.options ?? []).map((option) => option.value)
    const strange = values.find((value) => !offered.includes(value))
    if (strange !== undefined) throw new PeopleRefused('component-invalid', `${chosen.customId} does not offer ${strange}`)
    return base as APIMessageComponentInteractionData
  }
  const optionType = optionTypeOfSelect[menu.type]
  if (optionType === undefined) throw new PeopleRefused('component-invalid', `${chosen.customId} is not a menu`)
  const resolver = createResolver(deps.world, deps.guildId)
  for (const value of values) resolver.add(optionType, value)
  return { ...base, resolved: resolver.resolved() } as APIMessageComponentInteractionData
}

function findUsable(message: APIMessage, customId: string): Interactive {
  const found = findInteractive(message.components ?? [], customId)
  if (found === undefined) throw new PeopleRefused('component-not-found', `the message has no component ${customId}`)
  if (found.disabled === true) throw new PeopleRefused('component-disabled', `${customId} is disabled`)
  return found
}

function findInteractive(components: readonly unknown[], customId: string): Interactive | undefined {
  for (const component of components) {
    const parsed = interactiveSchema.safeParse(component)
    if (!parsed.success) continue
    if (parsed.data.custom_id === customId) return parsed.data
    const { components: inner, accessory } = parsed.data
    const held = [...(Array.isArray(inner) ? (inner as unknown[]) : []), ...(accessory === undefined ? [] : [accessory])]
    const found = findInteractive(held, customId)
    if (found !== undefined) return found
  }
  return undefined
}
