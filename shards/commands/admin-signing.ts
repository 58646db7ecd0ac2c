/**
 * `/admin generate-keys`, `unlock-signing`, `lock-signing`, `rotate-keys`, `signing-policy`, `signing-version-1`: the
 * guild's signing key, and what is made with it.
 *
 * A passphrase is never an option of a command, which Discord keeps and shows: it is entered in a modal, and ends in
 * ../signing/signing-desk.ts.
 */
import { ApplicationCommandOptionType, ButtonStyle, ComponentType } from 'discord-api-types/v10'
import type { SigningStatus } from '../../actors/protocol/signing.ts'
import { signingPolicies } from '../../actors/protocol/signing.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import { newPassphraseModal, signingFeature, unlockModal } from '../signing/passphrase-modal.ts'
import { keyMade, keyNotMade } from '../signing/signing-texts.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import { wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { Answer, CommandContext, MessageAnswer } from './slash-command.ts'

const subcommand = ApplicationCommandOptionType.Subcommand as const

const generateKeys: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.generate-keys'),
    type: subcommand,
    options: [
      {
        ...wordsOf('admin.generate-keys.mode'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: (['cluster', 'passphrase'] as const).map((mode) => choiceOf(mode, { english: english.signing.modes[mode], german: german.signing.modes[mode] })),
      },
    ],
  },
  answer(context): Answer {
    const texts = wordsFor(context)
    const mode = readOptions(context.interaction).text('mode')
    if (mode === 'passphrase') return newPassphraseModal(texts, context.guildId, { action: 'generate' })
    return mode === 'cluster' ? generateClusterKey(context) : ephemeral(texts.signing.unknownMode(mode ?? ''))
  },
}

async function generateClusterKey(context: CommandContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const status = await readSigning(context)
  if (status.kind !== 'signing') return status.answer
  if (status.key?.mode === 'cluster') return ephemeral(texts.signing.clusterAlready(status.key.keyId))
  if (status.isLocked) return ephemeral(texts.signing.unlockFirst)
  const { ask, byUserId } = context
  const outcome = await ask({ feature: 'signing', kind: 'make-key', offered: null, replaces: status.key?.keyId ?? null, byUserId })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
  const { reply } = outcome
  if (reply.kind === 'key-not-made') return ephemeral(keyNotMade(texts.signing, reply.reason))
  return reply.kind === 'key-made' ? ephemeral(keyMade(texts.signing, reply)) : presentRefusal('rejected', texts)
}

const unlockSigning: AdminSubcommand = {
  definition: { ...wordsOf('admin.unlock-signing'), type: subcommand },
  answer: (context) => unlockModal(wordsFor(context), context.guildId),
}

const lockSigning: AdminSubcommand = {
  definition: { ...wordsOf('admin.lock-signing'), type: subcommand },
  async answer(context) {
    const texts = wordsFor(context)
    const { ask, byUserId } = context
    const outcome = await ask({ feature: 'signing', kind: 'lock-signing', byUserId })
    if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
    const { reply } = outcome
    if (reply.kind === 'signing-not-locked') return ephemeral(texts.signing.notInPassphraseMode)
    if (reply.kind !== 'signing-locked') return presentRefusal('rejected', texts)
    return ephemeral(reply.wasLocked ? texts.signing.lockedAlready : texts.signing.locked)
  },
}

const rotateKeys: AdminSubcommand = {
  definition: { ...wordsOf('admin.rotate-keys'), type: subcommand },
  async answer(context) {
    const texts = wordsFor(context)
    const status = await readSigning(context)
    if (status.kind !== 'signing') return status.answer
    const { key, isLocked } = status
    if (key === null) return ephemeral(texts.signing.generateFirst)
    if (isLocked) return ephemeral(texts.signing.unlockFirst)
    const { guildId } = context
    const id = (action: string, args: readonly string[]): string => formatCustomId({ feature: signingFeature, action, guildId, args })
    return {
      ...ephemeral(texts.signing.rotateQuestion(key.keyId, key.mode === 'passphrase')),
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            { type: ComponentType.Button, style: ButtonStyle.Danger, label: texts.signing.rotateConfirm, custom_id: id('rotate', [key.mode, key.keyId]) },
            { type: ComponentType.Button, style: ButtonStyle.Secondary, label: texts.cancel, custom_id: id('cancel', []) },
          ],
        },
      ],
    }
  },
}

const signingPolicy: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.signing-policy'),
    type: subcommand,
    options: [
      {
        ...wordsOf('admin.signing-policy.policy'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: signingPolicies.map((policy) =>
          choiceOf(policy, { english: `${policy}: ${english.signing.policies[policy]}`, german: `${policy}: ${german.signing.policies[policy]}` }),
        ),
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const { interaction, ask, byUserId } = context
    const text = readOptions(interaction).text('policy')
    const policy = signingPolicies.find((candidate) => candidate === text)
    if (policy === undefined) return ephemeral(texts.signing.unknownPolicy(text ?? '', signingPolicies.join(', ')))
    const outcome = await ask({ feature: 'signing', kind: 'set-signing-policy', policy, byUserId })
    if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
    if (outcome.reply.kind !== 'signing-policy-set') return presentRefusal('rejected', texts)
    return ephemeral(texts.signing.policySet(policy, outcome.reply.previous))
  },
}

const signingVersion1: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.signing-version-1'),
    type: subcommand,
    options: [{ ...wordsOf('admin.signing-version-1.enabled'), type: ApplicationCommandOptionType.Boolean, required: true }],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const { interaction, ask, byUserId } = context
    const isOn = readOptions(interaction).boolean('enabled') === true
    const outcome = await ask({ feature: 'signing', kind: 'set-version-1', isOn, byUserId })
    if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
    if (outcome.reply.kind !== 'version-1-set') return presentRefusal('rejected', texts)
    return ephemeral(outcome.reply.changed ? texts.version1.set(isOn) : texts.version1.already(isOn))
  },
}

async function readSigning(context: CommandContext): Promise<SigningStatus | { readonly kind: 'refused'; readonly answer: MessageAnswer }> {
  const texts = wordsFor(context)
  const outcome = await context.ask({ feature: 'signing', kind: 'read-signing' }, 'read')
  if (outcome.status === 'refused') return { kind: 'refused', answer: presentRefusal(outcome.reason, texts) }
  return outcome.reply.kind === 'signing' ? outcome.reply : { kind: 'refused', answer: presentRefusal('rejected', texts) }
}

export const signingSubcommands: readonly AdminSubcommand[] = [generateKeys, unlockSigning, lockSigning, rotateKeys, signingPolicy, signingVersion1]
