/**
 * `/panel create|list|edit|diagnose`: role panels. Discord shows it to those with Manage Roles; that is checked here again.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { PanelLine } from '../../actors/protocol/role-panels.ts'
import { wellFormedText } from '../../kernel/text.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import { refuseWithout } from '../interactions/permission.ts'
import { askPanels, readPanel, wordsFor } from '../panels/ask-panels.ts'
import { diagnose } from '../panels/diagnose.ts'
import { form, textFields } from '../panels/edit-forms.ts'
import { mainView } from '../panels/edit-view.ts'
import { listFeature, listPanels } from '../panels/list-message.ts'
import { wordsOf } from '../texts/command-words.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { Answer, Choices, CommandContext, MessageAnswer, SlashCommand, TypingContext } from './slash-command.ts'

const nameLengthMax = 100
const nameOption = { type: ApplicationCommandOptionType.String, max_length: nameLengthMax, autocomplete: true } as const

export const panel: SlashCommand = {
  definition: {
    ...wordsOf('panel'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    default_member_permissions: PermissionFlagsBits.ManageRoles.toString(),
    options: [
      { ...wordsOf('panel.create'), type: ApplicationCommandOptionType.Subcommand },
      { ...wordsOf('panel.list'), type: ApplicationCommandOptionType.Subcommand },
      { ...wordsOf('panel.edit'), type: ApplicationCommandOptionType.Subcommand, options: [{ ...wordsOf('panel.edit.name'), ...nameOption, required: true }] },
      { ...wordsOf('panel.diagnose'), type: ApplicationCommandOptionType.Subcommand, options: [{ ...wordsOf('panel.diagnose.name'), ...nameOption }] },
    ],
  },
  answer(context): Answer {
    const refusal = refuseWithout(PermissionFlagsBits.ManageRoles, context.interaction)
    if (refusal !== null) return refusal
    const texts = wordsFor(context)
    const options = readOptions(context.interaction)
    const name = options.text('name')
    switch (options.subcommand) {
      case 'create': {
        const customId = formatCustomId({ feature: listFeature, action: 'create', guildId: context.guildId })
        return form(customId, texts.panels.createTitle, textFields(texts))
      }
      case 'list':
        return listPanels(context, 1)
      case 'edit':
        return editPanel(context, name ?? '')
      case 'diagnose':
        return diagnosePanels(context, name)
      default:
        return ephemeral(texts.goneCommand)
    }
  },
  offer: offerNames,
}

/** The panel of that name, whatever the case; the same words that the list and the autocompletion know. */
async function findPanel(context: CommandContext, name: string): Promise<{ readonly panelId: string } | { readonly refusal: MessageAnswer }> {
  const texts = wordsFor(context)
  const wanted = wellFormedText(name).trim().slice(0, nameLengthMax)
  const asked = await askPanels(context, { command: { feature: 'role-panels', kind: 'find-panels', prefix: wanted }, wanted: 'panels', step: 'find' })
  if ('refusal' in asked) return asked
  const isNamed = (line: PanelLine): boolean => line.name.localeCompare(wanted, undefined, { sensitivity: 'accent' }) === 0
  const found = asked.reply.panels.find(isNamed)
  return found === undefined ? { refusal: ephemeral(texts.panels.editUnknown(wanted)) } : found
}

async function editPanel(context: CommandContext, name: string): Promise<MessageAnswer> {
  const found = await findPanel(context, name)
  if ('refusal' in found) return found.refusal
  const read = await readPanel(context, found.panelId)
  return 'refusal' in read ? read.refusal : mainView(wordsFor(context), context.guildId, read.panel)
}

async function diagnosePanels(context: CommandContext, name: string | null): Promise<MessageAnswer> {
  const found = name === null ? null : await findPanel(context, name)
  if (found !== null && 'refusal' in found) return found.refusal
  return await diagnose(context, found?.panelId ?? null)
}

/** What is typed so far is a prefix; without the permission nothing is offered. */
async function offerNames(context: TypingContext): Promise<Choices> {
  if (refuseWithout(PermissionFlagsBits.ManageRoles, context.interaction) !== null) return []
  const prefix = typedName(context)
  const outcome = await context.ask({ feature: 'role-panels', kind: 'find-panels', prefix })
  if (outcome.status === 'refused' || outcome.reply.kind !== 'panels') return []
  return outcome.reply.panels.map((line) => ({ name: line.name, value: line.name }))
}

function typedName({ interaction }: TypingContext): string {
  const [sub] = interaction.data.options
  const typed = sub !== undefined && 'options' in sub ? sub.options?.find((option) => 'focused' in option && option.focused === true) : undefined
  return typed !== undefined && 'value' in typed && typeof typed.value === 'string' ? wellFormedText(typed.value).slice(0, nameLengthMax) : ''
}
