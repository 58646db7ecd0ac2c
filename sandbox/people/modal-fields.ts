/**
 * A modal filled in by a member: the values checked against the modal's inputs, in the form Discord sends.
 */
import type { APIModalInteractionResponseCallbackData, APIModalSubmission } from 'discord-api-types/v10'
import { ApplicationCommandOptionType, ComponentType } from 'discord-api-types/v10'
import { z } from 'zod'
import type { World } from '../world/world.ts'
import { PeopleRefused } from './refused.ts'
import type { Resolver } from './resolved.ts'
import { createResolver } from './resolved.ts'

export type FieldValue = string | boolean | readonly string[]
export type FieldValues = Readonly<Record<string, FieldValue>>

const inputSchema = z.looseObject({
  type: z.int(),
  custom_id: z.string(),
  required: z.boolean().optional(),
  min_length: z.int().optional(),
  max_length: z.int().optional(),
  value: z.string().optional(),
  options: z.array(z.looseObject({ value: z.string() })).optional(),
})
type Input = z.infer<typeof inputSchema>

const optionTypeOfSelect: Readonly<Record<number, ApplicationCommandOptionType>> = {
  [ComponentType.UserSelect]: ApplicationCommandOptionType.User,
  [ComponentType.RoleSelect]: ApplicationCommandOptionType.Role,
  [ComponentType.MentionableSelect]: ApplicationCommandOptionType.Mentionable,
  [ComponentType.ChannelSelect]: ApplicationCommandOptionType.Channel,
}

export function submission(
  deps: { world: World; guildId: string },
  modal: APIModalInteractionResponseCallbackData,
  values: FieldValues,
): APIModalSubmission {
  const resolver = createResolver(deps.world, deps.guildId)
  const asked = new Set<string>()
  const fill = (component: unknown, id: number): object => {
    const input = inputSchema.parse(component)
    asked.add(input.custom_id)
    return { id, type: input.type, custom_id: input.custom_id, ...filled(input, values[input.custom_id], resolver) }
  }
  const components = modal.components.map((top, index) => {
    const id = index * 2 + 1
    if (top.type === ComponentType.ActionRow) {
      return { id, type: top.type, components: top.components.map((inner) => fill(inner, id + 1)) }
    }
    if (top.type === ComponentType.Label) return { id, type: top.type, component: fill(top.component, id + 1) }
    return { id, type: top.type }
  })
  for (const name of Object.keys(values)) {
    if (!asked.has(name)) throw new PeopleRefused('field-invalid', `the modal has no field ${name}`)
  }
  const resolved = resolver.resolved()
  const whole = { custom_id: modal.custom_id, components, ...(Object.keys(resolved).length > 0 ? { resolved } : {}) }
  // Each filled component has the form of its input's type, which the mapping cannot show the compiler.
  return whole as APIModalSubmission
}

function filled(input: Input, value: FieldValue | undefined, resolver: Resolver): object {
  const isRequired = input.required ?? true
  const refuse = (why: string): never => {
    throw new PeopleRefused('field-invalid', `field ${input.custom_id} ${why}`)
  }
  if (input.type === ComponentType.TextInput) {
    const text = value ?? input.value ?? ''
    if (typeof text !== 'string') return refuse('is a text')
    if (text === '' && isRequired) return refuse('is required')
    if (text !== '' && text.length < (input.min_length ?? 0)) return refuse(`has at least ${input.min_length} characters`)
    if (text.length > (input.max_length ?? 4_000)) return refuse(`has at most ${input.max_length ?? 4_000} characters`)
    return { value: text }
  }
  if (input.type === ComponentType.Checkbox) return { value: value === true }
  if (input.type === ComponentType.RadioGroup) return { value: typeof value === 'string' ? value : null }
  const chosen = typeof value === 'string' ? [value] : Array.isArray(value) ? [...(value as string[])] : []
  if (chosen.length === 0 && isRequired) return refuse('is required')
  const offered = input.options?.map((option) => option.value)
  const strange = offered === undefined ? undefined : chosen.find((one) => !offered.includes(one))
  if (strange !== undefined) return refuse(`does not offer ${strange}`)
  const optionType = optionTypeOfSelect[input.type]
  if (optionType !== undefined) for (const one of chosen) resolver.add(optionType, one)
  return { values: chosen }
}
