/**
 * `/stats user` and `/stats channel`: totals of the running period with a chart, and when the server is active.
 */
import type { APIEmbed } from 'discord-api-types/v10'
import { ApplicationCommandOptionType, ApplicationCommandType, ChannelType, InteractionContextType, MessageFlags } from 'discord-api-types/v10'
import type { ChannelId } from '../../kernel/ids.ts'
import { channelId, userId } from '../../kernel/ids.ts'
import type { Picture } from '../render/picture.ts'
import { wordsOf } from '../texts/command-words.ts'
import { formatDuration } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, wordsFor } from '../voice/ask-voice.ts'
import { accentColor } from '../voice/board-message.ts'
import { channelPicture, heatmapPicture, memberPicture } from '../voice/stats-pictures.ts'
import { describePeriod, timeFields } from '../voice/time-fields.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { AnswerFile, CommandContext, MessageAnswer, SlashCommand } from './slash-command.ts'

export const stats: SlashCommand = {
  definition: {
    ...wordsOf('stats'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      {
        ...wordsOf('stats.user'),
        type: ApplicationCommandOptionType.Subcommand,
        options: [{ ...wordsOf('stats.user.user'), type: ApplicationCommandOptionType.User, required: true }],
      },
      {
        ...wordsOf('stats.channel'),
        type: ApplicationCommandOptionType.Subcommand,
        options: [
          {
            ...wordsOf('stats.channel.channel'),
            type: ApplicationCommandOptionType.Channel,
            channel_types: [ChannelType.GuildVoice, ChannelType.GuildStageVoice],
            required: true,
          },
        ],
      },
    ],
  },
  answer: (context) => (readOptions(context.interaction).subcommand === 'user' ? userStats(context) : channelStats(context)),
}

async function userStats(context: CommandContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const wanted = readOptions(context.interaction).text('user')
  if (wanted === null) return ephemeral(texts.memberNeeded)
  const { resolved } = context.interaction.data
  const user = resolved?.users?.[wanted]
  if (user?.bot === true) return ephemeral(texts.botsNotCounted)
  const asked = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-user-stats', userId: userId(wanted) }, wanted: 'user-stats' })
  if ('refusal' in asked) return asked.refusal
  const { period, time, neighbours } = asked.reply
  const name = resolved?.members?.[wanted]?.nick ?? user?.global_name ?? user?.username ?? wanted
  const subtitle = period === null ? '' : texts.chartPeriod(period.index)
  const picture = memberPicture(texts, { name, userId: wanted, subtitle, time, neighbours })
  const embed = { title: texts.userStatsTitle(name), description: `<@${wanted}>\n${describePeriod(texts, period)}`, fields: timeFields(texts, time) }
  return await withPictures(context, [{ embed, picture, name: 'member.png' }])
}

async function channelStats(context: CommandContext): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { guildId, interaction, voice } = context
  const wanted = readOptions(interaction).text('channel')
  if (wanted === null) return ephemeral(texts.channelNeeded)
  const asked = await askVoice(context, { command: { feature: 'voice-attendance', kind: 'read-channel-stats', channelId: channelId(wanted) }, wanted: 'channel-stats' })
  if ('refusal' in asked) return asked.refusal
  const { reply } = asked
  const nameOf = (id: string): string => interaction.data.resolved?.channels?.[id]?.name ?? voice.channelName(guildId, id as ChannelId) ?? id
  const subtitle = reply.period === null ? '' : texts.chartPeriod(reply.period.index)
  const bars = channelPicture(texts, { subtitle, channelId: wanted, stats: reply, nameOf })
  const untracked = reply.isTracked ? '' : `\n${texts.channelUntracked}`
  const embed = {
    title: texts.channelStatsTitle(nameOf(wanted)),
    description: `<#${wanted}>\n${describePeriod(texts, reply.period)}${untracked}`,
    fields: [
      { name: texts.counted, value: formatDuration(texts, reply.durationSeconds), inline: true },
      { name: texts.sessions, value: String(reply.sessions), inline: true },
      { name: texts.channelOpenNow, value: String(reply.openNow), inline: true },
    ],
  }
  const heatmap = heatmapPicture(texts, reply.activity, interaction.locale)
  return await withPictures(context, [
    { embed, picture: bars, name: 'channels.png' },
    { embed: { title: texts.heatmapTitle }, picture: heatmap, name: 'activity.png' },
  ])
}

interface Part {
  readonly embed: APIEmbed
  readonly picture: Picture
  readonly name: string
}

/** An embed for each picture; one that could not be drawn leaves its embed, and a sentence why. */
async function withPictures({ interaction, voice }: CommandContext, parts: readonly Part[]): Promise<MessageAnswer> {
  const texts = wordsFor({ interaction })
  const drawn = await Promise.all(parts.map(({ picture }) => voice.draw(picture)))
  const files: AnswerFile[] = []
  const embeds = parts.map(({ embed, name }, index): APIEmbed => {
    const result = drawn[index]
    if (result?.kind !== 'png') return { ...embed, color: accentColor, footer: { text: pictureProblem(texts, result?.kind) } }
    files.push({ name, data: result.bytes })
    return { ...embed, color: accentColor, image: { url: `attachment://${name}` } }
  })
  return { flags: MessageFlags.Ephemeral, allowed_mentions: { parse: [] }, embeds, files }
}

function pictureProblem(texts: Texts, kind: 'busy' | 'no-fonts' | 'failed' | undefined): string {
  return kind === 'no-fonts' ? texts.chartMissing : texts.chartBusy
}
