/**
 * I10 over whole periods: what is signed and what a period says are one book, whatever happens in whatever order.
 *
 * Goal: for every period, the sums of its signed sessions are its entries; what is in no total is stated; every millisecond
 * of every session has one account; a replay or a crash changes nothing. Method: random histories of joins, moves, flags,
 * others coming and going, outages, settings, boundaries and resets, run as the runtime runs them, alarms first; the books
 * are added up from the records alone.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { evolve } from '../../../../actors/behaviours/voice-attendance/evolve.ts'
import { initialState } from '../../../../actors/behaviours/voice-attendance/state.ts'
import type { PeriodPayload, VoiceSessionPayload } from '../../../../actors/protocol/record.ts'
import type { ObservedVoice, VoiceAttendanceCommand, VoiceAttendanceEvent } from '../../../../actors/protocol/voice-attendance.ts'
import { periodIntervals, trackingModes } from '../../../../actors/protocol/voice-settings.ts'
import { findPayloadProblem } from '../../../../actors/records/receipt-payloads.ts'
import { channelId, userId } from '../../../../kernel/ids.ts'
import { propertyRuns } from '../../../support/records.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, loseFeed, observe, reconcile, setMode, voiceOf } from '../../../support/voice.ts'

const start = Date.UTC(2026, 2, 28, 21)
const members = 5
const byUserId = userId('1')
const feature = 'voice-attendance' as const

type Step =
  | { readonly kind: 'observe'; readonly voice: ObservedVoice; readonly agoMs: number | null; readonly twice: boolean }
  | { readonly kind: 'outage'; readonly channels: readonly (number | null)[]; readonly lengthMs: number; readonly toldEarly: boolean }
  | { readonly kind: 'lose'; readonly agoMs: number }
  | { readonly kind: 'command'; readonly command: VoiceAttendanceCommand }
  | { readonly kind: 'reset' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'locked'; readonly drops: boolean }

const channel = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null, freq: 4 })
const flags = fc.record({ selfMute: fc.boolean(), serverMute: fc.boolean(), selfDeaf: fc.boolean(), serverDeaf: fc.boolean() })
const commandOf = (command: object): Step => ({ kind: 'command', command: { feature, ...command } as VoiceAttendanceCommand })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('observe' as const),
      voice: fc.tuple(fc.nat({ max: members - 1 }), channel, flags, fc.boolean()).map(([user, place, set, bot]) => voiceOf(user, place, { ...set, bot: bot && user === 0 })),
      agoMs: fc.option(fc.integer({ min: 0, max: 3_600_000 }), { nil: null, freq: 1 }),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('outage' as const),
      channels: fc.array(channel, { minLength: members, maxLength: members }),
      lengthMs: fc.integer({ min: 0, max: 7_200_000 }),
      toldEarly: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), agoMs: fc.integer({ min: 0, max: 600_000 }) }) },
  {
    weight: 3,
    arbitrary: fc.oneof(
      fc.constantFrom(...trackingModes).map((mode): Step => ({ kind: 'command', command: setMode(mode) })),
      fc
        .record({
          selfMute: fc.boolean(), serverMute: fc.boolean(), selfDeaf: fc.boolean(), serverDeaf: fc.boolean(), alone: fc.boolean(), afk: fc.boolean(),
          minimumSeconds: fc.constantFrom(0, 0, 30, 600), minimumMembers: fc.integer({ min: 1, max: 3 }),
        }, { requiredKeys: [] })
        .map((rules) => commandOf({ kind: 'set-fairness', rules, byUserId })),
      fc
        .record({
          interval: fc.constantFrom(...periodIntervals), anchor: fc.constantFrom('rolling', 'calendar'),
          timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe'), weekStart: fc.constantFrom('monday', 'sunday'),
        }, { requiredKeys: [] })
        .map((changes) => commandOf({ kind: 'set-schedule', changes, byUserId })),
      fc.option(fc.constantFrom('2001', '2002'), { nil: null }).map((afkChannelId) => commandOf({ kind: 'observe-guild', afkChannelId })),
      fc.constantFrom('add', 'remove').map((action) => commandOf({ kind: 'track-channel', action, channelId: '2001', byUserId })),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'reset' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'crash' }) },
  { weight: 1, arbitrary: fc.boolean().map((drops): Step => ({ kind: 'locked', drops })) },
)
const passMs = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 400_000 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 10_800_000 }) })
const history = fc.array(fc.tuple(step, passMs), { maxLength: 70 })

interface Told {
  readonly guild: VoiceGuild
  isDropping: boolean
}

function tell(told: Told, now: number, what: Step): number {
  const { guild } = told
  switch (what.kind) {
    case 'observe': {
      const since = what.agoMs === null ? undefined : now - what.agoMs
      guild.run(observe(what.voice, since), now)
      if (what.twice) expect(guild.run(observe(what.voice, since), now).events, 'a replay changes nothing').to.deep.equal([])
      return now
    }
    case 'outage': {
      const voices = what.channels.map((place, user) => voiceOf(user, place)).filter(({ channelId: place }) => place !== null)
      if (what.toldEarly) guild.run({ ...loseFeed(now), voices } as VoiceAttendanceCommand, now)
      guild.run(reconcile(voices, now), now + what.lengthMs)
      return now + what.lengthMs
    }
    case 'lose':
      guild.run(loseFeed(now - what.agoMs), now)
      return now
    case 'command':
      guild.run(what.command, now)
      return now
    case 'reset':
      guild.run({ feature, kind: 'reset-period', index: guild.state.period?.index ?? 0, byUserId }, now)
      return now
    case 'crash':
      guild.crash()
      return now
    case 'locked':
      told.isDropping = what.drops
      return now
  }
}

function play(steps: readonly (readonly [Step, number])[]): { readonly guild: VoiceGuild; readonly dropped: readonly string[] } {
  const told: Told = {
    isDropping: false,
    guild: createVoiceGuild({ trackingMode: 'all', trackedChannels: [channelId('2001')] }, { dropsRecords: () => told.isDropping }),
  }
  tell(told, start, commandOf({ kind: 'set-schedule', changes: { interval: 'hourly', timeZone: 'Europe/Berlin' }, byUserId }))
  let now = start
  for (const [what, pass] of steps) now = tell(told, now + pass, what)
  const { guild } = told
  return { guild, dropped: guild.closed().filter(({ isUnsigned }) => isUnsigned === true).map(({ sessionId }) => sessionId) }
}

type Sums = Record<string, { duration_seconds: number; sessions: number }>

/** Signed sessions by period and member, from the records alone. */
function bookOf(guild: VoiceGuild, dropped: readonly string[]): Map<string, Sums> {
  const book = new Map<string, Sums>()
  for (const { type, recordId, payload } of guild.records) {
    if (type !== 'voice-session' || dropped.includes(recordId)) continue
    const session = payload as VoiceSessionPayload
    const sums = book.get(session.period_id) ?? {}
    const sum = (sums[session.user_id] ??= { duration_seconds: 0, sessions: 0 })
    sum.duration_seconds += session.duration_seconds
    sum.sessions += 1
    book.set(session.period_id, sums)
  }
  return book
}

const periodsOf = (guild: VoiceGuild): PeriodPayload[] => guild.records.filter(({ type }) => type === 'period').map(({ payload }) => payload as PeriodPayload)

describe('voice attendance: the books agree (I10)', () => {
  it('a period’s entries are the sums of its signed sessions, and the running totals those of what is signed so far', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild, dropped } = play(steps)
        const book = bookOf(guild, dropped)
        for (const period of periodsOf(guild)) {
          const entries = Object.fromEntries(period.entries.map(({ user_id: user, ...sum }) => [user, sum]))
          expect(entries).to.deep.equal(book.get(period.period_id) ?? {})
        }
        const running = Object.fromEntries(
          Object.entries(guild.state.totals).map(([user, { durationSeconds, sessions }]) => [user, { duration_seconds: durationSeconds, sessions }]),
        )
        expect(running).to.deep.equal(book.get(guild.state.period?.periodId ?? '') ?? {})
      }),
      propertyRuns(250),
    )
  })

  it('what is in no total is stated: discarded and dropped sessions, their number and seconds', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps)
        let stated = { ...guild.state.unsigned }
        for (const { unsigned } of periodsOf(guild)) stated = { sessions: stated.sessions + unsigned.sessions, seconds: stated.seconds + unsigned.seconds }
        const outside = { sessions: 0, seconds: 0 }
        for (const { event } of guild.journal) {
          const isOut = (event.kind === 'voice-session-discarded' && event.reason === 'too-short') || (event.kind === 'voice-session-closed' && event.isUnsigned === true)
          if (!isOut) continue
          outside.sessions += 1
          outside.seconds += (event as { durationSeconds: number }).durationSeconds
        }
        expect(stated).to.deep.equal(outside)
      }),
      propertyRuns(150),
    )
  })

  it('pauses + counted + unobserved = wall time, of every session that closed and of every one that is open', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps)
        for (const { joinedAt, leftAt, durationSeconds, unobservedSeconds, pausedSeconds } of guild.closed()) {
          const accounts = [durationSeconds, unobservedSeconds, ...Object.values(pausedSeconds)]
          const lostMs = leftAt - joinedAt - accounts.reduce((sum, seconds) => sum + seconds, 0) * 1_000
          expect(lostMs).to.be.within(0, 999 * accounts.length)
        }
        for (const { joinedAt, accountedUntil, countedMs, unobservedMs, pausedMs } of Object.values(guild.state.open)) {
          const paused = Object.values(pausedMs).reduce((sum: number, ms) => sum + (ms ?? 0), 0)
          expect(countedMs + unobservedMs + paused).to.equal(accountedUntil - joinedAt)
        }
      }),
      propertyRuns(150),
    )
  })

  it('periods are numbered without holes, each begins where the one before ended unless nothing was tracked between, and every record is in form', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps)
        const periods = periodsOf(guild)
        expect(periods.map(({ period_index: index }) => index)).to.deep.equal(periods.map((_, index) => index + 1))
        for (const [index, { started_at: from, ended_at: to }] of periods.entries()) {
          expect(Date.parse(to)).to.be.at.least(Date.parse(from))
          if (index > 0) expect(Date.parse(from)).to.be.at.least(Date.parse(periods[index - 1]?.ended_at ?? ''))
        }
        for (const { type, payload } of guild.records) expect(findPayloadProblem(type, JSON.parse(JSON.stringify(payload)))).to.equal(null)
        const ids = guild.records.map(({ recordId }) => recordId)
        expect(new Set(ids).size).to.equal(ids.length)
      }),
      propertyRuns(100),
    )
  })

  it('a member’s sessions never overlap, and lie within their period', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps)
        const until = new Map<string, number>()
        const ends = new Map(periodsOf(guild).map(({ period_id: id, started_at: from, ended_at: to }) => [id, [Date.parse(from), Date.parse(to)] as const]))
        for (const { type, payload } of guild.records) {
          if (type !== 'voice-session') continue
          const { user_id: user, joined_at: from, left_at: to, period_id: period } = payload as VoiceSessionPayload
          expect(Date.parse(from)).to.be.at.least(until.get(user) ?? 0)
          until.set(user, Date.parse(to))
          const [begins, closes] = ends.get(period) ?? [0, Infinity]
          expect(Date.parse(from)).to.be.at.least(begins)
          expect(Date.parse(to)).to.be.at.most(closes)
        }
      }),
      propertyRuns(150),
    )
  })

  it('the journal replayed gives the same bytes, crashes or not', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps)
        let state = { ...initialState(), trackingMode: 'all' as const, trackedChannels: [channelId('2001')] } as VoiceGuild['state']
        for (const { at, event } of guild.journal) state = evolve(state, JSON.parse(JSON.stringify(event)) as VoiceAttendanceEvent, at)
        expect(sorted(state)).to.equal(sorted(guild.state))
      }),
      propertyRuns(150),
    )
  })
})

/** The order in which keys were set is nobody's business: snapshots are canonical. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  )
}
