/**
 * When a guild is active: counted time by weekday and hour, kept as at most 168 numbers.
 *
 * Kept by hour of the week in UTC, because evolve must give the same bytes for ever and time zone data changes with the
 * runtime's version. Whoever reads it is given it in the guild's zone as that stands now: an hour's time of which a part
 * lies in the next local hour (zones with half hours) is shared out.
 */
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import type { Stretch } from './accounts.ts'

const hourMs = 3_600_000
const hoursOfWeek = 168
const weekMs = hoursOfWeek * hourMs
/** 1970-01-05, the first Monday of Unix time. */
const firstMondayMs = 4 * 24 * hourMs

export function addActivity(state: VoiceAttendanceState, { from, to }: Stretch): void {
  state.activitySince ??= from
  const { activity } = state
  let at = from
  // A stretch longer than a week fills every hour once a week: whole weeks are added at once.
  const weeks = Math.floor((to - from) / weekMs)
  if (weeks > 0) {
    for (let hour = 0; hour < hoursOfWeek; hour += 1) activity[hour] = (activity[hour] ?? 0) + weeks * hourMs
    at += weeks * weekMs
  }
  while (at < to) {
    const end = Math.min(to, (Math.floor(at / hourMs) + 1) * hourMs)
    const hour = Math.floor((((at - firstMondayMs) % weekMs) + weekMs) / hourMs) % hoursOfWeek
    activity[hour] = (activity[hour] ?? 0) + end - at
    at = end
  }
}

/** Seconds by local hour of the week, Monday 00:00 first. */
export function localActivity(activity: Readonly<Record<string, number>>, offsetMinutes: number): readonly number[] {
  const local = Array.from({ length: hoursOfWeek }, () => 0)
  const shift = Math.floor(offsetMinutes / 60)
  const restMinutes = offsetMinutes - shift * 60
  for (const [key, ms] of Object.entries(activity)) {
    const hour = (Number(key) + shift + hoursOfWeek) % hoursOfWeek
    const inNext = (ms * restMinutes) / 60
    local[hour] = (local[hour] ?? 0) + ms - inNext
    const next = (hour + 1) % hoursOfWeek
    local[next] = (local[next] ?? 0) + inNext
  }
  return local.map((ms) => Math.round(ms / 1000))
}
