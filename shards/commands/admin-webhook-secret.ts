/**
 * `/admin webhook-secret`: a new secret for what other systems report (`POST /webhooks/attendance`) or for what is delivered
 * to the server's own address. It is made here, shown once, and kept as its hash or sealed: nobody can look it up again.
 */
import { createHash } from 'node:crypto'
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import { askVoice, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { CommandContext, MessageAnswer } from './slash-command.ts'

const purposes = ['attendance', 'deliveries'] as const

export const webhookSecretSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.webhook-secret'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.webhook-secret.purpose'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: purposes.map((one) => choiceOf(one, { english: english.secrets.purposes[one], german: german.secrets.purposes[one] })),
      },
      {
        ...wordsOf('admin.webhook-secret.action'),
        type: ApplicationCommandOptionType.String,
        choices: [choiceOf('renew', { english: 'renew', german: 'erneuern' }), choiceOf('remove', { english: 'remove', german: 'entfernen' })],
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const options = readOptions(context.interaction)
    const purpose = purposes.find((one) => one === options.text('purpose'))
    const isRemoval = options.text('action') === 'remove'
    switch (purpose) {
      case 'attendance':
        return await setAttendanceSecret(context, { isRemoval })
      case 'deliveries':
        return isRemoval ? ephemeral(texts.secrets.deliveriesRemove) : await renewDeliveries(context)
      case undefined:
        return ephemeral(texts.unknownChoice(options.text('purpose') ?? '', purposes.join(', ')))
    }
  },
}

async function setAttendanceSecret(context: CommandContext, { isRemoval }: { readonly isRemoval: boolean }): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { ask, byUserId, guildId, voice } = context
  const { secret } = voice.makeSecret(guildId)
  const secretHash = isRemoval ? null : createHash('sha256').update(secret).digest('hex')
  const outcome = await ask({ feature: 'code-attendance', kind: 'set-webhook-secret', secretHash, byUserId })
  if (outcome.status === 'refused') return presentRefusal(outcome.reason, texts)
  if (outcome.reply.kind !== 'webhook-secret-set') return presentRefusal('rejected', texts)
  return ephemeral(isRemoval ? texts.secrets.attendanceRemoved : texts.secrets.attendanceSet(secret, voice.publicUrl))
}

/** The webhook stays as it is set, under another secret. */
async function renewDeliveries(context: CommandContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { byUserId, guildId, voice } = context
  const read = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-settings' }, wanted: 'voice-settings', step: 'read' })
  if ('refusal' in read) return read.refusal
  const { webhook } = read.reply.settings
  if (webhook === null) return ephemeral(texts.settingRefusals['no-webhook'])
  const { url, events } = webhook
  const { secret, sealed } = voice.makeSecret(guildId)
  const { defaultTier } = voice
  const set = await askVoice(context, {
    command: { feature: 'voice-attendance', kind: 'set-webhook', url, sealedSecret: sealed, events, defaultTier, byUserId },
    wanted: 'setting-set',
  })
  return 'refusal' in set ? set.refusal : ephemeral(texts.secrets.deliveriesSet(secret))
}
