/**
 * A member's time as lines of an embed: what counted, what did not and why, the rank.
 */
import type { APIEmbedField } from 'discord-api-types/v10'
import type { OwnTime, PauseReason, RunningPeriod } from '../../actors/protocol/voice-attendance.ts'
import { formatDuration, formatInstant } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'

type Reason = PauseReason | 'unobserved'

export function setAsideOf(time: OwnTime): readonly { readonly reason: Reason; readonly seconds: number }[] {
  return (Object.entries(time.setAside) as [Reason, number][]).map(([reason, seconds]) => ({ reason, seconds })).filter(({ seconds }) => seconds > 0)
}

export function timeFields(texts: Texts, time: OwnTime): APIEmbedField[] {
  const aside = setAsideOf(time).map(({ reason, seconds }) => `${texts.pauses[reason]}: ${formatDuration(texts, seconds)}`)
  return [
    { name: texts.counted, value: formatDuration(texts, time.durationSeconds), inline: true },
    { name: texts.sessions, value: String(time.sessions), inline: true },
    { name: texts.rank, value: time.rank === null ? texts.noRank : texts.rankOf(time.rank, time.members), inline: true },
    { name: texts.notCounted, value: aside.length === 0 ? texts.nothingSetAside : aside.join('\n') },
  ]
}

export function describePeriod(texts: Texts, period: RunningPeriod | null): string {
  if (period === null) return texts.periodNone
  return texts.periodLine(period.index, formatInstant(period.startedAt), period.endsAt === null ? '…' : formatInstant(period.endsAt))
}
