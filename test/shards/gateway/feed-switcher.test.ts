/** Where a gateway event goes in each state of its slot, and what a slot that is won brings along (I8). */
import { expect } from 'chai'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { FeedSwitch } from '../../../actors/protocol/feed-switch.ts'
import type { ObservedVoice } from '../../../actors/protocol/voice-attendance.ts'
import type { FeedEvent } from '../../../actors/runtime/actor-runtime.ts'
import type { WatchedShard } from '../../../actors/runtime/ports.ts'
import { AssertionFailed } from '../../../kernel/assert.ts'
import { generation, guildId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { FeedSwitcher } from '../../../shards/gateway/feed-switcher.ts'
import { VoiceTracker } from '../../../shards/gateway/voice-tracker.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'
import { voiceOf } from '../../support/voice.ts'

const guild = guildId('1142857142857142857')
const slot = slotOf(guild)

function setUp() {
  const clock = createManualClock({ wallMs: 0 })
  const tracker = new VoiceTracker()
  const log = createListeningLog()
  const said: string[] = []
  const switched: FeedSwitch[] = []
  const fed: FeedEvent[] = []
  const opened: unknown[] = []
  const world = { rows: Promise.resolve<readonly WatchedShard[]>([]), gap: null as number | null, mayLeave: true, told: Promise.resolve() }
  const switcher = new FeedSwitcher({
    clock,
    generation: generation(2),
    log,
    tracker,
    now: () => clock.wallMs(),
    runtime: {
      feed: (event) => {
        fed.push(event)
        return 'taken'
      },
      openFeed: (of, { through }) => void opened.push([of, through]),
    },
    reconciler: {
      switchFeed: (_guild, held) => {
        switched.push(held)
        return world.told
      },
      reconcileGuild: (_guild, since) => void said.push(`reconcile ${since}`),
      loseGuild: (_guild, since) => void said.push(`lose ${since}`),
      tellOutages: (_slot, until) => void said.push(`outages ${until}`),
      tellGaps: () => world.mayLeave,
      forgetGaps: () => void said.push('forget gaps'),
      forgetOutage: () => undefined,
      settled: () => Promise.resolve(),
    },
    readWatched: () => world.rows,
    gapSince: () => world.gap,
    heldChangesMax: 5,
  })
  let seq = 0
  const know = (...voices: ObservedVoice[]): void => {
    tracker.replace(guild, voices, clock.wallMs())
    switcher.knowGuild(guild, clock.wallMs())
  }
  const hear = (voice: ObservedVoice): string => {
    seq += 1
    tracker.apply(guild, voice)
    return switcher.hear({
      guildId: guild,
      session: 'new',
      seq,
      receivedAt: clock.wallMs(),
      command: { feature: 'voice-attendance', kind: 'observe-voice', voice },
    })
  }
  const serve = (silentSince: number | null): void => switcher.onSlotServed(slot, { silentSince })
  return { clock, tracker, log, said, switched, fed, opened, world, switcher, know, hear, serve }
}

describe('the feed of a slot', () => {
  it('is held while another serves it, and comes along when it is handed over: at once, nothing of it twice', () => {
    const { know, hear, serve, switched, fed, opened, clock } = setUp()
    know(voiceOf(1, 1))
    clock.advance(100)
    expect(hear(voiceOf(2, 1))).to.equal('elsewhere')
    clock.advance(100)
    serve(180)
    expect(switched).to.have.length(1)
    expect(switched[0]).to.deep.include({ generation: 2, heardSince: 0, base: [voiceOf(1, 1)], watchedUntil: 180 })
    expect(switched[0]?.changes.map(({ at, opId }) => [at, opId])).to.deep.equal([[100, 'feed:new:1']])
    expect(opened).to.deep.equal([[slot, { session: 'new', seq: 1 }]])
    expect(fed).to.deep.equal([])
    expect(hear(voiceOf(2, null))).to.equal('taken')
    expect(fed.map(({ seq }) => seq)).to.deep.equal([2])
  })

  it('of a slot that nobody handed over is told once it is known until when it was watched', async () => {
    const { know, hear, serve, switched, world, clock } = setUp()
    const rows = createDeferred<readonly WatchedShard[]>()
    world.rows = rows.promise
    know()
    serve(null)
    clock.advance(0)
    hear(voiceOf(1, 1))
    expect(switched).to.deep.equal([])
    rows.resolve([
      { shardCount: 1, shardId: 0, watchedUntil: 40 },
      { shardCount: 384, shardId: slot, watchedUntil: 70 },
      { shardCount: 384, shardId: (slot + 1) % 384, watchedUntil: 99 },
    ])
    await settle()
    expect(switched.map(({ watchedUntil, changes }) => [watchedUntil, changes.length])).to.deep.equal([[70, 1]])
  })

  it('waits while Postgres is away, holding; a slot that is lost meanwhile is told nothing', async () => {
    const { know, serve, switched, world, clock, log, switcher } = setUp()
    know()
    world.rows = Promise.reject(new Error('postgres is away'))
    serve(null)
    clock.advance(0)
    await settle()
    expect(log.saw('watched_until could not be read')).to.equal(true)
    world.rows = Promise.resolve([])
    clock.advance(250)
    await settle()
    expect(switched).to.have.length(1)
    switcher.onSlotLost(slot, 'lost')
    serve(null)
    clock.advance(0)
    switcher.onSlotLost(slot, 'lost')
    await settle()
    expect(switched).to.have.length(1)
  })

  it('is settled when every slot that serves was told, and that is durable', async () => {
    const { know, serve, switcher, world, clock } = setUp()
    const rows = createDeferred<readonly WatchedShard[]>()
    world.rows = rows.promise
    know()
    serve(null)
    clock.advance(0)
    let isSettled = false
    void switcher.settled().then(() => (isSettled = true))
    await settle()
    expect(isSettled).to.equal(false)
    rows.resolve([])
    await settle()
    expect(isSettled).to.equal(true)
  })

  it('goes on into the slot’s queue and the fold while it leaves; kept, the queue has it all', () => {
    const { know, hear, serve, switcher, fed, switched } = setUp()
    know()
    serve(0)
    expect(switcher.onSlotLeaving(slot)).to.equal(true)
    expect(hear(voiceOf(1, 1))).to.equal('taken')
    switcher.onSlotKept(slot)
    hear(voiceOf(1, null))
    expect(fed).to.have.length(2)
    expect(switched).to.have.length(1)
  })

  it('is folded from the moment of leaving, so that a slot that comes back brings it along', () => {
    const { know, hear, serve, switcher, fed, switched, said, clock } = setUp()
    know(voiceOf(1, 1))
    serve(0)
    hear(voiceOf(2, 1))
    clock.advance(50)
    switcher.onSlotLeaving(slot)
    hear(voiceOf(3, 1))
    switcher.onSlotLost(slot, 'handed-over')
    expect(said).to.include('forget gaps')
    hear(voiceOf(1, null))
    clock.advance(50)
    serve(90)
    expect(fed.map(({ seq }) => seq)).to.deep.equal([1, 2])
    expect(switched[1]).to.deep.include({ heardSince: 50 - 2 * limits.feedLagMs, base: [voiceOf(1, 1), voiceOf(2, 1)] })
    expect(switched[1]?.changes.map(({ opId }) => opId)).to.deep.equal(['feed:new:2', 'feed:new:3'])
  })

  it('a guild that was heard for long is heard since then: whoever had the slot meanwhile may be gone without a word (I10)', () => {
    const { know, hear, serve, switcher, switched, clock } = setUp()
    clock.advance(20)
    know(voiceOf(1, 1))
    serve(20)
    clock.advance(10_000)
    hear(voiceOf(2, 1))
    for (const how of ['handed-over', 'lost'] as const) {
      if (how === 'handed-over') switcher.onSlotLeaving(slot)
      switcher.onSlotLost(slot, how)
      clock.advance(100)
      // The last word in Postgres is as old as the pauses between two words.
      serve(clock.wallMs() - 5_000)
      expect(switched.at(-1), how).to.deep.include({ heardSince: 20, base: [voiceOf(1, 1), voiceOf(2, 1)] })
    }
  })

  it('does not leave before what its guilds were told is durable, nor before it was told at all', () => {
    const { know, serve, switcher, world } = setUp()
    know()
    serve(null)
    expect(switcher.onSlotLeaving(slot), 'switching').to.equal(false)
    switcher.onSlotLost(slot, 'lost')
    serve(0)
    world.mayLeave = false
    expect(switcher.onSlotLeaving(slot), 'untold').to.equal(false)
    world.mayLeave = true
    expect(switcher.onSlotLeaving(slot)).to.equal(true)
  })

  it('past the bound of held changes says only who is there now, and that nothing before is known', () => {
    const { know, hear, serve, switched, clock, log } = setUp()
    know()
    clock.advance(10)
    for (let user = 0; user < 7; user += 1) hear(voiceOf(user, 1))
    expect(log.saw('too much was heard of a slot before it was ours')).to.equal(true)
    clock.advance(10)
    serve(15)
    expect(switched[0]).to.deep.include({ heardSince: 20, changes: [], watchedUntil: 15 })
    expect(switched[0]?.base).to.have.length(7)
  })

  it('a guild that is told again is reconciled where the slot serves, and begins anew where it is held', () => {
    const { know, hear, serve, said, switched, clock, switcher } = setUp()
    know()
    hear(voiceOf(1, 1))
    clock.advance(30)
    know(voiceOf(1, 1))
    serve(40)
    expect(switched[0]).to.deep.include({ heardSince: 30, changes: [] })
    clock.advance(30)
    know(voiceOf(1, 1))
    expect(said).to.include('reconcile 60')
    switcher.loseGuild(guild, 70)
    expect(said).to.include('lose 70')
  })

  it('I8: a slot that serves is not served again before it was lost', () => {
    const { know, serve } = setUp()
    know()
    serve(0)
    expect(() => serve(0)).to.throw(AssertionFailed)
  })
})
