/**
 * `/admin generate-keys`, `unlock-signing`, `lock-signing`, `rotate-keys`, `signing-policy`: the guild's signing key.
 *
 * A passphrase is never an option of a command, which Discord keeps and shows: it is entered in a modal, and ends in
 * ../signing/signing-desk.ts.
 */
import { ApplicationCommandOptionType, ButtonStyle, ComponentType } from 'discord-api-types/v10'
import type { SigningPolicy, SigningStatus } from '../../actors/protocol/signing.ts'
import { signingPolicies } from '../../actors/protocol/signing.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import { newPassphraseModal, signingFeature, unlockModal } from '../signing/passphrase-modal.ts'
import { generateFirst, keyMade, keyNotMade, notInPassphraseMode, passphraseWarning, unlockFirst } from '../signing/signing-texts.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { Answer, CommandContext, MessageAnswer } from './slash-command.ts'

const subcommand = ApplicationCommandOptionType.Subcommand as const

const generateKeys: AdminSubcommand = {
  definition: {
    type: subcommand,
    name: 'generate-keys',
    description: 'Makes the key that signs this server’s records, or changes how it is unlocked',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'mode',
        description: 'cluster or passphrase',
        required: true,
        choices: [
          { name: 'cluster: the bot unlocks it by itself, through every restart', value: 'cluster' },
          { name: 'passphrase: you unlock it; nobody can recover a lost passphrase', value: 'passphrase' },
        ],
      },
    ],
  },
  answer(context): Answer {
    const mode = readOptions(context.interaction).text('mode')
    if (mode === 'passphrase') return newPassphraseModal(context.guildId, 'generate')
    return mode === 'cluster' ? generateClusterKey(context) : ephemeral(`"${mode ?? ''}" is not a mode. Choose cluster or passphrase.`)
  },
}

async function generateClusterKey(context: CommandContext): Promise<MessageAnswer> {
  const status = await readSigning(context)
  if (status.kind !== 'signing') return status.answer
  if (status.key?.mode === 'cluster') {
    return ephemeral(`This server’s key \`${status.key.keyId}\` is in cluster mode already. To replace it use \`/admin rotate-keys\`.`)
  }
  if (status.isLocked) return ephemeral(unlockFirst)
  const { ask, byUserId } = context
  const outcome = await ask({ feature: 'signing', kind: 'make-key', offered: null, replaces: status.key?.keyId ?? null, byUserId })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason)
  const { reply } = outcome
  if (reply.kind === 'key-not-made') return ephemeral(keyNotMade(reply.reason))
  return reply.kind === 'key-made' ? ephemeral(keyMade(reply)) : presentRefusal('rejected')
}

const unlockSigning: AdminSubcommand = {
  definition: { type: subcommand, name: 'unlock-signing', description: 'Unlocks signing with the passphrase; waiting records are then signed in order' },
  answer: ({ guildId }) => unlockModal(guildId),
}

const lockSigning: AdminSubcommand = {
  definition: { type: subcommand, name: 'lock-signing', description: 'Locks signing until the passphrase is entered again' },
  async answer({ ask, byUserId }) {
    const outcome = await ask({ feature: 'signing', kind: 'lock-signing', byUserId })
    if (outcome.status === 'refused') return presentRefusal(outcome.reason)
    const { reply } = outcome
    if (reply.kind === 'signing-not-locked') return ephemeral(notInPassphraseMode)
    if (reply.kind !== 'signing-locked') return presentRefusal('rejected')
    if (reply.wasLocked) return ephemeral('Signing was locked already. Unlock it with `/admin unlock-signing`.')
    return ephemeral('Signing is locked. Records are still taken; `/admin signing-policy` says what becomes of them until `/admin unlock-signing`.')
  },
}

const rotateKeys: AdminSubcommand = {
  definition: { type: subcommand, name: 'rotate-keys', description: 'Replaces the signing key; the old one signs the change and its records stay valid' },
  async answer(context) {
    const status = await readSigning(context)
    if (status.kind !== 'signing') return status.answer
    const { key, isLocked } = status
    if (key === null) return ephemeral(generateFirst)
    if (isLocked) return ephemeral(unlockFirst)
    const { guildId } = context
    const next = key.mode === 'passphrase' ? ` You will be asked for a new passphrase. ${passphraseWarning}` : ''
    const id = (action: string, args: readonly string[]): string => formatCustomId({ feature: signingFeature, action, guildId, args })
    return {
      ...ephemeral(`Replace the signing key \`${key.keyId}\`? Records it signed stay valid, later ones are signed by the new key. This cannot be undone.${next}`),
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            { type: ComponentType.Button, style: ButtonStyle.Danger, label: 'Replace the key', custom_id: id('rotate', [key.mode, key.keyId]) },
            { type: ComponentType.Button, style: ButtonStyle.Secondary, label: 'Cancel', custom_id: id('cancel', []) },
          ],
        },
      ],
    }
  },
}

const policyMeanings: Readonly<Record<SigningPolicy, string>> = {
  queue: 'records wait, in order, and are signed when signing is unlocked',
  drop: 'records are counted as unsigned and never signed',
}

const signingPolicy: AdminSubcommand = {
  definition: {
    type: subcommand,
    name: 'signing-policy',
    description: 'Chooses what becomes of records while signing is locked',
    options: [
      {
        type: ApplicationCommandOptionType.String,
        name: 'policy',
        description: 'queue or drop',
        required: true,
        choices: signingPolicies.map((policy) => ({ name: `${policy}: ${policyMeanings[policy]}`, value: policy })),
      },
    ],
  },
  async answer({ interaction, ask, byUserId }) {
    const text = readOptions(interaction).text('policy')
    const policy = signingPolicies.find((candidate) => candidate === text)
    if (policy === undefined) return ephemeral(`"${text ?? ''}" is not a policy. Choose one of: ${signingPolicies.join(', ')}.`)
    const outcome = await ask({ feature: 'signing', kind: 'set-signing-policy', policy, byUserId })
    if (outcome.status === 'refused') return presentRefusal(outcome.reason)
    if (outcome.reply.kind !== 'signing-policy-set') return presentRefusal('rejected')
    const { previous } = outcome.reply
    const change = previous === policy ? 'was already' : 'is now'
    return ephemeral(`While signing is locked, the policy ${change} **${policy}**: ${policyMeanings[policy]}.${previous === policy ? '' : ` It was ${previous}.`}`)
  },
}

async function readSigning({ ask }: CommandContext): Promise<SigningStatus | { readonly kind: 'refused'; readonly answer: MessageAnswer }> {
  const outcome = await ask({ feature: 'signing', kind: 'read-signing' }, 'read')
  if (outcome.status === 'refused') return { kind: 'refused', answer: presentRefusal(outcome.reason) }
  return outcome.reply.kind === 'signing' ? outcome.reply : { kind: 'refused', answer: presentRefusal('rejected') }
}

export const signingSubcommands: readonly AdminSubcommand[] = [generateKeys, unlockSigning, lockSigning, rotateKeys, signingPolicy]
