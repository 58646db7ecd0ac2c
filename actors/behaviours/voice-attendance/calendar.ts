/**
 * Boundaries of periods in a guild's time zone: the only file of the actors that knows calendars.
 *
 * The library is luxon: a pure one over the runtime's own time zone data (Intl), so nothing is downloaded or shipped.
 * What it answers may differ between versions of that data, therefore it is asked only while deciding, and its answers
 * are journaled: a replay never asks it again. Where a local time does not exist (clocks go forward) the boundary is the
 * instant at which the clock jumps over it; where it exists twice it is the first of the two.
 */
import { DateTime, IANAZone } from 'luxon'
import { assert } from '../../../kernel/assert.ts'
import type { PeriodInterval, PeriodSchedule } from '../../protocol/voice-settings.ts'

const hourMs = 3_600_000

export function isTimeZone(name: string): boolean {
  return name.length <= 64 && IANAZone.isValidZone(name)
}

/** The first boundary after `after`, Unix ms. */
export function nextBoundary(schedule: PeriodSchedule, after: number): number {
  const next = schedule.anchor === 'rolling' ? nextRolling(schedule, after) : nextOfCalendar(schedule, after)
  assert(next > after, 'a boundary lies ahead')
  return next
}

/** The first midnight, or midnight of a week's first day, after `after`: when boards are posted. */
export function nextBoardTime(schedule: PeriodSchedule, every: 'day' | 'week', after: number): number {
  return nextOfCalendar({ ...schedule, interval: every === 'day' ? 'daily' : 'weekly' }, after)
}

/** Minutes to add to UTC in this zone at this instant. */
export function offsetMinutes(timeZone: string, at: number): number {
  return DateTime.fromMillis(at, { zone: timeZone }).offset
}

const units = { hourly: 'hours', daily: 'days', weekly: 'weeks', monthly: 'months', yearly: 'years' } as const

/** Counted from the anchor itself, not from the last boundary: from the 31st monthly is 28 February, then 31 March. */
function nextRolling({ interval, anchorAt, timeZone }: PeriodSchedule, after: number): number {
  if (interval === 'hourly') return anchorAt + (Math.floor((after - anchorAt) / hourMs) + 1) * hourMs
  const anchor = DateTime.fromMillis(anchorAt, { zone: timeZone })
  const unit = units[interval]
  const passed = Math.floor(DateTime.fromMillis(after, { zone: timeZone }).diff(anchor, unit).as(unit))
  for (let count = passed - 1; ; count += 1) {
    const boundary = anchor.plus({ [unit]: count }).toMillis()
    if (boundary > after) return boundary
  }
}

function nextOfCalendar({ interval, timeZone, weekStart }: PeriodSchedule, after: number): number {
  const now = DateTime.fromMillis(after, { zone: timeZone })
  if (interval === 'hourly') return nextHour(timeZone, after)
  const boundary = startAfter(interval, now.startOf('day'), weekStart).toMillis()
  if (boundary > after) return boundary
  // Midnight came twice and we are between: the day that began with the first has ended at the next one.
  return startAfter(interval, now.plus({ days: 1 }).startOf('day'), weekStart).toMillis()
}

function startAfter(interval: Exclude<PeriodInterval, 'hourly'>, today: DateTime, weekStart: 'monday' | 'sunday'): DateTime {
  switch (interval) {
    case 'daily':
      return today.plus({ days: 1 }).startOf('day')
    case 'weekly': {
      const passed = weekStart === 'monday' ? today.weekday - 1 : today.weekday % 7
      return today.plus({ days: 7 - passed }).startOf('day')
    }
    case 'monthly':
      return today.startOf('month').plus({ months: 1 }).startOf('day')
    case 'yearly':
      return today.startOf('year').plus({ years: 1 }).startOf('day')
  }
}

/** When the clock on the wall shows :00 next, or jumps over it. */
function nextHour(timeZone: string, after: number): number {
  const offsetMs = (at: number): number => offsetMinutes(timeZone, at) * 60_000
  const intoHour = (at: number): number => (((at + offsetMs(at)) % hourMs) + hourMs) % hourMs
  let at = after
  for (;;) {
    const next = at + hourMs - intoHour(at)
    const jumped = offsetMs(next) > offsetMs(at)
    if (jumped || intoHour(next) === 0) return next
    at = next
  }
}
