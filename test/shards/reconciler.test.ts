/** Since when a guild is unwatched is remembered until its actor has been told, whatever comes in between. */
import { expect } from 'chai'
import { slotOf } from '../../actors/ownership/slots.ts'
import type { Activation } from '../../actors/runtime/activation.ts'
import type { CommandEnvelope, Outcome, RefusalReason } from '../../actors/protocol/command.ts'
import { generation, guildId } from '../../kernel/ids.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { VoiceTracker } from '../../shards/gateway/voice-tracker.ts'
import { Reconciler } from '../../shards/reconciler.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { createManualClock } from '../support/manual-clock.ts'

const guild: GuildId = guildId('1142857142857142857')
const slot = slotOf(guild)
const held = { generation: generation(2), heardSince: 0, base: [], changes: [], watchedUntil: 0 }

interface Asked {
  readonly watchedUntil: number
  answer(outcome: Outcome): Promise<void>
}

describe('reconciler', () => {
  let clock: ManualClock
  let asked: Asked[]
  let switched: Asked[]
  let isOurs: boolean
  let isHeard: boolean
  /** Everything else that was asked, and the instant it is dated at. */
  let told: { readonly command: CommandEnvelope['command']; readonly receivedAt: number | null; readonly comesFirst?: boolean }[]
  let reconciler: Reconciler

  beforeEach(() => {
    clock = createManualClock()
    asked = []
    switched = []
    told = []
    isOurs = true
    isHeard = true
    const tracker = new VoiceTracker()
    tracker.replace(guild, [], 0)
    reconciler = new Reconciler({
      clock,
      runtime: {
        askHere: ({ command, receivedAt }: CommandEnvelope, order?: { readonly comesFirst?: boolean }) =>
          new Promise<Outcome>((resolve) => {
            if (command.kind !== 'reconcile-voice' && command.kind !== 'switch-feed') {
              told.push({ command, receivedAt, ...(order?.comesFirst === true ? { comesFirst: true } : {}) })
              resolve(answered)
              return
            }
            const { watchedUntil } = command
            const of = command.kind === 'switch-feed' ? switched : asked
            of.push({
              watchedUntil,
              answer: async (outcome) => {
                resolve(outcome)
                await new Promise((done) => setImmediate(done))
              },
            })
          }),
        slots: { at: () => ({ isOurs }) } as never,
      },
      tracker,
      log: silentLog,
      now: () => clock.wallMs(),
      random: (length) => new Uint8Array(length),
      readWatchedUntil: () => Promise.resolve(0),
      watchedUntilOf: () => 4_000,
      hasOpenWork: () => true,
      hears: () => isHeard,
    })
  })

  const refused = (reason: RefusalReason): Outcome => ({ status: 'refused', reason })
  const answered: Outcome = { status: 'answered', reply: { kind: 'observed' } }

  it('events that found no room are made good by one reconcile, unobserved from the first of them on', async () => {
    reconciler.reconcileSoon(guild, 700)
    reconciler.reconcileSoon(guild, 800)
    expect(asked).to.have.length(0)
    clock.advance(500)
    expect(asked.map(({ watchedUntil }) => watchedUntil)).to.deep.equal([700])
    await asked[0]?.answer(refused('batch-full'))
    clock.advance(500)
    expect(asked.map(({ watchedUntil }) => watchedUntil)).to.deep.equal([700, 700])
    await asked[1]?.answer(answered)
    clock.advance(60_000)
    expect(asked).to.have.length(2)
  })

  it('events that found no room are left to the next owner when the slot goes', () => {
    reconciler.reconcileSoon(guild, 700)
    isOurs = false
    clock.advance(60_000)
    expect(asked).to.have.length(0)
  })

  it('a guild of another’s slot is not told here; winning it brings what was held along', async () => {
    isOurs = false
    reconciler.reconcileGuild(guild, 1_000)
    expect([asked.length, told.length, reconciler.gapOf(guild)]).to.deep.equal([0, 0, null])
    isOurs = true
    void reconciler.switchFeed(guild, { ...held, watchedUntil: 1_000 })
    expect(switched.map(({ watchedUntil }) => watchedUntil)).to.deep.equal([1_000])
    await switched[0]!.answer(answered)
    await reconciler.settled()
  })

  it('a slot lost before it was told: the earlier of both gaps counts when it is won again', async () => {
    reconciler.reconcileGuild(guild, 1_000)
    await asked[0]!.answer(refused('no-owner'))
    expect(reconciler.gapOf(guild)).to.equal(1_000)
    void reconciler.switchFeed(guild, { ...held, watchedUntil: 2_000 })
    expect(switched.map(({ watchedUntil }) => watchedUntil)).to.deep.equal([1_000])
  })

  it('a slot that was handed over has its truth elsewhere: its gaps are forgotten', async () => {
    reconciler.reconcileGuild(guild, 1_000)
    await asked[0]!.answer(refused('no-owner'))
    reconciler.forgetGaps(slot)
    expect(reconciler.gapOf(guild)).to.equal(null)
  })

  it('a switch that is refused becomes a reconcile, from when the feed before was watched', async () => {
    clock.advance(5_000)
    void reconciler.switchFeed(guild, { ...held, watchedUntil: 2_000 })
    await switched[0]!.answer(refused('busy'))
    expect(reconciler.gapOf(guild)).to.equal(2_000)
    clock.advance(500)
    expect(asked.map(({ watchedUntil }) => watchedUntil)).to.deep.equal([2_000])
  })

  it('a refusal for the moment is asked again after a pause that grows; losing the slot ends that', async () => {
    reconciler.reconcileGuild(guild, 1_000)
    await asked[0]!.answer(refused('busy'))
    clock.advance(500)
    expect(asked).to.have.length(2)
    await asked[1]!.answer(refused('busy'))
    clock.advance(999)
    expect(asked).to.have.length(2)
    isOurs = false
    clock.advance(1)
    expect(asked).to.have.length(2)
    expect(reconciler.gapOf(guild)).to.equal(1_000)
  })

  it('a gap is told dated at its beginning, with who is there now, before the reconcile: boundaries in it come after', () => {
    reconciler.reconcileGuild(guild, 1_000)
    expect(told).to.deep.equal([{ command: { feature: 'voice-attendance', kind: 'lose-feed', since: 1_000, voices: [] }, receivedAt: 1_000 }])
    expect(asked).to.have.length(1)
  })

  it('an outage is told when it begins, and one that began before the slot was ours when it is won', () => {
    const lost = { command: { feature: 'voice-attendance', kind: 'lose-feed', since: 2_000 }, receivedAt: 2_000 }
    reconciler.loseGuild(guild, 2_000)
    expect(told).to.deep.equal([lost])
    isOurs = false
    const other = guildId('1142857142857142858')
    reconciler.loseGuild(other, 2_000)
    expect(told).to.have.length(1)
    isOurs = true
    reconciler.tellOutages(slotOf(other), 1_500)
    expect(told).to.deep.equal([lost, lost])
    reconciler.tellOutages(slotOf(other), 1_500)
    expect(told).to.have.length(2)
  })

  it('more than one turn takes is told again, from the first telling on', async () => {
    clock.advance(5_000)
    reconciler.reconcileGuild(guild, 1_000)
    const firstAt = clock.wallMs()
    clock.advance(100)
    await asked[0]!.answer({ status: 'answered', reply: { kind: 'observed', isPartial: true } })
    expect(asked.map(({ watchedUntil }) => watchedUntil)).to.deep.equal([1_000, firstAt])
  })

  it('an outage of ours that another watched through begins when that one ends', () => {
    isOurs = false
    reconciler.loseGuild(guild, 2_000)
    isOurs = true
    reconciler.tellOutages(slot, 9_000)
    expect(told.map(({ command }) => command.kind === 'lose-feed' && command.since)).to.deep.equal([9_000])
  })

  it('a guild that is heard again before its slot is won was in no outage', () => {
    isOurs = false
    reconciler.loseGuild(guild, 2_000)
    reconciler.forgetOutage(guild)
    isOurs = true
    reconciler.tellOutages(slot, 1_000)
    expect(told).to.deep.equal([])
  })

  it('a guild that this process does not hear is told so before what brought it into memory, dated at the loss', () => {
    const loaded = { guildId: guild, slot } as Activation
    reconciler.onLoaded(loaded)
    expect(told, 'one that is heard').to.deep.equal([])
    isHeard = false
    clock.advance(9_000)
    reconciler.onLoaded(loaded)
    expect(told).to.deep.equal([{ command: { feature: 'voice-attendance', kind: 'lose-feed', since: 4_000 }, receivedAt: 4_000, comesFirst: true }])
  })
})
