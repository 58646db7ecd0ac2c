/**
 * `/admin track-channel`: the list of channels that allowlist and denylist read.
 */
import { ApplicationCommandOptionType, ChannelType } from 'discord-api-types/v10'
import type { VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import { channelId } from '../../kernel/ids.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import type { Texts } from '../texts/texts.ts'
import { changeAndShow, showSettings, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'

/** Mentions in one message of 2000 characters. */
const listedMax = 60

export const trackChannelSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.track-channel'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.track-channel.action'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: [
          choiceOf('add', { english: 'add', german: 'hinzufügen' }),
          choiceOf('remove', { english: 'remove', german: 'entfernen' }),
          choiceOf('show', { english: 'show', german: 'zeigen' }),
        ],
      },
      {
        ...wordsOf('admin.track-channel.channel'),
        type: ApplicationCommandOptionType.Channel,
        channel_types: [ChannelType.GuildVoice, ChannelType.GuildStageVoice],
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const options = readOptions(context.interaction)
    const action = options.text('action')
    const channel = options.text('channel')
    if (action === 'show') return await showSettings(context, (settings) => describeList(texts, settings))
    if (action !== 'add' && action !== 'remove') return ephemeral(texts.unknownChoice(action ?? '', 'add, remove, show'))
    if (channel === null) return ephemeral(texts.channelNeeded)
    const { byUserId } = context
    const answer = await changeAndShow(
      context,
      { feature: 'voice-attendance', kind: 'track-channel', action, channelId: channelId(channel), byUserId },
      (settings) => {
        const said = action === 'add' ? texts.channelListed(channel) : texts.channelUnlisted(channel)
        const isRead = settings.trackingMode === 'allowlist' || settings.trackingMode === 'denylist'
        return `${said}${isRead ? '' : texts.listUnused(settings.trackingMode)}\n${describeList(texts, settings)}`
      },
    )
    context.process.reconcile(context.guildId)
    return answer
  },
}

function describeList(texts: Texts, { trackingMode, trackedChannels }: VoiceSettings): string {
  const shown = trackedChannels.slice(0, listedMax).map((channel) => `<#${channel}>`)
  const more = trackedChannels.length > listedMax ? [texts.moreChannels(trackedChannels.length - listedMax)] : []
  return texts.channelList(trackingMode, [...shown, ...more].join(', ') || texts.nothingListed)
}
