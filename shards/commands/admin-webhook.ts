/**
 * `/admin webhook`: signed deliveries of completed sessions and closed periods to an https address. Pro.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { VoiceSettings, WebhookEvent } from '../../actors/protocol/voice-settings.ts'
import { webhookEvents } from '../../actors/protocol/voice-settings.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { formatInstant } from '../texts/duration.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, showSettings, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { CommandContext, MessageAnswer } from './slash-command.ts'

export const webhookSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.webhook'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.webhook.action'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: [
          choiceOf('set', { english: 'set', german: 'einstellen' }),
          choiceOf('test', { english: 'test', german: 'ausprobieren' }),
          choiceOf('remove', { english: 'remove', german: 'entfernen' }),
          choiceOf('show', { english: 'show', german: 'zeigen' }),
        ],
      },
      { ...wordsOf('admin.webhook.url'), type: ApplicationCommandOptionType.String, max_length: 500 },
      {
        ...wordsOf('admin.webhook.events'),
        type: ApplicationCommandOptionType.String,
        choices: webhookEvents.map((event) => choiceOf(event, { english: event, german: event })),
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const action = readOptions(context.interaction).text('action')
    switch (action) {
      case 'set':
        return await set(context)
      case 'test':
        return await ask(context, 'test-webhook', texts.webhookTested)
      case 'remove':
        return await ask(context, 'remove-webhook', texts.webhookRemoved)
      case 'show':
        return await showSettings(context, (settings) => describeWebhook(texts, settings))
      default:
        return ephemeral(texts.unknownChoice(action ?? '', 'set, test, remove, show'))
    }
  },
}

async function set(context: CommandContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const options = readOptions(context.interaction)
  const url = options.text('url')?.trim() ?? ''
  if (url === '') return ephemeral(texts.webhookUrlNeeded)
  const { byUserId, guildId, voice } = context
  if (!voice.isWebhookUrl(url)) return ephemeral(texts.webhookUrlRefused)
  const named = webhookEvents.find((event) => event === options.text('events'))
  const events: readonly WebhookEvent[] = named === undefined ? webhookEvents : [named]
  const { secret, sealed } = voice.makeSecret(guildId)
  const asked = await askVoice(context, {
    command: { feature: 'voice-attendance', kind: 'set-webhook', url, sealedSecret: sealed, events, defaultTier: voice.defaultTier, byUserId },
    wanted: 'setting-set',
  })
  return 'refusal' in asked ? asked.refusal : ephemeral(texts.webhookSet(url, secret))
}

async function ask(context: CommandContext, kind: 'test-webhook' | 'remove-webhook', said: string): Promise<MessageAnswer> {
  const asked = await askVoice(context, { command: { feature: 'voice-attendance', kind, byUserId: context.byUserId }, wanted: 'setting-set' })
  return 'refusal' in asked ? asked.refusal : ephemeral(said)
}

function describeWebhook(texts: Texts, { webhook }: VoiceSettings): string {
  if (webhook === null) return texts.settingRefusals['no-webhook']
  const { url, events, pending, dead, skipped, lastDelivery, isActive } = webhook
  const last =
    lastDelivery === null
      ? texts.webhookNever
      : lastDelivery.failure === null
        ? texts.webhookDelivered(formatInstant(lastDelivery.at))
        : texts.webhookFailed(formatInstant(lastDelivery.at), sayFailure(texts, lastDelivery.failure))
  return [
    texts.webhookStatus(url, events.join(', ')),
    texts.webhookCounts(pending, dead, skipped),
    last,
    ...(isActive ? [] : [texts.webhookInactive]),
  ].join('\n')
}
