/** Boundaries of periods: clocks that change, leap days, week starts, anchors. Instants are written in UTC. */
import { expect } from 'chai'
import fc from 'fast-check'
import { isTimeZone, nextBoundary, offsetMinutes } from '../../../../actors/behaviours/voice-attendance/calendar.ts'
import type { PeriodSchedule } from '../../../../actors/protocol/voice-settings.ts'
import { periodAnchors, periodIntervals, weekStarts } from '../../../../actors/protocol/voice-settings.ts'
import { propertyRuns } from '../../../support/records.ts'

const calendar: PeriodSchedule = { interval: 'daily', anchor: 'calendar', anchorAt: 0, timeZone: 'UTC', weekStart: 'monday' }

/** The next boundaries after an instant, without seconds: all of them are whole minutes. */
function boundaries(schedule: Partial<PeriodSchedule>, after: string, count: number): readonly string[] {
  let at = Date.parse(`${after}:00Z`)
  return Array.from({ length: count }, () => {
    at = nextBoundary({ ...calendar, ...schedule }, at)
    return new Date(at).toISOString().slice(0, 16)
  })
}

describe('voice attendance: boundaries', () => {
  it('Europe/Berlin, clocks forward: the day has 23 hours, and each hour is one', () => {
    const timeZone = 'Europe/Berlin'
    expect(boundaries({ timeZone }, '2026-03-28T12:00', 3)).to.deep.equal(['2026-03-28T23:00', '2026-03-29T22:00', '2026-03-30T22:00'])
    expect(boundaries({ timeZone, interval: 'hourly' }, '2026-03-28T23:30', 4)).to.deep.equal([
      '2026-03-29T00:00', '2026-03-29T01:00', '2026-03-29T02:00', '2026-03-29T03:00',
    ])
  })

  it('Europe/Berlin, clocks back: the day has 25 hours, and the hour that comes twice is two periods', () => {
    const timeZone = 'Europe/Berlin'
    expect(boundaries({ timeZone }, '2026-10-24T12:00', 2)).to.deep.equal(['2026-10-24T22:00', '2026-10-25T23:00'])
    expect(boundaries({ timeZone, interval: 'hourly' }, '2026-10-24T23:30', 3)).to.deep.equal(['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'])
  })

  it('America/New_York, both ways: weeks begin at local midnight before and after', () => {
    const timeZone = 'America/New_York'
    expect(boundaries({ timeZone, interval: 'weekly' }, '2026-03-04T10:00', 2)).to.deep.equal(['2026-03-09T04:00', '2026-03-16T04:00'])
    expect(boundaries({ timeZone, interval: 'weekly', weekStart: 'sunday' }, '2026-10-28T10:00', 2)).to.deep.equal(['2026-11-01T04:00', '2026-11-08T05:00'])
  })

  it('Australia/Lord_Howe shifts by half an hour: the hour of the change has 30 minutes, or 90', () => {
    const timeZone = 'Australia/Lord_Howe'
    // Forward at 02:00 to 02:30: the stroke of two is jumped over, and three comes 30 minutes later.
    expect(boundaries({ timeZone, interval: 'hourly' }, '2026-10-03T14:10', 3)).to.deep.equal(['2026-10-03T14:30', '2026-10-03T15:30', '2026-10-03T16:00'])
    // Back at 02:00 to 01:30: two comes 90 minutes after one.
    expect(boundaries({ timeZone, interval: 'hourly' }, '2026-04-04T13:10', 3)).to.deep.equal(['2026-04-04T14:00', '2026-04-04T15:30', '2026-04-04T16:30'])
    expect(boundaries({ timeZone }, '2026-04-03T13:10', 3)).to.deep.equal(['2026-04-04T13:00', '2026-04-05T13:30', '2026-04-06T13:30'])
  })

  it('a midnight that does not exist is the jump over it, one that comes twice is the first', () => {
    expect(boundaries({ timeZone: 'America/Santiago' }, '2026-09-04T14:00', 3)).to.deep.equal(['2026-09-05T04:00', '2026-09-06T04:00', '2026-09-07T03:00'])
    expect(boundaries({ timeZone: 'America/Havana' }, '2026-10-31T05:00', 2)).to.deep.equal(['2026-11-01T04:00', '2026-11-02T05:00'])
    expect(boundaries({ timeZone: 'America/Havana' }, '2026-11-01T05:30', 1), 'between the two').to.deep.equal(['2026-11-02T05:00'])
  })

  it('leap day, month ends and year ends are those of the calendar', () => {
    expect(boundaries({}, '2028-02-28T12:00', 3)).to.deep.equal(['2028-02-29T00:00', '2028-03-01T00:00', '2028-03-02T00:00'])
    expect(boundaries({ interval: 'monthly' }, '2027-12-15T00:00', 4)).to.deep.equal(['2028-01-01T00:00', '2028-02-01T00:00', '2028-03-01T00:00', '2028-04-01T00:00'])
    expect(boundaries({ interval: 'yearly', timeZone: 'Asia/Tokyo' }, '2026-06-01T00:00', 2)).to.deep.equal(['2026-12-31T15:00', '2027-12-31T15:00'])
  })

  it('weeks begin on Monday or on Sunday, also when asked on that very day', () => {
    expect(boundaries({ interval: 'weekly' }, '2026-01-01T00:00', 2)).to.deep.equal(['2026-01-05T00:00', '2026-01-12T00:00'])
    expect(boundaries({ interval: 'weekly', weekStart: 'sunday' }, '2026-01-01T00:00', 2)).to.deep.equal(['2026-01-04T00:00', '2026-01-11T00:00'])
    expect(boundaries({ interval: 'weekly', weekStart: 'sunday' }, '2026-01-04T00:00', 1)).to.deep.equal(['2026-01-11T00:00'])
  })

  it('rolling counts from the moment it was set: from the 31st to the last day of each month', () => {
    const anchorAt = Date.parse('2024-01-31T10:20:00Z')
    expect(boundaries({ anchor: 'rolling', interval: 'monthly', anchorAt }, '2024-01-31T10:20', 4)).to.deep.equal([
      '2024-02-29T10:20', '2024-03-31T10:20', '2024-04-30T10:20', '2024-05-31T10:20',
    ])
    expect(boundaries({ anchor: 'rolling', interval: 'hourly', anchorAt }, '2024-01-31T10:20', 2)).to.deep.equal(['2024-01-31T11:20', '2024-01-31T12:20'])
    const winter = { anchor: 'rolling', interval: 'daily', anchorAt: Date.parse('2026-03-27T08:00:00Z'), timeZone: 'Europe/Berlin' } as const
    expect(boundaries(winter, '2026-03-27T08:00', 3), 'the same time on the wall').to.deep.equal(['2026-03-28T08:00', '2026-03-29T07:00', '2026-03-30T07:00'])
  })

  it('whatever the schedule and the instant, the next boundary lies ahead, nothing is between, and asking again at it goes on', () => {
    const schedule = fc.record({
      interval: fc.constantFrom(...periodIntervals),
      anchor: fc.constantFrom(...periodAnchors),
      anchorAt: fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2026, 0, 1) }),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Havana', 'Pacific/Apia'),
      weekStart: fc.constantFrom(...weekStarts),
    })
    const lengthMaxMs = { hourly: 2, daily: 26, weekly: 170, monthly: 32 * 24, yearly: 367 * 24 }
    fc.assert(
      fc.property(schedule, fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2030, 0, 1) }), (one, at) => {
        const first = nextBoundary(one, at)
        const second = nextBoundary(one, first)
        expect(first).to.be.greaterThan(at)
        expect(second).to.be.greaterThan(first)
        expect(second - first).to.be.at.most(lengthMaxMs[one.interval] * 3_600_000)
        expect(nextBoundary(one, first - 1), 'nothing is between').to.equal(first)
      }),
      propertyRuns(400),
    )
  })

  it('time zones are IANA names', () => {
    expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires'].map(isTimeZone)).to.deep.equal([true, true, true])
    expect(['', 'Berlin', 'Europe/Berlin; DROP', 'x'.repeat(100)].map(isTimeZone)).to.deep.equal([false, false, false, false])
    expect(offsetMinutes('Asia/Kathmandu', Date.UTC(2026, 0, 1))).to.equal(345)
  })
})
