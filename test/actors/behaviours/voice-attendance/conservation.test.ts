/**
 * I10, conservation, over random histories: joins, moves, mutes, leaves, replays, duplicates, outages, changes of mode.
 *
 * Goal: whatever happens in whatever order, every millisecond of a session is in exactly one account, every session ends
 * in one record, and the totals are the sums of the signed integers. Method: the real decide and evolve, as the runtime
 * calls them, against a second book kept by hand in this file, which knows each session's stretches and nothing else.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { evolve } from '../../../../actors/behaviours/voice-attendance/evolve.ts'
import { initialState } from '../../../../actors/behaviours/voice-attendance/state.ts'
import { rankMembers } from '../../../../actors/behaviours/voice-attendance/leaderboard.ts'
import type { ObservedVoice, VoiceAttendanceEvent } from '../../../../actors/protocol/voice-attendance.ts'
import type { TrackingMode } from '../../../../actors/protocol/voice-settings.ts'
import { trackingModes } from '../../../../actors/protocol/voice-settings.ts'
import type { VoiceAttendanceState } from '../../../../actors/protocol/voice-attendance-state.ts'
import { channelId } from '../../../../kernel/ids.ts'
import { propertyRuns } from '../../../support/records.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, loseFeed, observe, reconcile, setMode, voiceOf } from '../../../support/voice.ts'

const start = Date.UTC(2026, 0, 1)
const members = 4

type Step =
  | { readonly kind: 'observe'; readonly user: number; readonly channel: number | null; readonly mute: boolean; readonly agoMs: number | null; readonly twice: boolean }
  | { readonly kind: 'reconcile'; readonly channels: readonly (number | null)[]; readonly agoMs: number }
  | { readonly kind: 'lose'; readonly agoMs: number }
  | { readonly kind: 'mode'; readonly mode: TrackingMode }
type TimedStep = Step & { readonly passMs: number }

const channel = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null, freq: 3 })
const agoMs = fc.integer({ min: 0, max: 90_000 })
const step: fc.Arbitrary<TimedStep> = fc
  .tuple(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('observe' as const),
          user: fc.nat({ max: members - 1 }),
          channel,
          mute: fc.boolean(),
          agoMs: fc.option(agoMs, { nil: null, freq: 3 }),
          twice: fc.boolean(),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('reconcile' as const), channels: fc.array(channel, { minLength: members, maxLength: members }), agoMs }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), agoMs }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('mode' as const), mode: fc.constantFrom(...trackingModes) }) },
    ),
    fc.integer({ min: 0, max: 45_000 }),
  )
  .map(([what, passMs]) => ({ ...what, passMs }))
const history = fc.array(step, { maxLength: 60 })

const pausedMsOf = (session: VoiceAttendanceState['open'][string]): number =>
  Object.values(session.pausedMs).reduce((sum: number, ms) => sum + (ms ?? 0), 0)

/** Every account of every open session, at every moment: whole, not negative, adding up to the wall time so far. */
function expectBalanced(guild: VoiceGuild, now: number): void {
  for (const [user, session] of Object.entries(guild.state.open)) {
    const { countedMs, unobservedMs, joinedAt, accountedUntil } = session
    expect(session.userId).to.equal(user)
    for (const ms of [countedMs, unobservedMs, pausedMsOf(session)]) expect(ms).to.be.at.least(0)
    expect(countedMs + pausedMsOf(session) + unobservedMs, 'I10: counted + paused + unobserved = wall').to.equal(accountedUntil - joinedAt)
    expect(joinedAt).to.be.at.most(accountedUntil)
    expect(accountedUntil).to.be.at.most(now)
  }
}

function runStep(guild: VoiceGuild, now: number, what: Step): void {
  switch (what.kind) {
    case 'observe': {
      const voice = voiceOf(what.user, what.channel, { selfMute: what.mute })
      const since = what.agoMs === null ? undefined : now - what.agoMs
      guild.run(observe(voice, since), now)
      const open = guild.state.open[voice.userId]
      if (what.channel === null) expect(open, 'a leave is always processed').to.equal(undefined)
      else if (open !== undefined) expect(open.channelId).to.equal(voice.channelId)
      if (what.twice) expect(guild.run(observe(voice, since), now).events, 'a duplicate changes nothing').to.deep.equal([])
      return
    }
    case 'reconcile': {
      const voices = what.channels
        .map((place, user) => voiceOf(user, place))
        .filter((voice): voice is ObservedVoice => voice.channelId !== null)
      guild.run(reconcile(voices, now - what.agoMs), now)
      for (const session of Object.values(guild.state.open)) {
        expect(voices.some(({ userId, channelId: place }) => userId === session.userId && place === session.channelId)).to.equal(true)
      }
      return
    }
    case 'lose':
      guild.run(loseFeed(now - what.agoMs), now)
      return
    case 'mode':
      guild.run(setMode(what.mode), now)
  }
}

function play(steps: readonly TimedStep[], check: (guild: VoiceGuild, now: number) => void = expectBalanced): { guild: VoiceGuild; now: number } {
  const guild = createVoiceGuild({ trackingMode: 'all', trackedChannels: [channelId('2001')] })
  let now = start
  for (const { passMs, ...what } of steps) {
    now += passMs
    runStep(guild, now, what as Step)
    check(guild, now)
  }
  return { guild, now }
}

describe('voice attendance: conservation (I10)', () => {
  it('counted + paused + unobserved is the wall time of every open session after every step', () => {
    fc.assert(
      fc.property(history, (steps) => void play(steps)),
      propertyRuns(300),
    )
  })

  it('every session that closed lies between its join and its leave, and its whole seconds lose less than one an account', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps)
        for (const closed of guild.closed()) {
          const paused = Object.values(closed.pausedSeconds).reduce((sum, seconds) => sum + seconds, 0)
          const wallMs = closed.leftAt - closed.joinedAt
          const lostMs = wallMs - (closed.durationSeconds + paused + closed.unobservedSeconds) * 1_000
          expect(wallMs).to.be.at.least(0)
          expect(lostMs).to.be.within(0, 2 * 999)
          expect(closed.leftAt).to.be.at.most(Math.max(...guild.journal.map(({ at }) => at)))
        }
      }),
      propertyRuns(300),
    )
  })

  it('a second book that follows one member only by joins, leaves and stretches unwatched comes to the same seconds', () => {
    // Only what this book understands: one member, one channel, joins and leaves, each perhaps replayed.
    const stay = fc.record({
      beforeMs: fc.integer({ min: 0, max: 60_000 }),
      stayMs: fc.integer({ min: 0, max: 7_200_000 }),
      unwatchedMs: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: null }),
    })
    fc.assert(
      fc.property(fc.array(stay, { maxLength: 20 }), (stays) => {
        const guild = createVoiceGuild()
        let now = start
        let counted = 0
        for (const { beforeMs, stayMs, unwatchedMs } of stays) {
          now += beforeMs
          guild.run(observe(voiceOf(1, 1)), now)
          now += stayMs
          guild.run(observe(voiceOf(1, null), unwatchedMs === null ? undefined : now - unwatchedMs), now)
          counted += Math.floor((stayMs - Math.min(stayMs, unwatchedMs ?? 0)) / 1_000)
        }
        expect(guild.state.totals['1001']?.durationSeconds ?? 0).to.equal(counted)
        expect(guild.closed()).to.have.length(stays.length)
      }),
      propertyRuns(200),
    )
  })

  it('totals are the sums of the closed sessions, each of which has exactly one record', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps, () => undefined)
        const sums: Record<string, { durationSeconds: number; sessions: number }> = {}
        for (const { userId, durationSeconds } of guild.closed()) {
          const sum = (sums[userId] ??= { durationSeconds: 0, sessions: 0 })
          sum.durationSeconds += durationSeconds
          sum.sessions += 1
        }
        expect(guild.state.totals).to.deep.equal(sums)
        const recordIds = guild.records.map(({ recordId }) => recordId)
        expect(recordIds).to.deep.equal(guild.closed().map(({ sessionId }) => sessionId))
        expect(new Set(recordIds).size).to.equal(recordIds.length)
      }),
      propertyRuns(150),
    )
  })

  it('the board is the totals and what is open, whenever it is read, and ranks each member once', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 100_000 }), (steps, laterMs) => {
        const { guild, now } = play(steps, () => undefined)
        const board = rankMembers(guild.state, now + laterMs)
        const users = new Set([...Object.keys(guild.state.totals), ...Object.keys(guild.state.open)])
        expect(new Set(board.map(({ userId }) => userId))).to.deep.equal(users)
        expect(board.map(({ rank }) => rank)).to.deep.equal(board.map((_, index) => index + 1))
        for (const { userId, durationSeconds } of board) {
          const open = guild.state.open[userId]
          const total = guild.state.totals[userId]?.durationSeconds ?? 0
          if (open === undefined) expect(durationSeconds).to.equal(total)
          else expect(durationSeconds).to.be.within(total, total + Math.floor((now + laterMs - open.joinedAt) / 1_000))
        }
      }),
      propertyRuns(150),
    )
  })

  it('replaying the journal gives the same bytes', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { guild } = play(steps, () => undefined)
        let state: VoiceAttendanceState = { ...initialState(), trackingMode: 'all', trackedChannels: [channelId('2001')] }
        for (const { at, event } of guild.journal) {
          state = evolve(state, JSON.parse(JSON.stringify(event)) as VoiceAttendanceEvent, at)
        }
        expect(JSON.stringify(state)).to.equal(JSON.stringify(guild.state))
      }),
      propertyRuns(150),
    )
  })

  it('deciding is the same for the same state, command, time and bytes', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const journals = [play(steps, () => undefined), play(steps, () => undefined)].map(({ guild }) => JSON.stringify(guild.journal))
        expect(journals[0]).to.equal(journals[1])
      }),
      propertyRuns(50),
    )
  })
})
