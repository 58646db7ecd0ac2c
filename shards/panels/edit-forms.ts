/**
 * Forms of the edit interface. A form is opened at once, so what it is filled in with comes from the message that was
 * clicked, and never from the guild's actor.
 */
import type { APIEmbed, APIMessage, APIModalInteractionResponseCallbackData, APITextInputComponent } from 'discord-api-types/v10'
import { ComponentType, TextInputStyle } from 'discord-api-types/v10'
import { limits } from '../../kernel/limits.ts'
import type { ModalAnswer } from '../commands/slash-command.ts'
import type { Texts } from '../texts/texts.ts'
import type { EditIds } from './edit-components.ts'
import { editId } from './edit-components.ts'
import { nothing } from './edit-view.ts'

interface Field {
  readonly name: string
  readonly label: string
  readonly value?: string | undefined
  readonly max: number
  readonly min?: number
  readonly isLong?: boolean
  readonly placeholder?: string
}

export function form(customId: string, title: string, fields: readonly Field[]): ModalAnswer {
  const modal: APIModalInteractionResponseCallbackData = {
    custom_id: customId,
    title: title.slice(0, 45),
    components: fields.map(({ name, label, value, max, min = 0, isLong = false, placeholder }) => {
      const input: APITextInputComponent = {
        type: ComponentType.TextInput,
        custom_id: name,
        style: isLong ? TextInputStyle.Paragraph : TextInputStyle.Short,
        required: min > 0,
        max_length: max,
        ...(min > 0 ? { min_length: min } : {}),
        ...(value === undefined || value === '' ? {} : { value: value.slice(0, max) }),
        ...(placeholder === undefined ? {} : { placeholder: placeholder.slice(0, 100) }),
      }
      return { type: ComponentType.Label, label: label.slice(0, 45), component: input }
    }),
  }
  return { modal }
}

const nameMax = 100
const descriptionMax = 4_000

export const textFields = (texts: Texts, filled: { readonly name?: string | undefined; readonly description?: string | undefined } = {}): readonly Field[] => [
  { name: 'name', label: texts.panels.nameLabel, max: nameMax, min: 1, value: filled.name },
  { name: 'description', label: texts.panels.descriptionLabel, max: descriptionMax, isLong: true, value: filled.description },
]

export function textForm(ids: EditIds, texts: Texts, message: Pick<APIMessage, 'embeds'>): ModalAnswer {
  const { title, description } = message.embeds[0] ?? {}
  return form(editId(ids, 'text-set'), texts.panels.editText, textFields(texts, { name: title, description }))
}

/** Reads what entryView shows. */
export function entryForm(ids: EditIds, texts: Texts, opened: { readonly roleId: string; readonly message: Pick<APIMessage, 'embeds'> }): ModalAnswer {
  const embed: APIEmbed = opened.message.embeds[0] ?? {}
  const [description, emoji, span, seats] = (embed.fields ?? []).map(({ value }) => (value === nothing ? '' : value))
  const { panels } = texts
  return form(editId(ids, 'entry-set', [opened.roleId]), panels.entryForm, [
    { name: 'label', label: panels.labelLabel, max: 80, min: 1, value: embed.title },
    { name: 'emoji', label: panels.emojiLabel, max: 60, value: emoji, placeholder: '🎮  <:name:123456789012345678>' },
    { name: 'description', label: panels.roleDescriptionLabel, max: 100, value: description },
    { name: 'span', label: panels.spanLabel, max: 20, value: span, placeholder: panels.spanPlaceholder },
    { name: 'seats', label: panels.seatsLabel, max: 4, value: seats, placeholder: `1 … ${limits.panelSeatsMax}` },
  ])
}

export function limitsForm(ids: EditIds, texts: Texts, filled: { readonly min?: string | undefined; readonly max?: string | undefined }): ModalAnswer {
  return form(editId(ids, 'limits-set'), texts.panels.limitsForm, [
    { name: 'min', label: texts.panels.minLabel, max: 3, min: 1, value: filled.min ?? '0' },
    { name: 'max', label: texts.panels.maxLabel, max: 3, min: 1, value: filled.max ?? '1' },
  ])
}

export const colorForm = (ids: EditIds, texts: Texts, hex: string | undefined): ModalAnswer =>
  form(editId(ids, 'color-set'), texts.panels.otherColor, [{ name: 'color', label: texts.panels.colorLabel, max: 7, min: 3, value: hex, placeholder: '#5865f2' }])
