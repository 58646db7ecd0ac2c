/**
 * Durations and instants as people read them.
 */
import type { Texts } from './texts.ts'

const twoDigits = (count: number): string => String(count).padStart(2, '0')

export function formatDuration(texts: Pick<Texts, 'hours' | 'minutes' | 'seconds'>, seconds: number): string {
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  if (hours > 0) return texts.hours(hours, twoDigits(minutes))
  return minutes > 0 ? texts.minutes(minutes, twoDigits(seconds % 60)) : texts.seconds(seconds)
}

/** An instant that each client shows in its own zone and words. https://docs.discord.com/developers/reference#message-formatting */
export function formatInstant(unixMs: number, style: 'f' | 'd' | 't' | 'R' = 'f'): string {
  return `<t:${Math.floor(unixMs / 1000)}:${style}>`
}
