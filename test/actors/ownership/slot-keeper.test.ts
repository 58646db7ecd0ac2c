/** Which slots a process goes for, from whom, and which it leaves alone. */
import { expect } from 'chai'
import type { Handoff, HandedOver } from '../../../actors/ownership/handoff.ts'
import { SlotKeeper } from '../../../actors/ownership/slot-keeper.ts'
import type { Takeover } from '../../../actors/ownership/takeover.ts'
import type { SlotOwner } from '../../../actors/runtime/ports.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import type { Incarnation, Slot } from '../../../kernel/ids.ts'
import { fence, generation, incarnation } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const me = incarnation('b')
const other = incarnation('a')
const third = incarnation('c')
const slot = (value: number): Slot => value as Slot
const noWord: HandedOver = new Map()

function setUp() {
  const clock = createManualClock()
  const log = createListeningLog()
  const slots = new SlotTable()
  const rows = new Map<number, SlotOwner>()
  const asked: string[] = []
  const world = { live: [other, me] as Incarnation[], released: [] as Incarnation[], rememberedForMs: 60_000, fails: false, refuses: new Set<number>(), answer: Promise.resolve() }
  const own = (value: number, owner: Incarnation | null, of = 1): void =>
    void rows.set(value, { slot: slot(value), fence: fence(1), owner, generation: generation(of) })
  const take = (seen: readonly SlotOwner[], handedOver: HandedOver = noWord): ReturnType<Takeover['take']> => {
    asked.push(`take ${seen.map(({ slot: one }) => `${one}${handedOver.has(one) ? '!' : ''}`).join()}`)
    for (const { slot: one } of seen) {
      const entry = slots.at(one)
      entry.setState('taking')
      entry.setFence(fence(2), null)
      entry.setState('serving')
      own(one, me)
    }
    return Promise.resolve(seen.map(({ slot: one }) => ({ slot: one, fence: fence(2) })))
  }
  const request: Handoff['request'] = (owner, wanted) => {
    asked.push(`ask ${owner} for ${wanted.map(({ slot: one }) => one).join()}`)
    return world.answer.then(() => new Map(wanted.filter(({ slot: one }) => !world.refuses.has(one)).map(({ slot: one }) => [one, 5])))
  }
  const confirm: Handoff['confirm'] = (owner, taken) => {
    asked.push(`confirm ${taken.map(({ slot: one }) => one).join()} to ${owner}`)
    return Promise.resolve()
  }
  const decline: Handoff['decline'] = (owner, unwanted) => {
    asked.push(`decline ${unwanted.map(({ slot: one }) => one).join()} of ${owner}`)
    return Promise.resolve()
  }
  const keeper = new SlotKeeper({
    me,
    generation: generation(2),
    clock,
    slots,
    log,
    ownership: {
      readSlots: (wanted) => {
        if (world.fails) return Promise.reject(new Error('postgres is away'))
        return Promise.resolve(wanted.flatMap((one) => rows.get(one) ?? []))
      },
    },
    leases: {
      liveness: () => Promise.resolve({ live: world.live, rememberedForMs: world.rememberedForMs }),
      releaseLease: (dead) => {
        world.released.push(dead)
        return world.fails ? Promise.reject(new Error('redis is away')) : Promise.resolve()
      },
    },
    takeover: { take } as Takeover,
    handoff: { request, confirm, decline } as Handoff,
  })
  const pass = async (ms: number = limits.livenessPollMs): Promise<void> => {
    clock.advance(ms)
    await settle()
  }
  return { clock, log, slots, own, asked, world, keeper, pass }
}

/** Slot 3 was home here, of generation 2, and went by plan to a process of that generation. */
async function setUpLent(to: number) {
  const made = setUp()
  const { keeper, own, slots, pass } = made
  own(3, null)
  keeper.start()
  void keeper.own([slot(3)])
  await pass()
  slots.at(slot(3)).setState('foreign')
  own(3, other, to)
  keeper.disown(slot(3), generation(to))
  await pass(3_000)
  return made
}

describe('the keeper of slots', () => {
  it('takes its home slots from nobody and from itself, and asks living owners for the others', async () => {
    const { keeper, own, asked, pass } = setUp()
    own(1, null)
    own(2, me)
    own(3, other)
    own(4, other)
    keeper.start()
    let isOwned = false
    void keeper.own([slot(1), slot(2), slot(3)]).then(() => (isOwned = true))
    await pass()
    expect(asked).to.deep.equal(['take 1,2', 'ask a for 3', 'take 3!', 'confirm 3 to a'])
    expect(isOwned).to.equal(true)
    await keeper.stop()
  })

  it('asks for a few at a time, one round after the other without a pause', async () => {
    const { keeper, own, asked, pass } = setUp()
    const home = Array.from({ length: limits.handoffSlotsMax * 2 + 1 }, (_, value) => slot(value))
    for (const one of home) own(one, other)
    keeper.start()
    void keeper.own(home)
    await pass(0)
    await pass(0)
    await pass(0)
    const sizes = asked.filter((line) => line.startsWith('ask')).map((line) => line.split(',').length)
    expect(sizes).to.deep.equal([limits.handoffSlotsMax, limits.handoffSlotsMax, 1])
    await keeper.stop()
  })

  it('slots that are not handed over yet do not keep the others waiting', async () => {
    const { keeper, own, asked, world, pass } = setUp()
    const home = Array.from({ length: limits.handoffSlotsMax + 2 }, (_, value) => slot(value))
    for (const one of home) own(one, other)
    for (let value = 0; value < limits.handoffSlotsMax; value += 1) world.refuses.add(value)
    keeper.start()
    void keeper.own(home)
    await pass()
    await pass()
    expect(asked).to.include(`take ${limits.handoffSlotsMax}!,${limits.handoffSlotsMax + 1}!`)
    await keeper.stop()
  })

  it('never takes a slot of a living owner without its word, nor by an absence that proves nothing', async () => {
    const { keeper, own, asked, world, pass } = setUp()
    own(0, other)
    own(1, third)
    world.rememberedForMs = limits.leaseTtlMs
    keeper.start()
    await pass()
    await pass(5_000)
    expect(asked).to.deep.equal([])
    world.rememberedForMs = limits.leaseTtlMs + limits.leaseMarginMs
    await pass(2_000)
    await pass()
    expect(asked, 'slot 1 is this one’s by slot % survivors').to.deep.equal(['take 1'])
    await keeper.stop()
  })

  it('an orphan that its chosen survivor leaves alone is anybody’s after half a second', async () => {
    const { keeper, own, asked, pass } = setUp()
    own(2, third)
    keeper.start()
    await pass()
    expect(asked).to.deep.equal([])
    for (let round = 0; round < 11; round += 1) await pass()
    expect(asked).to.deep.equal(['take 2'])
    await keeper.stop()
  })

  it('who is reported dead need not lose its lease first, and is chosen for nothing', async () => {
    const { keeper, own, asked, world, pass } = setUp()
    world.live = [other, me, third]
    own(0, other)
    own(1, other)
    keeper.start()
    await pass()
    keeper.reportDead(other)
    await pass(0)
    expect(asked, 'of b and c, slot 0 is for b').to.deep.equal(['take 0'])
    expect(world.released, 'for those who begin later and are not told').to.deep.equal([other])
    await keeper.stop()
  })

  it('with Redis away who is reported dead is dead all the same', async () => {
    const { keeper, own, asked, world, log, pass } = setUp()
    own(0, other)
    keeper.start()
    await pass()
    world.fails = true
    keeper.reportDead(other)
    await pass(0)
    expect([asked, log.saw('lease of a dead process could not be released')]).to.deep.equal([[], true])
    world.fails = false
    await pass()
    expect(asked).to.deep.equal(['take 0'])
    await keeper.stop()
  })

  it('who was reported dead is chosen for nothing until its lease has ended, although nothing of it is left', async () => {
    const { keeper, own, asked, world, pass } = setUp()
    world.live = [other, me, third]
    own(0, other)
    keeper.start()
    keeper.reportDead(other)
    await pass(0)
    expect(asked, 'of b and c, slot 0 is for b').to.deep.equal(['take 0'])
    own(2, third)
    keeper.reportDead(third)
    await pass(0)
    expect(asked, 'a would be chosen of a and b').to.deep.equal(['take 0', 'take 2'])
    await keeper.stop()
  })

  it('a slot that went to a newer generation and comes back to ours is wanted again: nobody else hears it', async () => {
    const { keeper, own, asked, pass } = await setUpLent(3)
    expect([asked, keeper.wants(slot(3))]).to.deep.equal([['take 3'], false])
    // A caretaker of our own generation has it after the abort.
    own(3, other, 2)
    await pass(3_000)
    expect(keeper.wants(slot(3))).to.equal(true)
    expect(asked).to.deep.equal(['take 3', 'ask a for 3', 'take 3!', 'confirm 3 to a'])
    await keeper.stop()
  })

  it('nor does one stay with an older generation that came late: back with ours, it is wanted again', async () => {
    const { keeper, own, asked, pass } = await setUpLent(1)
    expect([asked, keeper.wants(slot(3))], 'it has it').to.deep.equal([['take 3'], false])
    own(3, third, 2)
    await pass(3_000)
    expect(keeper.wants(slot(3))).to.equal(true)
    await keeper.stop()
  })

  it('asks a newer generation for what it insists on, until it has it', async () => {
    const { keeper, own, asked, slots, world, pass } = setUp()
    world.live = [other, me]
    own(3, other, 3)
    keeper.start()
    void keeper.own([slot(3)], { evenFromNewer: true })
    await pass()
    expect(asked).to.deep.equal(['ask a for 3', 'take 3!', 'confirm 3 to a'])
    await pass(3_000)
    // The next rescale took it without our word.
    slots.at(slot(3)).setState('foreign')
    own(3, other, 4)
    await pass(3_000)
    expect(asked).to.have.length(3)
    await keeper.stop()
  })

  it('a slot that went by plan is not wanted back; wanting nothing ends every wait', async () => {
    const { keeper, own, asked, slots, pass } = setUp()
    own(3, null)
    own(4, other)
    keeper.start()
    await keeper.own([]).then(() => undefined)
    void keeper.own([slot(3)])
    await pass()
    slots.at(slot(3)).setState('foreign')
    own(3, other)
    keeper.disown(slot(3))
    await pass(3_000)
    expect(asked).to.deep.equal(['take 3'])
    let isOver = false
    void keeper.own([slot(4)]).then(() => (isOver = true))
    expect(keeper.wants(slot(4))).to.equal(true)
    keeper.disownAll()
    await settle()
    expect([isOver, keeper.wants(slot(4))]).to.deep.equal([true, false])
    await keeper.stop()
  })

  it('what was lost on its way to somebody else is wanted back, unless that one has it', async () => {
    const { keeper, own, asked, world, pass } = setUp()
    world.live = [other, me, third]
    own(3, other)
    own(4, third)
    keeper.start()
    await pass()
    keeper.wantBack(slot(3), third)
    keeper.wantBack(slot(4), third)
    keeper.lookNow()
    await pass(0)
    expect([keeper.wants(slot(3)), keeper.wants(slot(4))]).to.deep.equal([true, false])
    expect(asked).to.deep.equal(['ask a for 3', 'take 3!', 'confirm 3 to a'])
    await keeper.stop()
  })

  it('takes nothing that it does not want any more when the answer comes, and says so', async () => {
    const { keeper, own, asked, world, pass } = setUp()
    const answer = createDeferred<void>()
    world.answer = answer.promise
    own(3, other)
    keeper.start()
    void keeper.own([slot(3)])
    await pass()
    keeper.disownAll()
    answer.resolve()
    await settle()
    expect(asked).to.deep.equal(['ask a for 3', 'decline 3 of a'])
    await keeper.stop()
  })

  it('asks nobody of a newer generation for a slot, unless it is told to', async () => {
    const { keeper, own, asked, pass } = setUp()
    own(3, other, 3)
    keeper.start()
    void keeper.own([slot(3)])
    await pass()
    await pass()
    expect(asked).to.deep.equal([])
    void keeper.own([slot(3)], { evenFromNewer: true })
    await pass(0)
    expect(asked).to.deep.equal(['ask a for 3', 'take 3!', 'confirm 3 to a'])
    await keeper.stop()
  })

  it('knows of which generation an owner is, and of a slot that nobody has that it may be its own', async () => {
    const { keeper, own, slots, world, pass } = setUp()
    own(0, other, 1)
    own(2, null, 1)
    own(4, third, 1)
    world.rememberedForMs = 0
    keeper.start()
    await pass()
    expect([0, 2, 4].map((one) => slots.at(slot(one)).ownerGeneration)).to.deep.equal([1, 2, 1])
    await keeper.stop()
  })

  it('looks again when Postgres is back, and says once that it was away', async () => {
    const { keeper, own, asked, world, pass, log } = setUp()
    own(1, null)
    world.fails = true
    keeper.start()
    void keeper.own([slot(1)])
    await pass()
    await pass()
    expect(log.saw('slots could not be looked at')).to.equal(true)
    world.fails = false
    await pass()
    expect(asked).to.deep.equal(['take 1'])
    await keeper.stop()
  })

  it('stopped it wants nothing and looks no more', async () => {
    const { keeper, own, asked, pass, clock } = setUp()
    own(1, other)
    keeper.start()
    let isOver = false
    void keeper.own([slot(1)]).then(() => (isOver = true))
    await keeper.stop()
    await settle()
    own(2, null)
    await pass(5_000)
    expect([isOver, asked, clock.pending()]).to.deep.equal([true, [], 0])
  })
})
