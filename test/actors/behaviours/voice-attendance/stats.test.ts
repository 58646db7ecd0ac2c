/** What members ask: their own time, a channel's, and when the guild is active. */
import { expect } from 'chai'
import fc from 'fast-check'
import { addActivity, localActivity } from '../../../../actors/behaviours/voice-attendance/activity.ts'
import { initialState } from '../../../../actors/behaviours/voice-attendance/state.ts'
import type { VoiceAttendanceReply } from '../../../../actors/protocol/voice-attendance.ts'
import { channelId, userId } from '../../../../kernel/ids.ts'
import { propertyRuns } from '../../../support/records.ts'
import { createVoiceGuild, observe, voiceOf } from '../../../support/voice.ts'

const start = Date.UTC(2026, 0, 1)
const s = (seconds: number): number => start + seconds * 1_000
const feature = 'voice-attendance' as const

describe('voice attendance: own time and stats', () => {
  function guildWithTime() {
    const guild = createVoiceGuild()
    guild.run({ feature, kind: 'set-fairness', rules: { selfMute: true }, byUserId: userId('1') }, s(0))
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(1, null)), s(100))
    guild.run(observe(voiceOf(2, 2)), s(0))
    guild.run(observe(voiceOf(1, 2, { selfMute: true })), s(200))
    return guild
  }

  it('/mytime: signed and open time, what did not count by reason, and why it does not right now', () => {
    const { reply } = guildWithTime().run({ feature, kind: 'read-own-time', userId: userId('1001') }, s(230))
    expect(reply).to.deep.include({
      kind: 'own-time',
      time: { durationSeconds: 100, sessions: 2, setAside: { self_mute: 30 }, now: 'self_mute', rank: 2, members: 2 },
    })
  })

  it('/stats channel: its own time, who is in it, and the others beside it', () => {
    const { reply } = guildWithTime().run({ feature, kind: 'read-channel-stats', channelId: channelId('2002') }, s(230))
    expect(reply).to.deep.include({ durationSeconds: 230, sessions: 2, openNow: 2, isTracked: true })
    expect((reply as Extract<VoiceAttendanceReply, { kind: 'channel-stats' }>).channels).to.deep.equal([
      { channelId: '2002', durationSeconds: 230 },
      { channelId: '2001', durationSeconds: 100 },
    ])
  })

  it('/stats user: those around the member in rank', () => {
    const guild = createVoiceGuild({ trackingMode: 'all', totals: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [String(1_000 + index), { durationSeconds: 1_000 - index, sessions: 1 }])) })
    const ranks = (user: string): number[] => {
      const { reply } = guild.run({ feature, kind: 'read-user-stats', userId: userId(user) }, s(0))
      return (reply as Extract<VoiceAttendanceReply, { kind: 'user-stats' }>).neighbours.map(({ rank }) => rank)
    }
    expect(ranks('1000')).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8])
    expect(ranks('1019')).to.deep.equal([16, 17, 18, 19, 20, 21, 22, 23])
    expect(ranks('1029')).to.deep.equal([23, 24, 25, 26, 27, 28, 29, 30])
    expect(ranks('5')).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe('voice attendance: activity by weekday and hour', () => {
  it('counted time falls into its own hours', () => {
    const state = initialState()
    addActivity(state, { from: Date.UTC(2026, 0, 5, 0, 50), to: Date.UTC(2026, 0, 5, 2, 10) })
    expect(state.activity).to.deep.equal({ '0': 600_000, '1': 3_600_000, '2': 600_000 })
    expect(state.activitySince).to.equal(Date.UTC(2026, 0, 5, 0, 50))
  })

  it('nothing is lost, however long and whenever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: 0, max: 2_000_000_000 }), (from, length) => {
        const state = initialState()
        addActivity(state, { from, to: from + length })
        expect(Object.values(state.activity).reduce((sum, ms) => sum + ms, 0)).to.equal(length)
        expect(Object.keys(state.activity).every((hour) => Number(hour) >= 0 && Number(hour) < 168)).to.equal(true)
      }),
      propertyRuns(200),
    )
  })

  it('is shown in the guild’s zone: whole hours move, half hours are shared out', () => {
    const monday = { '0': 3_600_000 }
    expect(localActivity(monday, 60)[1]).to.equal(3_600)
    expect(localActivity(monday, -60)[167]).to.equal(3_600)
    const kathmandu = localActivity(monday, 345)
    expect([kathmandu[5], kathmandu[6]]).to.deep.equal([900, 2_700])
    const half = localActivity(monday, -210)
    expect([half[164], half[165]]).to.deep.equal([1_800, 1_800])
  })
})
