/**
 * The forms a passphrase is entered in: the only place where one ever is.
 */
import type { APILabelComponent, APITextInputComponent } from 'discord-api-types/v10'
import { ComponentType, TextInputStyle } from 'discord-api-types/v10'
import type { ModalAnswer } from '../commands/slash-command.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import type { Texts } from '../texts/texts.ts'
import { passphraseLengthMax, passphraseLengthMin } from './signing-texts.ts'

export const signingFeature = 'signing'

export const passphraseField = 'passphrase'
export const againField = 'again'

/** What a submitted form means. */
export type PassphraseAction = 'generate' | 'rotate' | 'unlock'

/** Asks for a new passphrase twice. `args` come back with the form. */
export function newPassphraseModal(
  { signing: words }: Texts,
  guildId: GuildId,
  { action, args = [] }: { readonly action: 'generate' | 'rotate'; readonly args?: readonly string[] },
): ModalAnswer {
  return modal(guildId, {
    action,
    args,
    title: words.formTitle,
    inputs: [
      label({ label: words.newPassphrase, description: words.newPassphraseHint(passphraseLengthMin), name: passphraseField }),
      label({ label: words.again, description: words.againHint, name: againField }),
    ],
  })
}

export function unlockModal({ signing: words }: Texts, guildId: GuildId): ModalAnswer {
  return modal(guildId, {
    action: 'unlock',
    args: [],
    title: words.unlockTitle,
    inputs: [label({ label: words.passphrase, description: words.passphraseHint, name: passphraseField, lengthMin: 1 })],
  })
}

interface Form {
  readonly action: PassphraseAction
  readonly args: readonly string[]
  readonly title: string
  readonly inputs: readonly APILabelComponent[]
}

function modal(guildId: GuildId, { action, args, title, inputs }: Form): ModalAnswer {
  const customId = formatCustomId({ feature: signingFeature, action, guildId, args })
  return { modal: { custom_id: customId, title, components: [...inputs] } }
}

function label(input: { label: string; description: string; name: string; lengthMin?: number }): APILabelComponent {
  const component: APITextInputComponent = {
    type: ComponentType.TextInput,
    custom_id: input.name,
    style: TextInputStyle.Short,
    required: true,
    min_length: input.lengthMin ?? passphraseLengthMin,
    max_length: passphraseLengthMax,
  }
  return { type: ComponentType.Label, label: input.label, description: input.description, component }
}
