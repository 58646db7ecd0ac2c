/** Sessions one by one: what opens, what closes, and what an outage leaves. */
import { expect } from 'chai'
import type { ObservedVoice } from '../../../../actors/protocol/voice-attendance.ts'
import { channelId, userId } from '../../../../kernel/ids.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, loseFeed, observe, reconcile, setMode, voiceOf } from '../../../support/voice.ts'

const start = Date.UTC(2026, 0, 1)
const s = (seconds: number): number => start + seconds * 1_000
const openOf = (guild: VoiceGuild, user: number) => guild.state.open[String(1_000 + user)]
const kindsOf = (decision: ReturnType<VoiceGuild['run']>): string[] => decision.events.map(({ kind }) => kind)

describe('voice attendance: observing', () => {
  it('a join opens the first period and a session; the leave closes it with its counted seconds and a record', () => {
    const guild = createVoiceGuild()
    expect(kindsOf(guild.run(observe(voiceOf(1, 1)), s(0)))).to.deep.equal(['voice-period-opened', 'voice-session-opened'])
    const left = guild.run(observe(voiceOf(1, null)), s(61.999))
    expect(kindsOf(left)).to.deep.equal(['voice-session-closed'])
    expect(guild.closed()[0]).to.include({
      userId: '1001', channelId: '2001', joinedAt: s(0), leftAt: s(61.999), durationSeconds: 61, unobservedSeconds: 0, recovered: false,
    })
    expect(left.records).to.have.length(1)
    expect(left.records?.[0]).to.deep.include({ type: 'voice-session', recordId: guild.closed()[0]?.sessionId })
    expect(left.records?.[0]?.payload).to.include({
      user_id: '1001',
      channel_id: '2001',
      period_id: guild.state.period?.periodId,
      joined_at: '2026-01-01T00:00:00.000Z',
      left_at: '2026-01-01T00:01:01.999Z',
      duration_seconds: 61,
      recovered: false,
      rules_version: 1,
    })
    expect(guild.state.totals).to.deep.equal({ '1001': { durationSeconds: 61, sessions: 1 } })
    expect(guild.state.open).to.deep.equal({})
  })

  it('a second member does not open a second period', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    expect(kindsOf(guild.run(observe(voiceOf(2, 1)), s(1)))).to.deep.equal(['voice-session-opened'])
  })

  it('a move closes the one and opens the other at the same instant', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    expect(kindsOf(guild.run(observe(voiceOf(1, 2)), s(10)))).to.deep.equal(['voice-session-closed', 'voice-session-opened'])
    expect(guild.closed()[0]).to.include({ channelId: '2001', leftAt: s(10), durationSeconds: 10 })
    expect(openOf(guild, 1)).to.include({ channelId: '2002', joinedAt: s(10) })
  })

  it('a move into a channel that is not tracked only closes', () => {
    const guild = createVoiceGuild({ trackingMode: 'denylist', trackedChannels: [channelId('2002')] })
    guild.run(observe(voiceOf(1, 1)), s(0))
    expect(kindsOf(guild.run(observe(voiceOf(1, 2)), s(10)))).to.deep.equal(['voice-session-closed'])
    expect(guild.state.open).to.deep.equal({})
  })

  it('the same state told again changes nothing', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    expect(guild.run(observe(voiceOf(1, 1)), s(5))).to.deep.include({ events: [], reply: { kind: 'observed' } })
    guild.run(observe(voiceOf(1, null)), s(9))
    expect(kindsOf(guild.run(observe(voiceOf(1, null)), s(9)))).to.deep.equal([])
  })

  it('mute and deafen are noted and the session goes on', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    for (const flag of ['selfMute', 'serverMute', 'selfDeaf', 'serverDeaf'] as const) {
      expect(kindsOf(guild.run(observe(voiceOf(1, 1, { [flag]: true })), s(5))), flag).to.deep.equal(['voice-flags-changed'])
      expect(openOf(guild, 1)?.voice[flag]).to.equal(true)
    }
    guild.run(observe(voiceOf(1, null)), s(20))
    expect(guild.closed()[0]).to.include({ durationSeconds: 20 })
  })

  it('a rejoin of the same channel that was missed is noted, and the session goes on', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    expect(kindsOf(guild.run(observe(voiceOf(1, 1, { voiceSessionId: 'another' })), s(5)))).to.deep.equal(['voice-flags-changed'])
    expect(openOf(guild, 1)?.voice.voiceSessionId).to.equal('another')
  })

  it('a bot is never counted', () => {
    const guild = createVoiceGuild()
    expect(kindsOf(guild.run(observe(voiceOf(1, 1, { bot: true })), s(0)))).to.deep.equal([])
    expect(kindsOf(guild.run(reconcile([voiceOf(1, 1, { bot: true })], s(0)), s(1)))).to.deep.equal([])
  })

  it('each mode tracks what its name says', () => {
    const listed = [channelId('2001')]
    const tracked = (trackingMode: 'off' | 'allowlist' | 'denylist' | 'all', channel: number): boolean => {
      const guild = createVoiceGuild({ trackingMode, trackedChannels: listed })
      return guild.run(observe(voiceOf(1, channel)), s(0)).events.length > 0
    }
    expect([tracked('off', 1), tracked('off', 2)]).to.deep.equal([false, false])
    expect([tracked('allowlist', 1), tracked('allowlist', 2)]).to.deep.equal([true, false])
    expect([tracked('denylist', 1), tracked('denylist', 2)]).to.deep.equal([false, true])
    expect([tracked('all', 1), tracked('all', 2)]).to.deep.equal([true, true])
  })

  it('a leave is processed although tracking was switched off meanwhile', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(setMode('off'), s(5))
    expect(kindsOf(guild.run(observe(voiceOf(1, null)), s(10)))).to.deep.equal(['voice-session-closed'])
    expect(guild.closed()[0]).to.include({ durationSeconds: 10 })
  })

  it('the mode that is already set is answered and journals nothing', () => {
    const guild = createVoiceGuild()
    const again = guild.run(setMode('all'), s(0))
    expect(again).to.deep.include({ events: [], reply: { kind: 'tracking-mode-set', mode: 'all', previous: 'all' } })
    const changed = guild.run(setMode('off'), s(1))
    expect(changed.reply).to.deep.equal({ kind: 'tracking-mode-set', mode: 'off', previous: 'all' })
    expect(guild.state.trackingMode).to.equal('off')
  })
})

describe('voice attendance: time nobody watched', () => {
  it('a leave replayed after a resume is dated at its receipt, and the stretch since the loss is unobserved', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(1, null), s(30)), s(50))
    expect(guild.closed()[0]).to.include({ leftAt: s(50), durationSeconds: 30, unobservedSeconds: 20, recovered: false })
  })

  it('a mute replayed after a resume keeps the session, with the stretch unobserved', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(1, 1, { selfMute: true }), s(30)), s(50))
    guild.run(observe(voiceOf(1, null)), s(60))
    expect(guild.closed()[0]).to.include({ durationSeconds: 40, unobservedSeconds: 20 })
  })

  it('a session that no replayed event touches counts on', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(2, 1)), s(0))
    guild.run(observe(voiceOf(2, null), s(30)), s(50))
    guild.run(observe(voiceOf(1, null)), s(60))
    expect(guild.closed()[1]).to.include({ userId: '1001', durationSeconds: 60, unobservedSeconds: 0 })
  })

  it('after the feed is lost nothing counts until it is back', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    expect(kindsOf(guild.run(loseFeed(s(10)), s(12)))).to.deep.equal(['voice-feed-lost'])
    expect(kindsOf(guild.run(loseFeed(s(11)), s(13))), 'told twice').to.deep.equal([])
    guild.run(reconcile([voiceOf(1, 1)], s(40)), s(41))
    guild.run(observe(voiceOf(1, null)), s(50))
    expect(guild.closed()[0]).to.include({ durationSeconds: 19, unobservedSeconds: 31 })
  })

  it('a lost feed matters only to open sessions', () => {
    const guild = createVoiceGuild()
    expect(kindsOf(guild.run(loseFeed(s(1)), s(2)))).to.deep.equal([])
  })

  it('a replayed event while the feed is lost is unobserved since the earlier of the two', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(2, 1)), s(0))
    guild.run(loseFeed(s(10)), s(10))
    guild.run(observe(voiceOf(1, 1, { selfMute: true }), s(30)), s(40))
    guild.run(observe(voiceOf(1, null), s(30)), s(50))
    guild.run(observe(voiceOf(2, null), s(30)), s(50))
    for (const closed of guild.closed()) expect(closed).to.include({ durationSeconds: 10, unobservedSeconds: 40 })
  })
})

describe('voice attendance: reconciling after an outage', () => {
  const present = (guild: VoiceGuild, ...voices: ObservedVoice[]): ReturnType<VoiceGuild['run']> => guild.run(reconcile(voices, s(60)), s(100))

  function withMember(): VoiceGuild {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), s(0))
    return guild
  }

  it('same channel: the session goes on, and what nobody watched is recorded as unobserved', () => {
    const guild = withMember()
    expect(kindsOf(present(guild, voiceOf(1, 1)))).to.deep.equal(['voice-feed-resumed'])
    guild.run(observe(voiceOf(1, null)), s(110))
    expect(guild.closed()[0]).to.include({ joinedAt: s(0), durationSeconds: 70, unobservedSeconds: 40, recovered: false })
  })

  it('same channel with other flags: they are taken over', () => {
    const guild = withMember()
    expect(kindsOf(present(guild, voiceOf(1, 1, { selfDeaf: true })))).to.deep.equal(['voice-feed-resumed', 'voice-flags-changed'])
    expect(openOf(guild, 1)).to.deep.include({ countedMs: 60_000, unobservedMs: 40_000, voice: voiceOf(1, 1, { selfDeaf: true }) })
  })

  it('gone: it closes at the last moment known, marked as recovered', () => {
    const guild = withMember()
    expect(kindsOf(present(guild))).to.deep.equal(['voice-session-closed', 'voice-feed-resumed'])
    expect(guild.closed()[0]).to.include({ leftAt: s(60), durationSeconds: 60, unobservedSeconds: 0, recovered: true })
  })

  it('gone after the feed was known to be lost: it closes at that moment', () => {
    const guild = withMember()
    guild.run(loseFeed(s(20)), s(21))
    present(guild)
    expect(guild.closed()[0]).to.include({ leftAt: s(20), durationSeconds: 20, recovered: true })
  })

  it('gone, with accounts already past what was watched: what is accounted stays (I13)', () => {
    const guild = withMember()
    guild.run(observe(voiceOf(1, 1, { selfMute: true })), s(80))
    present(guild)
    expect(guild.closed()[0]).to.include({ leftAt: s(80), durationSeconds: 80, recovered: true })
  })

  it('in another channel: the old one closes at the last moment known, a new one opens now', () => {
    const guild = withMember()
    expect(kindsOf(present(guild, voiceOf(1, 2)))).to.deep.equal(['voice-session-closed', 'voice-feed-resumed', 'voice-session-opened'])
    expect(guild.closed()[0]).to.include({ leftAt: s(60), recovered: true })
    expect(openOf(guild, 1)).to.include({ channelId: '2002', joinedAt: s(100), unobservedMs: 0 })
  })

  it('found in voice without a session: one opens now, nothing is made up for before', () => {
    const guild = createVoiceGuild()
    expect(kindsOf(present(guild, voiceOf(5, 1)))).to.deep.equal(['voice-period-opened', 'voice-session-opened'])
    expect(openOf(guild, 5)).to.include({ joinedAt: s(100) })
  })

  it('with tracking off nothing opens, and what is open goes on or closes as always', () => {
    const guild = withMember()
    guild.run(observe(voiceOf(2, 1)), s(1))
    guild.run(setMode('off'), s(2))
    present(guild, voiceOf(2, 1), voiceOf(3, 1))
    expect(Object.keys(guild.state.open)).to.deep.equal(['1002'])
    expect(guild.closed()[0]).to.include({ userId: '1001', recovered: true })
  })

  it('nobody in voice and nothing open journals nothing', () => {
    expect(kindsOf(present(createVoiceGuild()))).to.deep.equal([])
  })

  it('a watch that is said to reach past now is not believed beyond it', () => {
    const guild = withMember()
    guild.run(reconcile([], s(500)), s(100))
    expect(guild.closed()[0]).to.include({ leftAt: s(100), durationSeconds: 100 })
  })

  it('the same reconcile again at the same instant leaves the same state', () => {
    const guild = withMember()
    present(guild, voiceOf(1, 1), voiceOf(2, 2))
    const state = JSON.stringify(guild.state)
    present(guild, voiceOf(1, 1), voiceOf(2, 2))
    expect(JSON.stringify(guild.state)).to.equal(state)
    expect(guild.closed()).to.deep.equal([])
  })
})

describe('voice attendance: the leaderboard', () => {
  it('ranks by counted time, open sessions included, ties by user id as a number', () => {
    const guild = createVoiceGuild({
      trackingMode: 'all',
      totals: {
        '900': { durationSeconds: 50, sessions: 1 },
        '1000': { durationSeconds: 50, sessions: 2 },
        '1001': { durationSeconds: 10, sessions: 1 },
      },
    })
    guild.run(observe(voiceOf(1, 1)), s(0))
    const { reply } = guild.run({ feature: 'voice-attendance', kind: 'read-leaderboard', page: 1, forUserId: userId('1000') }, s(60))
    expect(reply).to.deep.include({
      kind: 'leaderboard', page: 1, pages: 1, periodIndex: 1, newestClosed: 0, trackingMode: 'all',
      entries: [
        { rank: 1, userId: '1001', durationSeconds: 70, sessions: 2 },
        { rank: 2, userId: '900', durationSeconds: 50, sessions: 1 },
        { rank: 3, userId: '1000', durationSeconds: 50, sessions: 2 },
      ],
      own: { rank: 3, userId: '1000', durationSeconds: 50, sessions: 2 },
    })
    expect(openOf(guild, 1)?.countedMs, 'reading changes nothing').to.equal(0)
  })

  it('pages hold ten, a page that is not there becomes the nearest, and one’s own rank is always told', () => {
    const totals = Object.fromEntries(Array.from({ length: 23 }, (_, index) => [String(index + 1), { durationSeconds: 100 - index, sessions: 1 }]))
    const guild = createVoiceGuild({ totals })
    const read = (page: number) => {
      const { reply } = guild.run({ feature: 'voice-attendance', kind: 'read-leaderboard', page, forUserId: userId('23') }, s(0))
      if (reply.kind !== 'leaderboard') throw new Error('no leaderboard')
      return [reply.page, reply.pages, reply.entries.length, reply.entries[0]?.rank, reply.own?.rank]
    }
    expect(read(1)).to.deep.equal([1, 3, 10, 1, 23])
    expect(read(3)).to.deep.equal([3, 3, 3, 21, 23])
    expect(read(99)).to.deep.equal([3, 3, 3, 21, 23])
    expect(read(-4)).to.deep.equal([1, 3, 10, 1, 23])
  })
})
