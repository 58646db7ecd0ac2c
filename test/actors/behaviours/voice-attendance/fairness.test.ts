/** When time does not count: each rule, who else is there, the minimum, and the version of the rules. */
import { expect } from 'chai'
import type { VoiceSessionPayload } from '../../../../actors/protocol/record.ts'
import type { VoiceAttendanceCommand } from '../../../../actors/protocol/voice-attendance.ts'
import type { FairnessRules } from '../../../../actors/protocol/voice-settings.ts'
import { channelId, userId } from '../../../../kernel/ids.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, loseFeed, observe, reconcile, setMode, voiceOf } from '../../../support/voice.ts'

const start = Date.UTC(2026, 0, 1)
const s = (seconds: number): number => start + seconds * 1_000
const fairness = (rules: Partial<FairnessRules>): VoiceAttendanceCommand => ({ feature: 'voice-attendance', kind: 'set-fairness', rules, byUserId: userId('1') })

function guildWith(rules: Partial<FairnessRules>): VoiceGuild {
  const guild = createVoiceGuild()
  guild.run(fairness(rules), s(0))
  return guild
}

const only = (guild: VoiceGuild, user: number) => guild.closed().filter(({ userId: id }) => id === String(1_000 + user))

describe('voice attendance: fairness', () => {
  const flags = [
    ['selfMute', 'self_mute'], ['serverMute', 'server_mute'], ['selfDeaf', 'self_deaf'], ['serverDeaf', 'server_deaf'],
  ] as const

  for (const [flag, reason] of flags) {
    it(`${reason}: time pauses from the flag on until it is taken off, and the reason is in the record`, () => {
      const guild = guildWith({ [flag]: true })
      guild.run(observe(voiceOf(1, 1)), s(0))
      guild.run(observe(voiceOf(1, 1, { [flag]: true })), s(10))
      guild.run(observe(voiceOf(1, 1)), s(25))
      guild.run(observe(voiceOf(1, null)), s(40))
      expect(guild.closed()[0]).to.deep.include({ durationSeconds: 25, unobservedSeconds: 0 })
      expect(guild.closed()[0]?.pausedSeconds).to.include({ [reason]: 15 })
      expect((guild.records[0]!.payload as VoiceSessionPayload).paused_seconds[reason]).to.equal(15)
    })
  }

  it('alone: the arrival of another human ends the pause of both, their leaving begins it again; bots change nothing', () => {
    const guild = guildWith({ alone: true })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(9, 1, { bot: true })), s(5))
    guild.run(observe(voiceOf(2, 1)), s(10))
    guild.run(observe(voiceOf(2, null)), s(30))
    guild.run(observe(voiceOf(1, null)), s(45))
    expect(only(guild, 1)[0]).to.deep.include({ durationSeconds: 20 })
    expect(only(guild, 1)[0]?.pausedSeconds.alone).to.equal(25)
    expect(only(guild, 2)[0]).to.include({ durationSeconds: 20 })
  })

  it('alone: a mover leaves one channel and comes into the other', () => {
    const guild = guildWith({ alone: true })
    for (const [user, channel] of [[1, 1], [2, 1], [3, 2]] as const) guild.run(observe(voiceOf(user, channel)), s(0))
    guild.run(observe(voiceOf(2, 2)), s(10))
    for (const user of [1, 2, 3]) guild.run(observe(voiceOf(user, null)), s(20))
    expect(only(guild, 1)[0]).to.include({ durationSeconds: 10 })
    expect(only(guild, 3)[0]?.durationSeconds).to.equal(10)
    expect(only(guild, 2).map(({ durationSeconds }) => durationSeconds)).to.deep.equal([10, 10])
  })

  it('alone: a human without a session keeps others from being alone, and costs nothing where nobody has one', () => {
    const guild = guildWith({ alone: true })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(setMode('off'), s(1))
    guild.run(observe(voiceOf(2, 1)), s(10))
    guild.run(observe(voiceOf(3, 2)), s(10))
    expect(guild.state.bystanders).to.deep.equal({ '1002': '2001' })
    guild.run(observe(voiceOf(2, null)), s(30))
    guild.run(observe(voiceOf(1, null)), s(40))
    expect(only(guild, 1)[0]).to.include({ durationSeconds: 20 })
    expect(guild.state.bystanders).to.deep.equal({})
  })

  it('bystanders go with the last session of their channel, and those who vanished in an outage are forgotten', () => {
    const guild = guildWith({ alone: true })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(setMode('off'), s(1))
    guild.run(observe(voiceOf(2, 1)), s(2))
    guild.run(reconcile([voiceOf(1, 1)], s(3)), s(4))
    expect(guild.state.bystanders).to.deep.equal({})
    guild.run(observe(voiceOf(2, 1)), s(5))
    guild.run(observe(voiceOf(1, null)), s(6))
    expect(guild.state.bystanders).to.deep.equal({})
  })

  it('too few: time counts from the minimum on', () => {
    const guild = guildWith({ minimumMembers: 3 })
    for (const [user, second] of [[1, 0], [2, 10], [3, 20]] as const) guild.run(observe(voiceOf(user, 1)), s(second))
    for (const user of [1, 2, 3]) guild.run(observe(voiceOf(user, null)), s(50))
    expect([1, 2, 3].map((user) => only(guild, user)[0]?.durationSeconds)).to.deep.equal([30, 30, 30])
    expect([1, 2, 3].map((user) => only(guild, user)[0]?.pausedSeconds.too_few)).to.deep.equal([20, 10, 0])
  })

  it('AFK: the guild’s AFK channel pauses, also when it becomes another one', () => {
    const guild = guildWith({ afk: true })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run({ feature: 'voice-attendance', kind: 'observe-guild', afkChannelId: channelId('2001') }, s(10))
    guild.run({ feature: 'voice-attendance', kind: 'observe-guild', afkChannelId: null }, s(25))
    guild.run(observe(voiceOf(1, null)), s(30))
    expect(guild.closed()[0]).to.include({ durationSeconds: 15 })
    expect(guild.closed()[0]?.pausedSeconds.afk).to.equal(15)
  })

  it('several reasons at once: time has one account, the member’s own state first', () => {
    const guild = guildWith({ alone: true, selfMute: true, selfDeaf: true })
    guild.run(observe(voiceOf(1, 1, { selfMute: true, selfDeaf: true })), s(0))
    guild.run(observe(voiceOf(1, 1, { selfDeaf: true })), s(10))
    guild.run(observe(voiceOf(1, 1)), s(20))
    guild.run(observe(voiceOf(1, null)), s(30))
    expect(guild.closed()[0]?.pausedSeconds).to.include({ self_mute: 10, self_deaf: 10, alone: 10 })
    expect(guild.closed()[0]?.durationSeconds).to.equal(0)
  })

  it('paused time that nobody watched is unobserved', () => {
    const guild = guildWith({ selfMute: true })
    guild.run(observe(voiceOf(1, 1, { selfMute: true })), s(0))
    guild.run(loseFeed(s(10)), s(10))
    guild.run(reconcile([voiceOf(1, 1)], s(10)), s(30))
    guild.run(observe(voiceOf(1, null)), s(40))
    expect(guild.closed()[0]).to.include({ durationSeconds: 10, unobservedSeconds: 20 })
    expect(guild.closed()[0]?.pausedSeconds.self_mute).to.equal(10)
  })

  it('after an outage, who became alone is alone from the return on: before, nobody knows', () => {
    const guild = guildWith({ alone: true })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(2, 1)), s(0))
    guild.run(reconcile([voiceOf(1, 1)], s(10)), s(30))
    guild.run(observe(voiceOf(1, null)), s(40))
    expect(only(guild, 1)[0]).to.include({ durationSeconds: 10, unobservedSeconds: 20 })
    expect(only(guild, 1)[0]?.pausedSeconds.alone).to.equal(10)
  })

  it('the version grows with each change, applies at once, and is in the records that follow', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1, { selfMute: true })), s(0))
    expect(guild.run(fairness({ selfMute: true }), s(10)).reply).to.deep.equal({ kind: 'setting-set', changed: true })
    expect(guild.run(fairness({ selfMute: true }), s(11)).reply).to.deep.equal({ kind: 'setting-set', changed: false })
    guild.run(fairness({ minimumSeconds: 1 }), s(12))
    guild.run(observe(voiceOf(1, null)), s(20))
    expect(guild.closed()[0]).to.include({ durationSeconds: 10 })
    expect((guild.records[0]!.payload as VoiceSessionPayload).rules_version).to.equal(3)
  })

  it('a session shorter than the minimum is discarded: no record, in no total, stated by the period', () => {
    const guild = guildWith({ minimumSeconds: 60 })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(1, null)), s(59))
    guild.run(observe(voiceOf(1, 1)), s(100))
    guild.run(observe(voiceOf(1, null)), s(160))
    expect(guild.closed()).to.have.length(1)
    expect(guild.state.totals).to.deep.equal({ '1001': { durationSeconds: 60, sessions: 1 } })
    expect(guild.state.unsigned).to.deep.equal({ sessions: 1, seconds: 59 })
  })

  it('the minimum is that of the whole session: a short second half after a boundary is signed', () => {
    const guild = guildWith({ minimumSeconds: 60 })
    guild.run({ feature: 'voice-attendance', kind: 'set-schedule', changes: { interval: 'hourly' }, byUserId: userId('1') }, s(0))
    guild.run(observe(voiceOf(1, 1)), s(1_800))
    guild.run(observe(voiceOf(1, null)), s(3_605))
    expect(guild.closed().map(({ durationSeconds }) => durationSeconds)).to.deep.equal([1_800, 5])
  })

  it('what is dropped while signing is locked is in no total and stated by the period', () => {
    let isDropping = true
    const guild = createVoiceGuild({ trackingMode: 'all' }, { dropsRecords: () => isDropping })
    guild.run(observe(voiceOf(1, 1)), s(0))
    guild.run(observe(voiceOf(1, null)), s(30))
    isDropping = false
    guild.run(observe(voiceOf(1, 1)), s(40))
    guild.run(observe(voiceOf(1, null)), s(50))
    expect(guild.closed().map(({ isUnsigned }) => isUnsigned ?? false)).to.deep.equal([true, false])
    expect(guild.state.totals).to.deep.equal({ '1001': { durationSeconds: 10, sessions: 1 } })
    expect(guild.state.unsigned).to.deep.equal({ sessions: 1, seconds: 30 })
  })
})
