/** Another process’ feed takes over: what it heard later is applied at its own times, once, and no second is lost. */
import { expect } from 'chai'
import type { FeedSwitch, HeldChange } from '../../../../actors/protocol/feed-switch.ts'
import type { ObservedVoice, VoiceAttendanceCommand } from '../../../../actors/protocol/voice-attendance.ts'
import { generation, opId } from '../../../../kernel/ids.ts'
import { seededRandom } from '../../../support/records.ts'
import type { VoiceGuild } from '../../../support/voice.ts'
import { createVoiceGuild, loseFeed, observe, reconcile, setMode, voiceOf } from '../../../support/voice.ts'

const second = 1_000

const change = (at: number, voice: ObservedVoice): HeldChange => ({ at, opId: opId(`feed:new:${at}`), voice })

const switchFeed = (held: Partial<FeedSwitch>): VoiceAttendanceCommand => ({
  feature: 'voice-attendance',
  kind: 'switch-feed',
  generation: generation(2),
  heardSince: 0,
  base: [],
  changes: [],
  watchedUntil: 0,
  ...held,
})

const settleFeed = (voices: readonly ObservedVoice[], watchedUntil: number): VoiceAttendanceCommand => ({
  feature: 'voice-attendance',
  kind: 'settle-feed',
  voices,
  watchedUntil,
})

const opened = (guild: VoiceGuild): readonly number[] =>
  guild.journal.filter(({ event }) => event.kind === 'voice-session-opened').map(({ at }) => at / second)

const lastSwitch = (guild: VoiceGuild) => guild.journal.findLast(({ event }) => event.kind === 'voice-feed-switched')?.event

describe('a switch of feeds', () => {
  it('goes on where the feeds meet: later changes at their own times, earlier ones not again', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, 2, { voiceSessionId: 'b' })), 20 * second)
    // The new feed heard the join late and the move as well, and two changes that the old one did not hear any more.
    const held = switchFeed({
      base: [],
      changes: [
        change(10.5 * second, voiceOf(1, 1)),
        change(20.5 * second, voiceOf(1, 2, { voiceSessionId: 'b' })),
        change(30 * second, voiceOf(1, 1, { voiceSessionId: 'c' })),
        change(31 * second, voiceOf(2, 1)),
      ],
    })
    guild.run(held, 32 * second)
    expect(opened(guild)).to.deep.equal([10, 20, 30, 31])
    expect(guild.closed().map(({ leftAt, durationSeconds, unobservedSeconds }) => [leftAt / second, durationSeconds, unobservedSeconds])).to.deep.equal([
      [20, 10, 0],
      [30, 10, 0],
    ])
    expect(lastSwitch(guild)).to.deep.include({ generation: 2, met: 2, awaited: [] })
  })

  it('a stay whose end the new feed has not heard yet is not told twice: it was told, and ended', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, null)), 10.3 * second)
    guild.run(observe(voiceOf(2, 1)), 11 * second)
    guild.run(switchFeed({ changes: [change(10.1 * second, voiceOf(1, 1)), change(11.1 * second, voiceOf(2, 1))], watchedUntil: 11 * second }), 11.2 * second)
    guild.run(observe(voiceOf(1, null)), 11.3 * second)
    expect(opened(guild)).to.deep.equal([10, 11])
    expect(guild.state.awaited).to.equal(undefined)
  })

  it('nor is one of which the new feed has told only how it began', () => {
    const guild = createVoiceGuild()
    const muted = voiceOf(1, 1, { selfMute: true })
    guild.run(observe(muted), 10 * second)
    guild.run(observe(voiceOf(1, 1)), 10.1 * second)
    guild.run(observe(voiceOf(1, null)), 10.3 * second)
    guild.run(switchFeed({ heardSince: 9.9 * second, changes: [change(10.35 * second, muted)], watchedUntil: 10.4 * second }), 10.4 * second)
    guild.run(observe(voiceOf(1, 1)), 10.45 * second)
    guild.run(observe(voiceOf(1, null)), 10.65 * second)
    expect(opened(guild)).to.deep.equal([10])
    expect(guild.state.awaited).to.equal(undefined)
  })

  it('nor is one that the new feed has not begun to tell; one that ended before this feed began is over', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, null)), 10.3 * second)
    guild.run(switchFeed({ heardSince: 5 * second, watchedUntil: 10.4 * second }), 10.4 * second)
    guild.run(observe(voiceOf(1, 1)), 10.5 * second)
    guild.run(observe(voiceOf(1, null)), 10.6 * second)
    expect(opened(guild)).to.deep.equal([10])
    guild.run(observe(voiceOf(2, 1)), 20 * second)
    guild.run(observe(voiceOf(2, null)), 20.3 * second)
    guild.run(switchFeed({ heardSince: 20 * second, watchedUntil: 20.4 * second }), 20.4 * second)
    expect(guild.state.awaited).to.equal(undefined)
    guild.run(observe(voiceOf(2, 2)), 20.5 * second)
    expect(opened(guild)).to.deep.equal([10, 20, 20.5])
  })

  it('one that ended long before the former feed did is over: who comes and goes right after the switch is seen', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, null)), 20 * second)
    // The slot was elsewhere for five seconds and is back with the feed that told all of it.
    guild.run(switchFeed({ heardSince: 18.5 * second, watchedUntil: 25.5 * second }), 25.5 * second)
    expect(guild.state.awaited).to.equal(undefined)
    guild.run(observe(voiceOf(1, 2, { voiceSessionId: 'b' })), 26 * second)
    guild.run(observe(voiceOf(1, null, { voiceSessionId: 'b' })), 26.3 * second)
    expect(opened(guild)).to.deep.equal([10, 26])
    expect(guild.closed()).to.have.length(2)
  })

  it('what was heard long before the former feed ended was heard there: nobody is who they were before it', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, null)), 20 * second)
    // Nobody remembers who left by then.
    guild.run(observe(voiceOf(2, 1)), 39 * second)
    guild.run(observe(voiceOf(2, null)), 40 * second)
    expect(Object.keys(guild.state.left ?? {})).to.deep.equal([voiceOf(2, 1).userId])
    guild.run(switchFeed({ changes: [change(10.1 * second, voiceOf(1, 1))], watchedUntil: 41 * second }), 41 * second)
    expect(opened(guild)).to.deep.equal([10, 39])
    guild.run(observe(voiceOf(1, null)), 41.2 * second)
    guild.run(settleFeed([], 41 * second), 42 * second)
    expect(opened(guild)).to.deep.equal([10, 39])
  })

  it('who comes and goes within the moment of the handoff is seen, unless the former feed saw it', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, null)), 10.2 * second)
    const changes = [
      change(10.1 * second, voiceOf(1, 1)), change(10.25 * second, voiceOf(1, null)),
      change(10.5 * second, voiceOf(1, 2, { voiceSessionId: 'b' })), change(10.6 * second, voiceOf(2, 1)),
      change(10.8 * second, voiceOf(2, null)), change(10.9 * second, voiceOf(1, null)),
    ]
    guild.run(switchFeed({ changes, watchedUntil: 10.4 * second }), 11 * second)
    expect(opened(guild)).to.deep.equal([10, 10.5, 10.6])
    expect(guild.closed().map(({ leftAt }) => leftAt / second)).to.deep.equal([10.2, 10.8, 10.9])
  })

  it('who leaves and comes back within it, under one voice session, has two stays, unless the former feed saw both', () => {
    const guild = createVoiceGuild()
    for (const user of [1, 2]) guild.run(observe(voiceOf(user, 1)), 10 * second)
    guild.run(observe(voiceOf(2, null)), 20 * second)
    guild.run(observe(voiceOf(2, 1)), 20.1 * second)
    const changes = [
      change(20.05 * second, voiceOf(2, null)), change(20.15 * second, voiceOf(2, 1)),
      change(20.5 * second, voiceOf(1, null)), change(20.6 * second, voiceOf(1, 1)),
    ]
    const base = [voiceOf(1, 1), voiceOf(2, 1)]
    guild.run(switchFeed({ base, changes, watchedUntil: 20.4 * second }), 21 * second)
    expect(guild.closed().map(({ userId, leftAt }) => [userId, leftAt / second])).to.deep.equal([[voiceOf(2, 1).userId, 20], [voiceOf(1, 1).userId, 20.5]])
    expect(opened(guild)).to.deep.equal([10, 10, 20.1, 20.6])
  })

  it('back within a breath, told by clocks that are a little apart, is no outage: who just left is not told again (I8)', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, null)), 12 * second)
    // This feed is a moment behind: it has not told the end yet.
    guild.run(switchFeed({ base: [voiceOf(1, 1)], heardSince: 12.03 * second, watchedUntil: 12.01 * second }), 12.05 * second)
    guild.run(observe(voiceOf(1, null)), 12.2 * second)
    expect(opened(guild)).to.deep.equal([10])
    expect(guild.closed().map(({ unobservedSeconds }) => unobservedSeconds)).to.deep.equal([0])
  })

  it('after a stretch that no clocks explain is an outage', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(switchFeed({ base: [voiceOf(1, 1)], heardSince: 15 * second, watchedUntil: 12 * second }), 15 * second)
    guild.run(observe(voiceOf(1, null)), 20 * second)
    expect(guild.closed().map(({ durationSeconds, unobservedSeconds }) => [durationSeconds, unobservedSeconds])).to.deep.equal([[7, 3]])
  })

  it('of an untouched session changes nothing: no second is unobserved', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(switchFeed({ base: [voiceOf(1, 1)] }), 100 * second)
    guild.run(observe(voiceOf(1, null)), 130 * second)
    expect(guild.closed().map(({ durationSeconds, unobservedSeconds }) => [durationSeconds, unobservedSeconds])).to.deep.equal([[120, 0]])
  })

  it('told twice applies nothing twice', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    const held = switchFeed({ base: [voiceOf(1, 1)], changes: [change(20 * second, voiceOf(1, 2)), change(21 * second, voiceOf(1, 3))] })
    guild.run(held, 30 * second)
    guild.run(held, 31 * second)
    expect(opened(guild)).to.deep.equal([10, 20, 21])
  })

  it('a feed that is behind what is known changes nothing until it has caught up', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(1, 2)), 20 * second)
    guild.run(observe(voiceOf(1, 3)), 21 * second)
    const { reply } = guild.run(switchFeed({ base: [voiceOf(1, 1)], watchedUntil: 22 * second }), 22 * second)
    expect(reply).to.deep.equal({ kind: 'observed', isAwaiting: true })
    guild.run(observe(voiceOf(1, 2)), 22.1 * second)
    guild.run(observe(voiceOf(1, 3)), 22.2 * second)
    expect(guild.state.awaited).to.equal(undefined)
    guild.run(observe(voiceOf(1, 2)), 30 * second)
    guild.run(settleFeed([voiceOf(1, 2)], 22 * second), 31 * second)
    expect(opened(guild)).to.deep.equal([10, 20, 21, 30])
    expect(guild.closed().every(({ unobservedSeconds, recovered }) => unobservedSeconds === 0 && !recovered)).to.equal(true)
  })

  it('without a meeting point: closes at the last moment that the feed before watched, and opens what is found', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(2, 1)), 10 * second)
    const voices = [voiceOf(1, 2), voiceOf(2, 1)]
    guild.run(switchFeed({ base: voices, watchedUntil: 40 * second }), 41 * second)
    expect(lastSwitch(guild)).to.deep.include({ met: 1, awaited: [voiceOf(1, 1).userId] })
    expect(guild.closed()).to.deep.equal([])
    guild.run(settleFeed(voices, 40 * second), 42 * second)
    const [gone] = guild.closed()
    expect([gone?.leftAt, gone?.recovered, gone?.unobservedSeconds]).to.deep.equal([40 * second, true, 0])
    expect(opened(guild)).to.deep.equal([10, 10, 42])
    guild.run(observe(voiceOf(2, null)), 50 * second)
    expect(guild.closed()[1]).to.include({ durationSeconds: 40, unobservedSeconds: 0 })
    expect(guild.state.awaited).to.equal(undefined)
  })

  it('in the same channel without a meeting point: only the stretch between both feeds is unobserved', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    const voices = [voiceOf(1, 1, { selfMute: true })]
    guild.run(switchFeed({ base: voices, watchedUntil: 40 * second }), 41 * second)
    guild.run(settleFeed(voices, 40 * second), 42 * second)
    guild.run(observe(voiceOf(1, null)), 50 * second)
    expect(guild.closed()[0]).to.include({ durationSeconds: 38, unobservedSeconds: 2 })
  })

  it('who is awaited is forgotten by the next switch, and by a reconcile', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(switchFeed({ base: [] }), 20 * second)
    guild.run(switchFeed({ base: [voiceOf(1, 1)] }), 21 * second)
    expect(guild.state.awaited).to.equal(undefined)
    guild.run(switchFeed({ base: [] }), 22 * second)
    guild.run(reconcile([voiceOf(1, 1)], 22 * second), 22 * second)
    expect(guild.state.awaited).to.equal(undefined)
    guild.run(settleFeed([], 22 * second), 23 * second)
    expect(guild.closed()).to.deep.equal([])
  })

  it('after time that nobody watched is a reconcile as after an outage', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(observe(voiceOf(2, 1)), 10 * second)
    const held = { heardSince: 60 * second, base: [voiceOf(1, 1), voiceOf(2, 1)], changes: [change(61 * second, voiceOf(2, null))] }
    guild.run(switchFeed({ ...held, watchedUntil: 40 * second }), 62 * second)
    guild.run(observe(voiceOf(1, null)), 70 * second)
    expect(guild.closed().map(({ leftAt, durationSeconds, unobservedSeconds }) => [leftAt / second, durationSeconds, unobservedSeconds])).to.deep.equal([
      [40, 30, 0],
      [70, 38, 22],
    ])
  })

  it('where a caretaker without a feed had it, time since the loss is unobserved', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    guild.run(loseFeed(20 * second), 21 * second)
    guild.run(switchFeed({ base: [voiceOf(1, 1)], watchedUntil: 50 * second }), 51 * second)
    guild.run(observe(voiceOf(1, null)), 60 * second)
    expect(guild.closed()[0]).to.include({ durationSeconds: 19, unobservedSeconds: 31 })
  })

  it('boundaries between held changes split what was open at them', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), 10 * second)
    const boundary = guild.state.period?.endsAt ?? 0
    const held = {
      base: [voiceOf(1, 1)],
      changes: [change(boundary - 5 * second, voiceOf(1, null)), change(boundary + 5 * second, voiceOf(1, 1, { voiceSessionId: 'b' }))],
    }
    guild.run(switchFeed(held), boundary + 10 * second)
    expect(guild.closed().map(({ leftAt }) => leftAt)).to.deep.equal([boundary - 5 * second])
    expect(guild.state.open[voiceOf(1, 1).userId]?.joinedAt).to.equal(boundary + 5 * second)
    expect(guild.state.period?.index).to.equal(2)
  })

  it('leaves a guild that tracks nothing as it is, and no line in its journal', () => {
    const guild = createVoiceGuild({ trackingMode: 'off' })
    guild.run(switchFeed({ base: [voiceOf(1, 1)], changes: [change(5, voiceOf(2, 1))] }), 10)
    expect(guild.journal).to.deep.equal([])
  })

  it('more members than a turn settles are reconciled at once, and the rest is told again', () => {
    const guild = createVoiceGuild()
    const base = Array.from({ length: 250 }, (_, user) => voiceOf(user, 1))
    const { reply } = guild.run(switchFeed({ base, watchedUntil: 10 * second }), 10 * second)
    expect(reply).to.deep.equal({ kind: 'observed', isPartial: true })
    expect(Object.keys(guild.state.open)).to.have.length(200)
  })

  it('as many members as are awaited are settled in one turn', () => {
    const guild = createVoiceGuild()
    for (let user = 0; user < 100; user += 1) guild.run(observe(voiceOf(user, 1)), second)
    const voices = Array.from({ length: 100 }, (_, user) => voiceOf(user, 2))
    guild.run(switchFeed({ base: voices, watchedUntil: 10 * second }), 10 * second)
    guild.run(settleFeed(voices, 10 * second), 11 * second)
    expect([guild.closed().length, Object.keys(guild.state.open).length]).to.deep.equal([100, 100])
  })

  it('members who stand by in a channel that is not tracked any more are known as they are now', () => {
    const guild = createVoiceGuild()
    guild.run(observe(voiceOf(1, 1)), second)
    guild.run(setMode('off'), 2 * second)
    guild.run(observe(voiceOf(2, 1)), 3 * second)
    expect(Object.keys(guild.state.bystanders)).to.deep.equal([voiceOf(2, 1).userId])
    guild.run(switchFeed({ base: [voiceOf(1, 1), voiceOf(3, 1)] }), 5 * second)
    expect(Object.keys(guild.state.bystanders)).to.deep.equal([voiceOf(3, 1).userId])
  })
})

describe('a switch of feeds at any point of any history', () => {
  const users = 4

  /** Changes with growing times, no two of them equal, so that every state tells its place. */
  function drawHistory(random: (length: number) => Uint8Array): HeldChange[] {
    let at = 0
    return Array.from({ length: 40 }, (_, index) => {
      const [user = 0, channel = 0, mute = 0, pause = 0] = random(4)
      at += 1 + pause * 37
      const voice = voiceOf(user % users, channel % 4 === 0 ? null : channel % 3, { selfMute: mute % 2 === 0, voiceSessionId: `s${index}` })
      return { at, opId: opId(`feed:new:${index + 1}`), voice }
    })
  }

  function voicesAfter(history: readonly HeldChange[]): ObservedVoice[] {
    const newest = new Map<string, ObservedVoice>()
    for (const { voice } of history) newest.set(voice.userId, voice)
    return [...newest.values()].filter(({ channelId }) => channelId !== null)
  }

  it('ends where hearing everything oneself ends: same sessions, same accounts, to the millisecond (I8, I10)', () => {
    for (let seed = 0; seed < 150; seed += 1) {
      const random = seededRandom(`switch ${seed}`)
      const history = drawHistory(random)
      const [a = 0, b = 0] = random(2)
      const heardFrom = a % 20
      const heardUntilByOld = heardFrom + (b % 20)
      const settings = { trackingMode: 'all' as const, fairness: { ...createVoiceGuild().state.fairness, selfMute: true, alone: true } }
      const [one, two] = [createVoiceGuild(settings), createVoiceGuild(settings)]
      for (const { voice, at } of history) one.run(observe(voice), at)
      for (const { voice, at } of history.slice(0, heardUntilByOld)) two.run(observe(voice), at)
      const held = {
        heardSince: history[heardFrom]?.at ?? 0,
        base: voicesAfter(history.slice(0, heardFrom)),
        changes: history.slice(heardFrom),
        watchedUntil: history[Math.max(heardFrom, heardUntilByOld - 1)]?.at ?? 0,
      }
      two.run(switchFeed(held), history.at(-1)?.at ?? 0)
      const sessions = (guild: VoiceGuild) => guild.closed().map((session) => ({ ...session, sessionId: '' }))
      const open = (guild: VoiceGuild) => Object.values(guild.state.open).map((session) => ({ ...session, sessionId: '' }))
      expect(sessions(two), `seed ${seed}`).to.deep.equal(sessions(one))
      expect(open(two), `seed ${seed}`).to.have.deep.members(open(one))
    }
  })
})
