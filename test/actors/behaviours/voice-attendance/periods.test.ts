/** Boundaries, splits, archives: a period ends at its own time, whoever was there to see it. */
import { expect } from 'chai'
import type { PeriodPayload, VoiceSessionPayload } from '../../../../actors/protocol/record.ts'
import type { VoiceAttendanceCommand } from '../../../../actors/protocol/voice-attendance.ts'
import type { PeriodSchedule } from '../../../../actors/protocol/voice-settings.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, loseFeed, observe, readBoard, reconcile, setMode, voiceOf } from '../../../support/voice.ts'
import { userId } from '../../../../kernel/ids.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const byUserId = userId('1')
const schedule = (changes: Partial<PeriodSchedule>): VoiceAttendanceCommand => ({ feature: 'voice-attendance', kind: 'set-schedule', changes, byUserId })
const reset = (index: number): VoiceAttendanceCommand => ({ feature: 'voice-attendance', kind: 'reset-period', index, byUserId })
const periodsOf = (guild: VoiceGuild): PeriodPayload[] => guild.records.filter(({ type }) => type === 'period').map(({ payload }) => payload as PeriodPayload)
const sessionsOf = (guild: VoiceGuild): VoiceSessionPayload[] =>
  guild.records.filter(({ type }) => type === 'voice-session').map(({ payload }) => payload as VoiceSessionPayload)

function hourly(): VoiceGuild {
  const guild = createVoiceGuild()
  guild.run(schedule({ interval: 'hourly' }), at('2026-01-01T00:00:00'))
  return guild
}

describe('voice attendance: periods', () => {
  it('a boundary splits an open session: both halves are signed, each in its own period, and nothing is lost between', () => {
    const guild = hourly()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:30:00'))
    guild.run(observe(voiceOf(1, null)), at('2026-01-01T11:10:00'))
    const [first, second] = sessionsOf(guild)
    expect(first).to.include({ joined_at: '2026-01-01T10:30:00.000Z', left_at: '2026-01-01T11:00:00.000Z', duration_seconds: 1800, split: true })
    expect(second).to.include({ joined_at: '2026-01-01T11:00:00.000Z', left_at: '2026-01-01T11:10:00.000Z', duration_seconds: 600, split: false })
    const [period] = periodsOf(guild)
    expect(period).to.deep.include({
      period_index: 1, period_id: first?.period_id, started_at: '2026-01-01T10:30:00.000Z', ended_at: '2026-01-01T11:00:00.000Z',
      entries: [{ user_id: '1001', duration_seconds: 1800, sessions: 1 }], unsigned: { sessions: 0, seconds: 0 }, rules_version: 1,
    })
    expect(second?.period_id).to.equal(guild.state.period?.periodId)
    expect(guild.state.totals).to.deep.equal({ '1001': { durationSeconds: 600, sessions: 1 } })
  })

  it('three boundaries missed while nothing ran are applied on return, each once and at its own time', () => {
    const guild = hourly()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:30:00'))
    guild.crash()
    guild.run(readBoard(1, 1), at('2026-01-01T13:20:00'))
    expect(periodsOf(guild).map(({ period_index: index, started_at: from, ended_at: to }) => [index, from.slice(11, 16), to.slice(11, 16)])).to.deep.equal([
      [1, '10:30', '11:00'], [2, '11:00', '12:00'], [3, '12:00', '13:00'],
    ])
    guild.run(readBoard(1, 1), at('2026-01-01T13:30:00'))
    expect(periodsOf(guild)).to.have.length(3)
    expect(guild.journal.every(({ at: when }, index) => when >= (guild.journal[index - 1]?.at ?? 0)), 'I13').to.equal(true)
  })

  it('an outage over a boundary, told at its beginning: who is gone closes in the period in which they were last seen', () => {
    const guild = hourly()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:30:00'))
    guild.run(observe(voiceOf(2, 1)), at('2026-01-01T10:30:00'))
    const here = [voiceOf(2, 1)]
    guild.run({ ...loseFeed(at('2026-01-01T10:50:00')), voices: here } as VoiceAttendanceCommand, at('2026-01-01T10:50:00'))
    guild.run(reconcile(here, at('2026-01-01T10:50:00')), at('2026-01-01T11:30:00'))
    guild.run(observe(voiceOf(2, null)), at('2026-01-01T11:40:00'))
    const [gone, firstHalf, secondHalf] = sessionsOf(guild)
    expect(gone).to.include({ user_id: '1001', left_at: '2026-01-01T10:50:00.000Z', duration_seconds: 1200, recovered: true, split: false })
    expect(firstHalf).to.include({ user_id: '1002', duration_seconds: 1200, unobserved_seconds: 600, split: true })
    expect(secondHalf).to.include({ user_id: '1002', duration_seconds: 600, unobserved_seconds: 1800, recovered: false })
    expect(periodsOf(guild)[0]?.entries).to.have.length(2)
  })

  it('a second half of somebody who was gone when somebody looked was never seen: it is not signed', () => {
    const guild = hourly()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:30:00'))
    guild.run(loseFeed(at('2026-01-01T10:50:00')), at('2026-01-01T10:50:00'))
    guild.run(reconcile([], at('2026-01-01T10:50:00')), at('2026-01-01T11:30:00'))
    expect(sessionsOf(guild)).to.have.length(1)
    expect(guild.journal.map(({ event }) => event).find(({ kind }) => kind === 'voice-session-discarded')).to.include({ reason: 'unseen' })
    expect(guild.state.unsigned).to.deep.equal({ sessions: 0, seconds: 0 })
  })

  it('more open sessions than one turn splits: the rest follows at the same instant, before anything else', () => {
    const guild = hourly()
    for (let user = 0; user < 450; user += 1) guild.run(observe(voiceOf(user, 1)), at('2026-01-01T10:30:00'))
    guild.run(observe(voiceOf(0, null)), at('2026-01-01T11:15:00'))
    const closing = guild.journal.filter(({ event }) => event.kind === 'voice-period-closing')
    expect(closing.map(({ at: when }) => when)).to.deep.equal([at('2026-01-01T11:00:00'), at('2026-01-01T11:00:00')])
    expect(periodsOf(guild)[0]?.entries).to.have.length(450)
    expect(new Set(periodsOf(guild)[0]?.entries.map(({ duration_seconds: seconds }) => seconds))).to.deep.equal(new Set([1800]))
    expect(Object.keys(guild.state.open)).to.have.length(449)
    expect(guild.state.closing).to.equal(null)
  })

  it('a reconcile of more members than one turn takes is told again until everybody is there', () => {
    const guild = createVoiceGuild()
    const voices = Array.from({ length: 450 }, (_, user) => voiceOf(user, 1))
    const now = at('2026-01-01T10:00:00')
    const rounds = [guild.run(reconcile(voices, now), now), guild.run(reconcile(voices, now), now), guild.run(reconcile(voices, now), now)]
    expect(rounds.map(({ reply }) => reply)).to.deep.equal([{ kind: 'observed', isPartial: true }, { kind: 'observed', isPartial: true }, { kind: 'observed' }])
    expect(Object.keys(guild.state.open)).to.have.length(450)
    const gone = [0, 1, 2].map((minutes) => guild.run(reconcile([], now + 1_000), now + 2_000 + minutes))
    expect(gone.at(-1)?.reply).to.deep.equal({ kind: 'observed' })
    expect(guild.closed()).to.have.length(450)
    for (const closed of guild.closed()) expect(closed).to.include({ durationSeconds: 1, recovered: true })
  })

  it('reset-now closes the period that was looked at, once', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:00:00'))
    expect(guild.run(reset(1), at('2026-01-01T10:10:00')).reply).to.deep.equal({ kind: 'period-reset', index: 1, members: 1 })
    expect(guild.run(reset(1), at('2026-01-01T10:10:01')).reply).to.deep.equal({ kind: 'period-not-reset', reason: 'another-period' })
    expect(periodsOf(guild)).to.have.length(1)
    expect(guild.state.period).to.include({ index: 2, startedAt: at('2026-01-01T10:10:00') })
    expect(createVoiceGuild().run(reset(1), at('2026-01-01T10:10:00')).reply).to.deep.equal({ kind: 'period-not-reset', reason: 'no-period' })
  })

  it('the time zone changed in mid-period: the period goes on, and ends at the first boundary of the new zone', () => {
    const guild = createVoiceGuild()
    guild.run(schedule({ interval: 'daily' }), at('2026-01-01T08:00:00'))
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:00:00'))
    expect(guild.state.period?.endsAt).to.equal(at('2026-01-02T00:00:00'))
    guild.run(schedule({ timeZone: 'Asia/Tokyo' }), at('2026-01-01T12:00:00'))
    expect(guild.state.period?.endsAt).to.equal(at('2026-01-01T15:00:00'))
    guild.run(schedule({ timeZone: 'America/New_York' }), at('2026-01-01T13:00:00'))
    expect(guild.state.period).to.include({ index: 1, endsAt: at('2026-01-02T05:00:00') })
    expect(guild.run(schedule({ timeZone: 'Mars/Olympus' }), at('2026-01-01T13:00:01')).reply).to.deep.equal({ kind: 'setting-refused', reason: 'unknown-time-zone' })
  })

  it('rolling begins at the moment it is set, and keeps it when only the zone changes', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:00:00'))
    guild.run(schedule({ anchor: 'rolling', interval: 'daily' }), at('2026-01-01T10:17:00'))
    expect(guild.state.period?.endsAt).to.equal(at('2026-01-02T10:17:00'))
    guild.run(schedule({ timeZone: 'Europe/Berlin' }), at('2026-01-01T11:00:00'))
    expect(guild.state.schedule.anchorAt).to.equal(at('2026-01-01T10:17:00'))
  })

  it('with tracking off and nobody in voice no empty periods follow; the next session begins one with the next number', () => {
    const guild = hourly()
    guild.run(observe(voiceOf(1, 1)), at('2026-01-01T10:30:00'))
    guild.run(observe(voiceOf(1, null)), at('2026-01-01T10:40:00'))
    guild.run(setMode('off'), at('2026-01-01T10:41:00'))
    guild.run(readBoard(1, 1), at('2026-01-03T00:00:00'))
    expect(periodsOf(guild)).to.have.length(1)
    expect(guild.state.period).to.equal(null)
    guild.run(setMode('all'), at('2026-01-03T00:01:00'))
    guild.run(observe(voiceOf(1, 1)), at('2026-01-03T00:02:00'))
    expect(guild.state.period).to.include({ index: 2, startedAt: at('2026-01-03T00:02:00') })
  })
})
