/** Who is told of what: log channels, roles by counted time, the webhook. All of it as effects of the commit. */
import { expect } from 'chai'
import { webhookDeliveriesMax } from '../../../../actors/behaviours/voice-attendance/announce.ts'
import { voiceAttendance } from '../../../../actors/behaviours/voice-attendance/voice-attendance.ts'
import type { EffectResult, OutboxEffect, SettledEffect } from '../../../../actors/protocol/effect.ts'
import type { LogPost, VoiceAttendanceCommand } from '../../../../actors/protocol/voice-attendance.ts'
import type { LogEvent } from '../../../../actors/protocol/voice-settings.ts'
import { channelId, roleId, userId } from '../../../../kernel/ids.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, observe, readBoard, voiceOf } from '../../../support/voice.ts'

const start = Date.UTC(2026, 0, 1)
const s = (seconds: number): number => start + seconds * 1_000
const byUserId = userId('1')
const feature = 'voice-attendance' as const
const setLog = (events: readonly LogEvent[], channel = '3001'): VoiceAttendanceCommand => ({ feature, kind: 'set-log-channel', channelId: channelId(channel), events, byUserId })
const addRole = (minimumSeconds: number, within: 'current' | 'last', defaultTier: 'free' | 'pro' = 'pro'): VoiceAttendanceCommand => ({
  feature, kind: 'add-verified-role', roleId: roleId('4001'), role: { minimumSeconds, within }, defaultTier, byUserId,
})
const setWebhook = (defaultTier: 'free' | 'pro' = 'pro'): VoiceAttendanceCommand => ({
  feature, kind: 'set-webhook', url: 'https://example.org/hook', sealedSecret: 'kek.sealed', events: ['session.completed', 'period.closed'], defaultTier, byUserId,
})
const reset = (guild: VoiceGuild): VoiceAttendanceCommand => ({ feature, kind: 'reset-period', index: guild.state.period?.index ?? 0, byUserId })
const effectsOf = (guild: VoiceGuild, kind: string): OutboxEffect[] => guild.effects.filter((effect): effect is OutboxEffect => effect.kind === kind)
const postsOf = (guild: VoiceGuild): LogPost[] => effectsOf(guild, 'post-log').map(({ payload }) => payload['post'] as LogPost)

function visit(guild: VoiceGuild, user: number, from: number, to: number): void {
  guild.run(observe(voiceOf(user, 1)), s(from))
  guild.run(observe(voiceOf(user, null)), s(to))
}

/** What became of an effect, back at the feature as the runtime brings it. */
function settle(guild: VoiceGuild, effect: OutboxEffect, result: EffectResult, at: number): void {
  const { kind, target, payload } = effect
  const command = voiceAttendance.onEffectSettled!({ feature, kind, target, payload } as SettledEffect, result)
  if (command !== null) guild.run(command, s(at))
}

describe('voice attendance: log channels', () => {
  it('completed sessions are collected for ten seconds and posted together', () => {
    const guild = createVoiceGuild()
    guild.run(setLog(['session-completed']), s(0))
    for (const user of [1, 2, 3]) visit(guild, user, user, 20 + user)
    expect(postsOf(guild)).to.deep.equal([])
    guild.run(readBoard(1, 1), s(31))
    expect(postsOf(guild)).to.have.length(1)
    expect(postsOf(guild)[0]).to.deep.nested.include({ kind: 'sessions', 'sessions[0].durationSeconds': 20 })
    guild.run(readBoard(1, 1), s(100))
    expect(postsOf(guild)).to.have.length(1)
  })

  it('exports, and signing that is locked or unlocked, are told where closed periods are, and nowhere else', () => {
    const guild = createVoiceGuild()
    expect(guild.run({ feature, kind: 'announce-export', from: 1, to: 9 }, s(0)).reply).to.deep.equal({ kind: 'export-announced', channels: 0 })
    expect(guild.journal).to.deep.equal([])
    guild.run(setLog(['session-completed'], '3001'), s(1))
    guild.run(setLog(['period-closed'], '3002'), s(1))
    guild.run(setLog(['period-closed', 'leaderboard-daily'], '3003'), s(1))
    expect(guild.run({ feature, kind: 'announce-export', from: 2, to: 9 }, s(2)).reply).to.deep.equal({ kind: 'export-announced', channels: 2 })
    expect(effectsOf(guild, 'post-log').map(({ target }) => target)).to.deep.equal(['log:3002', 'log:3003'])
    expect(postsOf(guild)[0]).to.deep.equal({ kind: 'export', from: 2, to: 9, at: s(2) })
    const change = { kind: 'locked', byUserId: null, policy: 'drop', at: s(3) } as const
    expect(voiceAttendance.announceSigning!(guild.state, change).map(({ payload }) => payload)).to.deep.equal([
      { channelId: '3002', post: { kind: 'signing', change } }, { channelId: '3003', post: { kind: 'signing', change } },
    ])
  })

  it('ten are posted at once, and a class that ends together in messages of twenty', () => {
    const guild = createVoiceGuild()
    guild.run(setLog(['session-completed']), s(0))
    for (let user = 0; user < 45; user += 1) guild.run(observe(voiceOf(user, 1)), s(1))
    guild.run(reset(guild), s(60))
    guild.run(readBoard(1, 1), s(60))
    expect(postsOf(guild).map((post) => (post.kind === 'sessions' ? post.sessions.length : 0))).to.deep.equal([20, 20, 5])
  })

  it('a closed period and the board on its schedule go to those who asked for them', () => {
    const guild = createVoiceGuild()
    guild.run(setLog(['period-closed'], '3001'), s(0))
    guild.run(setLog(['leaderboard-weekly'], '3002'), s(0))
    guild.run(setLog(['leaderboard-daily'], '3003'), s(0))
    visit(guild, 1, 10, 70)
    guild.run(readBoard(1, 1), Date.UTC(2026, 0, 2, 0, 0, 1))
    guild.run(readBoard(1, 1), Date.UTC(2026, 0, 5, 0, 0, 1))
    const posts = effectsOf(guild, 'post-log').map(({ target, payload }) => `${target} ${(payload['post'] as LogPost).kind}`)
    expect(posts.filter((post) => post === 'log:3001 period')).to.have.length(1)
    expect(posts.filter((post) => post === 'log:3002 board'), 'Monday only').to.have.length(1)
    expect(posts.filter((post) => post === 'log:3003 board'), 'four midnights').to.have.length(4)
    guild.run(setLog([], '3003'), Date.UTC(2026, 0, 5, 1))
    expect(guild.state.boardAt).to.equal(Date.UTC(2026, 0, 12))
  })

  it('a post that is impossible is shown at its channel until one succeeds; ten channels are the bound', () => {
    const guild = createVoiceGuild()
    guild.run(setLog(['period-closed']), s(0))
    visit(guild, 1, 1, 2)
    guild.run(reset(guild), s(3))
    const [effect] = effectsOf(guild, 'post-log')
    settle(guild, effect!, { kind: 'impossible', reason: 'The channel does not exist any more.' }, 4)
    expect(guild.state.logs['3001']?.failure).to.contain('does not exist')
    settle(guild, effect!, { kind: 'done', answer: {} }, 5)
    expect(guild.state.logs['3001']).to.deep.equal({ events: ['period-closed'] })
    for (let index = 2; index <= 10; index += 1) guild.run(setLog(['period-closed'], String(3_000 + index)), s(6))
    expect(guild.run(setLog(['period-closed'], '3099'), s(7)).reply).to.deep.equal({ kind: 'setting-refused', reason: 'too-many-log-channels' })
  })
})

describe('voice attendance: roles by counted time', () => {
  it('current: given when a session brings the total to the minimum, taken when the period ends', () => {
    const guild = createVoiceGuild()
    guild.run(addRole(60, 'current'), s(0))
    visit(guild, 1, 0, 40)
    expect(effectsOf(guild, 'add-role')).to.deep.equal([])
    visit(guild, 1, 50, 75)
    expect(effectsOf(guild, 'add-role').map(({ payload }) => payload)).to.deep.equal([{ userId: '1001', roleId: '4001', reason: 'Voice attendance' }])
    visit(guild, 1, 80, 200)
    expect(effectsOf(guild, 'add-role'), 'given once').to.have.length(1)
    guild.run(reset(guild), s(300))
    expect(effectsOf(guild, 'remove-role').map(({ payload }) => payload['userId'])).to.deep.equal(['1001'])
  })

  it('what was set under Pro rests in the free tier, the guild’s own or the default, and goes on after it', () => {
    const told = (guild: VoiceGuild): number => effectsOf(guild, 'add-role').length + effectsOf(guild, 'deliver-webhook').length
    for (const defaultTier of ['free', 'pro'] as const) {
      const guild = createVoiceGuild({ trackingMode: 'all' }, { defaultTier })
      guild.run(addRole(10, 'current'), s(0))
      guild.run(setWebhook(), s(0))
      const setTier = (tier: 'free' | 'pro' | null, at: number) => guild.run({ feature, kind: 'set-tier', tier }, s(at))
      setTier('free', 1)
      visit(guild, 1, 10, 30)
      expect(told(guild)).to.equal(0)
      setTier(null, 31)
      visit(guild, 1, 40, 60)
      expect(told(guild), `default ${defaultTier}`).to.equal(defaultTier === 'pro' ? 2 : 0)
      setTier('pro', 61)
      visit(guild, 2, 70, 90)
      expect(told(guild)).to.equal(defaultTier === 'pro' ? 4 : 2)
    }
  })

  it('last: settled at each boundary by what the closed period says', () => {
    const guild = createVoiceGuild()
    guild.run(addRole(60, 'last'), s(0))
    visit(guild, 1, 0, 100)
    visit(guild, 2, 0, 10)
    guild.run(reset(guild), s(200))
    expect(effectsOf(guild, 'add-role').map(({ payload }) => payload['userId'])).to.deep.equal(['1001'])
    visit(guild, 2, 210, 400)
    guild.run(reset(guild), s(500))
    expect(effectsOf(guild, 'add-role').map(({ payload }) => payload['userId'])).to.deep.equal(['1001', '1002'])
    expect(effectsOf(guild, 'remove-role').map(({ payload }) => payload['userId'])).to.deep.equal(['1001'])
  })

  it('one that could not be given is tried again, with the reason shown; removing the role takes it back', () => {
    const guild = createVoiceGuild()
    guild.run(addRole(10, 'current'), s(0))
    visit(guild, 1, 0, 20)
    settle(guild, effectsOf(guild, 'add-role')[0]!, { kind: 'impossible', reason: 'Muster lacks a permission.' }, 21)
    expect(guild.state.verifiedRoles['4001']).to.deep.include({ holders: {}, failure: 'Muster lacks a permission.' })
    visit(guild, 1, 30, 40)
    expect(effectsOf(guild, 'add-role')).to.have.length(2)
    guild.run({ feature, kind: 'remove-verified-role', roleId: roleId('4001'), byUserId }, s(50))
    expect(effectsOf(guild, 'remove-role')).to.have.length(1)
    expect(guild.state.verifiedRoles).to.deep.equal({})
  })

  it('belongs to Pro: by the guild’s own tier, else by the default; a guild that is set to free is not served', () => {
    const guild = createVoiceGuild()
    expect(guild.run(addRole(10, 'current', 'free'), s(0)).reply).to.deep.equal({ kind: 'setting-refused', reason: 'needs-pro' })
    expect(guild.run(setWebhook('free'), s(0)).reply).to.deep.equal({ kind: 'setting-refused', reason: 'needs-pro' })
    guild.run({ feature, kind: 'set-tier', tier: 'pro' }, s(1))
    expect(guild.run(addRole(10, 'current', 'free'), s(2)).reply).to.deep.equal({ kind: 'setting-set', changed: true })
    guild.run({ feature, kind: 'set-tier', tier: 'free' }, s(3))
    visit(guild, 1, 4, 100)
    expect(guild.effects).to.deep.equal([])
  })
})

describe('voice attendance: the webhook', () => {
  it('what one turn closes is one delivery; a period is one of its own; the secret is there only sealed', () => {
    const guild = createVoiceGuild()
    guild.run(setWebhook(), s(0))
    for (const user of [1, 2, 3]) guild.run(observe(voiceOf(user, 1)), s(1))
    guild.run(reset(guild), s(60))
    const deliveries = effectsOf(guild, 'deliver-webhook').map(({ target, payload }) => [target, payload['event'], (payload['items'] as unknown[]).length, payload['sealedSecret']])
    expect(deliveries).to.deep.equal([['webhook', 'session.completed', 3, 'kek.sealed'], ['webhook', 'period.closed', 1, 'kek.sealed']])
    expect(guild.state.webhook).to.include({ pending: 2 })
  })

  it('outcomes are counted and shown; after 410 nothing more is sent until it is set again', () => {
    const guild = createVoiceGuild()
    guild.run(setWebhook(), s(0))
    for (const [index, result] of ([
      { kind: 'done', answer: { status: 204 } },
      { kind: 'dead', reason: 'the receiver answered 500' },
      { kind: 'impossible', reason: '410: the receiver is gone.' },
    ] as const).entries()) {
      visit(guild, 1, index * 100 + 1, index * 100 + 50)
      settle(guild, effectsOf(guild, 'deliver-webhook').at(-1)!, result, index * 100 + 60)
    }
    expect(guild.state.webhook).to.deep.include({ pending: 0, dead: 2, isActive: false, lastDelivery: { at: s(260), failure: '410: the receiver is gone.' } })
    visit(guild, 1, 400, 500)
    expect(effectsOf(guild, 'deliver-webhook')).to.have.length(3)
    guild.run(setWebhook(), s(600))
    visit(guild, 1, 700, 800)
    expect(effectsOf(guild, 'deliver-webhook')).to.have.length(4)
  })

  it('past its bound of deliveries on their way the next are skipped and counted', () => {
    const guild = createVoiceGuild()
    guild.run(setWebhook(), s(0))
    for (let index = 0; index < webhookDeliveriesMax + 3; index += 1) visit(guild, 1, index * 2 + 1, index * 2 + 2)
    expect(guild.state.webhook).to.include({ pending: webhookDeliveriesMax, skipped: 3 })
    expect(guild.run({ feature, kind: 'test-webhook', byUserId }, s(1_000)).reply).to.deep.equal({ kind: 'setting-refused', reason: 'too-many-deliveries' })
  })

  it('no secret and no address is told when the settings are read but the address', () => {
    const guild = createVoiceGuild()
    guild.run(setWebhook(), s(0))
    const { reply } = guild.run({ feature, kind: 'read-settings' }, s(1))
    expect(JSON.stringify(reply)).to.contain('example.org').and.not.contain('sealed')
    expect(guild.run({ feature, kind: 'remove-webhook', byUserId }, s(2)).reply).to.deep.equal({ kind: 'setting-set', changed: true })
    expect(guild.run({ feature, kind: 'remove-webhook', byUserId }, s(3)).reply).to.deep.equal({ kind: 'setting-refused', reason: 'no-webhook' })
  })
})
