/**
 * `/admin log-channel`: text channels that are told of completed sessions, closed periods, and the board on a schedule.
 */
import { ApplicationCommandOptionType, ChannelType } from 'discord-api-types/v10'
import type { LogEvent, VoiceSettings } from '../../actors/protocol/voice-settings.ts'
import { logEvents } from '../../actors/protocol/voice-settings.ts'
import { channelId } from '../../kernel/ids.ts'
import { choiceOf, wordsOf } from '../texts/command-words.ts'
import { sayFailure } from '../texts/effect-failure.ts'
import { english } from '../texts/english.ts'
import { german } from '../texts/german.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, changeAndShow, showSettings, wordsFor } from '../voice/ask-voice.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { CommandContext, MessageAnswer } from './slash-command.ts'

/** What is told where nothing was chosen. */
const eventsDefault: readonly LogEvent[] = ['session-completed', 'period-closed']

export const logChannelSubcommand: AdminSubcommand = {
  definition: {
    ...wordsOf('admin.log-channel'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      {
        ...wordsOf('admin.log-channel.action'),
        type: ApplicationCommandOptionType.String,
        required: true,
        choices: [
          choiceOf('add', { english: 'add', german: 'hinzufügen' }),
          choiceOf('remove', { english: 'remove', german: 'entfernen' }),
          choiceOf('list', { english: 'list', german: 'auflisten' }),
        ],
      },
      {
        ...wordsOf('admin.log-channel.channel'),
        type: ApplicationCommandOptionType.Channel,
        channel_types: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
      },
      {
        ...wordsOf('admin.log-channel.events'),
        type: ApplicationCommandOptionType.String,
        choices: logEvents.map((event) => choiceOf(event, { english: english.logEvents[event], german: german.logEvents[event] })),
      },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const options = readOptions(context.interaction)
    const action = options.text('action')
    if (action === 'list') return await showSettings(context, (settings) => describeLogs(texts, settings))
    if (action !== 'add' && action !== 'remove') return ephemeral(texts.unknownChoice(action ?? '', 'add, remove, list'))
    const channel = options.text('channel')
    if (channel === null) return ephemeral(texts.channelNeeded)
    const named = logEvents.find((event) => event === options.text('events')) ?? null
    return await change(context, { action, channel, named })
  },
}

/** Adding an event keeps those that were chosen before; removing one keeps the others. */
async function change(
  context: CommandContext,
  { action, channel, named }: { readonly action: 'add' | 'remove'; readonly channel: string; readonly named: LogEvent | null },
): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const read = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-settings' }, wanted: 'voice-settings', step: 'read' })
  if ('refusal' in read) return read.refusal
  const before = read.reply.settings.logs[channel]?.events ?? []
  if (action === 'remove' && before.length === 0) return ephemeral(texts.logNotSet(channel))
  const wanted = action === 'add' ? new Set([...before, ...(named === null ? eventsDefault : [named])]) : new Set(named === null ? [] : before)
  if (action === 'remove' && named !== null) wanted.delete(named)
  const events = logEvents.filter((event) => wanted.has(event))
  const { byUserId } = context
  return await changeAndShow(
    context,
    { feature: 'voice-attendance', kind: 'set-log-channel', channelId: channelId(channel), events, byUserId },
    () => (events.length === 0 ? texts.logRemoved(channel) : describeOne(texts, channel, events)),
  )
}

function describeOne(texts: Texts, channel: string, events: readonly LogEvent[]): string {
  return texts.logSet(channel, events.map((event) => texts.logEvents[event]).join(', '))
}

function describeLogs(texts: Texts, { logs }: VoiceSettings): string {
  const lines = Object.entries(logs).map(
    ([channel, { events, failure }]) => describeOne(texts, channel, events) + (failure === undefined ? '' : texts.logFailure(sayFailure(texts, failure))),
  )
  return lines.length === 0 ? texts.logNone : lines.join('\n')
}
