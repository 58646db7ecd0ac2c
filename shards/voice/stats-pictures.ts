/**
 * What `/stats` draws: a member's time, the channels, the week.
 */
import type { ActivityHours, LeaderboardEntry, OwnTime, VoiceAttendanceReply } from '../../actors/protocol/voice-attendance.ts'
import type { BarsPicture, HeatmapPicture, MemberPicture } from '../render/picture.ts'
import { formatDuration } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'
import { setAsideOf } from './time-fields.ts'

type ChannelStats = Extract<VoiceAttendanceReply, { kind: 'channel-stats' }>

const channelBarsMax = 8

export function memberPicture(
  texts: Texts,
  { name, userId, subtitle, time, neighbours }: {
    readonly name: string
    readonly userId: string
    readonly subtitle: string
    readonly time: OwnTime
    readonly neighbours: readonly LeaderboardEntry[]
  },
): MemberPicture {
  const bar = (label: string, value: number, isOwn: boolean) => ({ label, value, valueText: formatDuration(texts, value), isOwn })
  return {
    kind: 'member',
    title: texts.userStatsTitle(name),
    subtitle,
    accountsTitle: texts.chartAccounts,
    accounts: [
      bar(texts.chartCounted, time.durationSeconds, true),
      ...setAsideOf(time).map(({ reason, seconds }) => bar(texts.pauses[reason], seconds, false)),
    ],
    ranksTitle: texts.chartRanks,
    // Ranks and no names: a picture is passed on more easily than a mention.
    ranks: neighbours.map((entry) => bar(`#${entry.rank}`, entry.durationSeconds, entry.userId === userId)),
  }
}

export function channelPicture(
  texts: Texts,
  { subtitle, channelId, stats, nameOf }: {
    readonly subtitle: string
    readonly channelId: string
    readonly stats: ChannelStats
    nameOf(channelId: string): string
  },
): BarsPicture {
  const top = stats.channels.slice(0, channelBarsMax)
  const own = stats.channels.find((channel) => channel.channelId === channelId)
  const shown = own === undefined || top.includes(own) ? top : [...top.slice(0, -1), own]
  return {
    kind: 'bars',
    title: texts.chartChannels,
    subtitle,
    bars: shown.map((channel) => ({
      label: nameOf(channel.channelId),
      value: channel.durationSeconds,
      valueText: formatDuration(texts, channel.durationSeconds),
      isOwn: channel.channelId === channelId,
    })),
  }
}

export function heatmapPicture(texts: Texts, activity: ActivityHours, locale: string): HeatmapPicture {
  const rows = texts.weekdays.map((label, day) => ({ label, values: activity.seconds.slice(day * 24, (day + 1) * 24) }))
  const sunday = rows.slice(6)
  const ordered = activity.weekStart === 'monday' ? rows : [...sunday, ...rows.slice(0, 6)]
  const since =
    activity.since === null
      ? texts.heatmapNone
      : texts.heatmapSince(formatDay(activity.since, activity.timeZone, locale), activity.timeZone)
  return { kind: 'heatmap', title: texts.heatmapTitle, subtitle: since, rows: ordered, less: texts.heatmapLess, more: texts.heatmapMore }
}

/** In a picture no client fills in its own zone: the guild's is used. */
export function formatDay(at: number, timeZone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }).format(at)
}
