/**
 * How long something is held, as admins type it and as people read it: minutes, hours, days, weeks.
 */
import type { Texts } from '../texts/texts.ts'

const minuteMs = 60_000
const units = [
  { letter: 'w', ms: 7 * 24 * 60 * minuteMs },
  { letter: 'd', ms: 24 * 60 * minuteMs },
  { letter: 'h', ms: 60 * minuteMs },
  { letter: 'm', ms: minuteMs },
] as const

/** `90m`, `1h 30m`, `7d`; a bare number is minutes. Null: not a span. */
export function parseSpan(text: string): number | null {
  const words = text.trim().toLowerCase()
  if (/^\d{1,7}$/.test(words)) return Number(words) * minuteMs
  if (!/^(\d{1,5}\s*[wdhmt]\s*)+$/.test(words)) return null
  let total = 0
  for (const [, count = '0', letter = ''] of words.matchAll(/(\d{1,5})\s*([wdhmt])/g)) {
    // German days are `t` (Tage).
    const unit = units.find((one) => one.letter === (letter === 't' ? 'd' : letter))
    total += Number(count) * (unit?.ms ?? 0)
  }
  return total
}

/** What `parseSpan` reads: for a form that is filled in already. */
export function writeSpan(ms: number): string {
  const parts: string[] = []
  let left = ms
  for (const { letter, ms: unitMs } of units) {
    const count = Math.floor(left / unitMs)
    left -= count * unitMs
    if (count > 0) parts.push(`${count}${letter}`)
  }
  return parts.join(' ')
}

export function formatSpan(texts: Texts, ms: number): string {
  const { weeks, days, hours, minutes } = texts.panels.spans
  const words = { w: weeks, d: days, h: hours, m: minutes }
  return [...writeSpan(ms).matchAll(/(\d+)([wdhm])/g)].map(([, count, letter]) => words[letter as keyof typeof words](Number(count))).join(' ')
}
