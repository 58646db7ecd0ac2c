/**
 * What becomes of commands when their slot is won, doubted and lost. The stores fail where the test says: before they
 * took effect, or after, so that nobody knows.
 */
import { expect } from 'chai'
import { slotOf } from '../../../actors/ownership/slots.ts'
import { parseJournalText } from '../../../actors/runtime/journal-entry.ts'
import { limits } from '../../../kernel/limits.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createTestRuntime, me, somebodyElse } from '../../support/runtime.ts'
import { settle } from '../../support/settle.ts'
import { add, look, tallyCommand, told } from '../../support/tally.ts'
import { makeRequest } from '../../support/turns.ts'

const guild = guildIn(5)
const sameSlot = guildIn(5, 1)
const elsewhere = guildIn(6)

function setUp() {
  const runtime = createTestRuntime()
  runtime.own(guild)
  return runtime
}

describe('the catalog: whose slot it is', () => {
  it('a command for a slot that is not ours is handed back untouched', () => {
    const { catalog } = setUp()
    const { request } = makeRequest({ guild: elsewhere })
    expect(catalog.submit(request)).to.equal('elsewhere')
    expect(request.settled).to.equal(false)
    expect(catalog.activationCount).to.equal(0)
  })

  it('a slot that could not be taken after all answers nobody here: what was held is handed on in order', async () => {
    const { catalog, slots, lost, journalOf } = setUp()
    const entry = slots.at(slotOf(elsewhere))
    entry.setState('taking')
    const asked = [add(1), add(10), look].map((command) => makeRequest({ guild: elsewhere, command }))
    for (const { request } of asked) expect(catalog.submit(request)).to.equal('taken')
    await settle()
    catalog.loseSlot(entry.slot)
    expect(lost).to.deep.equal([{ slot: entry.slot, requests: asked.map(({ request }) => request) }])
    expect(asked.some(({ request }) => request.settled)).to.equal(false)
    expect(journalOf(elsewhere)).to.deep.equal([])
  })

  it('what was held runs when the slot serves', async () => {
    const runtime = setUp()
    const { catalog, slots, database } = runtime
    const entry = slots.at(slotOf(elsewhere))
    entry.setState('taking')
    const asked = [add(1), add(10), look].map((command) => makeRequest({ guild: elsewhere, command }))
    for (const { request } of asked) catalog.submit(request)
    const seen = { slot: entry.slot, fence: database.slots.get(entry.slot)?.fence ?? (0 as never) }
    const [taken] = database.raiseFences([seen], { owner: me })
    entry.setFence(taken?.fence ?? (0 as never), 1)
    entry.restoreCursors([])
    catalog.serve(entry)
    await settle()
    expect(asked.map(({ outcome }) => told(outcome()))).to.deep.equal([1, 11, 11])
  })

  it('no-owner: past the bound of held commands', () => {
    const { catalog, slots } = setUp()
    slots.at(slotOf(elsewhere)).setState('taking')
    for (let index = 0; index < limits.heldCommandsPerSlotMax; index += 1) catalog.submit(makeRequest({ guild: elsewhere }).request)
    const { request, outcome } = makeRequest({ guild: elsewhere })
    expect(catalog.submit(request)).to.equal('taken')
    expect(told(outcome())).to.equal('no-owner')
  })

  it('stopping: a process that drains takes nothing more of its own, and finishes what it has', async () => {
    const { ask, catalog, steps, clock, answer } = setUp()
    await answer(guild, look)
    steps.hold('commit before')
    const before = ask(guild, add(1))
    await settle()
    let isDrained = false
    void catalog.drain().then(() => (isDrained = true))
    const after = ask(guild, add(10))
    expect(told(after.outcome())).to.equal('stopping')
    await settle()
    expect(isDrained).to.equal(false)
    await steps.release('commit before')
    clock.advance(1_000)
    await settle()
    expect([told(before.outcome()), isDrained]).to.deep.equal([1, true])
    catalog.stop()
  })
})

describe('the catalog: an unknown outcome', () => {
  it('written, and the answer was lost: the stored result answers, nothing takes effect twice (I4)', async () => {
    const { ask, answer, steps, journalOf, slots, database } = setUp()
    await answer(guild, add(1))
    const fence = slots.at(slotOf(guild)).fence
    steps.fail('commit after')
    const asked = ask(guild, add(10), { op: 'lost' })
    await settle(12)
    expect(told(asked.outcome())).to.equal(11)
    expect(journalOf(guild)).to.deep.equal(['added', 'added'])
    expect(slots.at(slotOf(guild)).fence).to.equal(fence + 1).and.to.equal(database.slots.get(slotOf(guild))?.fence)
    expect(told(await answer(guild, look))).to.equal(11)
  })

  it('not written: it is decided again under the same op id', async () => {
    const { ask, answer, steps, journalOf } = setUp()
    await answer(guild, add(1))
    steps.fail('commit before')
    const asked = ask(guild, add(10), { op: 'lost' })
    const behind = ask(guild, add(100))
    await settle(12)
    expect([asked, behind].map(({ outcome }) => told(outcome()))).to.deep.equal([11, 111])
    expect(journalOf(guild)).to.deep.equal(['added', 'added', 'added'])
  })

  it('decided again after a second in doubt, a command and the gateway event behind it are dated when they came (I10)', async () => {
    const { ask, answer, steps, clock, slots, database } = setUp()
    await answer(guild, add(1))
    steps.fail('commit before')
    steps.fail('fenceSelf before', 10)
    const cameAt = clock.wallMs()
    ask(guild, add(10))
    clock.advance(5)
    const event = ask(guild, add(100), { origin: 'feed', op: 'feed:s:1', receivedAt: cameAt + 5 })
    await settle()
    expect(slots.at(slotOf(guild)).state).to.equal('doubt')
    clock.advance(5)
    ask(guild, add(1_000))
    clock.advance(5)
    const held = ask(guild, add(10_000), { origin: 'feed', op: 'feed:s:2', receivedAt: cameAt + 15 })
    for (let tries = 0; tries < 10; tries += 1) {
      await settle()
      clock.advance(100)
    }
    await settle(12)
    expect([event, held].map(({ request }) => request.settled)).to.deep.equal([true, true])
    const times = [...(database.journal.get(guild)?.values() ?? [])].map(({ payload }) => parseJournalText(payload).at)
    expect(times.slice(1)).to.deep.equal([cameAt, cameAt + 5, cameAt + 10, cameAt + 15])
  })

  it('while it is unknown no turn runs and nothing is answered; the slot’s own fence must be raised first', async () => {
    const { ask, answer, steps, slots, clock } = setUp()
    await answer(guild, add(1))
    steps.fail('commit after')
    steps.fail('fenceSelf before', 3)
    const asked = ask(guild, add(10))
    await settle()
    const read = ask(guild, look)
    const neighbour = ask(sameSlot, look)
    for (let tries = 0; tries < 3; tries += 1) {
      await settle()
      expect(slots.at(slotOf(guild)).state).to.equal('doubt')
      expect([asked, read, neighbour].map(({ outcome }) => outcome())).to.deep.equal([undefined, undefined, undefined])
      clock.advance(100)
    }
    await settle(12)
    expect([asked, read, neighbour].map(({ outcome }) => told(outcome()))).to.deep.equal([11, 11, 0])
  })

  it('memory that held undurable events is loaded anew before anything is decided on it', async () => {
    const { ask, answer, steps, catalog, journalOf } = setUp()
    await answer(guild, add(1))
    steps.hold('commit before')
    const first = ask(guild, add(10))
    await settle()
    const second = ask(guild, add(100))
    await settle()
    const loads = steps.count('loadGuilds before')
    steps.fail('commit before')
    await steps.release('commit before')
    await settle(12)
    expect(steps.count('loadGuilds before')).to.be.greaterThan(loads)
    expect([first, second].map(({ outcome }) => told(outcome()))).to.deep.equal([11, 111])
    expect(catalog.find(guild)?.epoch).to.equal(1)
    expect(journalOf(guild)).to.have.length(3)
  })

  it('a dispatch whose commit may have landed is not counted twice', async () => {
    const { ask, answer, steps, slots, journalOf } = setUp()
    const entry = slots.at(slotOf(guild))
    await answer(guild, add(1))
    for (const phase of ['commit after', 'commit before']) {
      steps.fail(phase)
      const seq = phase === 'commit after' ? 1 : 2
      const lowWater = entry.beginFeedEntry('s', seq)
      const event = ask(guild, add(10), { origin: 'feed', op: `feed:s:${seq}`, lowWater })
      await settle(12)
      expect(event.request.settled, phase).to.equal(true)
      expect(lowWater?.state).to.equal('ended')
    }
    expect(journalOf(guild)).to.deep.equal(['added', 'added', 'added'])
  })

  it('the slot went to somebody else meanwhile: what was not answered is handed on in order, unsettled', async () => {
    const { ask, answer, steps, steal, lost, slots, catalog, journalOf } = setUp()
    await answer(guild, add(1))
    steps.hold('commit before')
    const first = ask(guild, add(10))
    await settle()
    const second = ask(guild, add(100))
    const read = ask(guild, look)
    await settle()
    steal(guild)
    steps.fail('commit before')
    await steps.release('commit before')
    await settle(12)
    expect(lost).to.deep.equal([{ slot: slotOf(guild), requests: [first.request, second.request, read.request] }])
    expect([first, second, read].some(({ request }) => request.settled)).to.equal(false)
    expect([slots.at(slotOf(guild)).state, catalog.activationCount]).to.deep.equal(['foreign', 0])
    expect(journalOf(guild)).to.deep.equal(['added'])
  })
})

describe('the catalog: an unknown outcome in a slot that was taken', () => {
  it('the slot is given up as soon as its fence could not be raised, though nobody asks anything', async () => {
    const { ask, answer, steps, steal, lost } = setUp()
    await answer(guild, add(1))
    steps.hold('commit before')
    const write = ask(guild, add(10))
    await settle()
    steal(guild)
    steps.fail('commit before')
    await steps.release('commit before')
    await settle(12)
    expect(lost).to.deep.equal([{ slot: slotOf(guild), requests: [write.request] }])
  })
})

describe('the catalog: a fenced slot (I1)', () => {
  it('writes nothing, answers nothing, and hands everything on', async () => {
    const { ask, answer, steal, lost, catalog, journalOf, database } = setUp()
    await answer(guild, add(1))
    steal(guild)
    const asked = [ask(guild, add(10)), ask(guild, look), ask(sameSlot, add(5))]
    await settle(12)
    expect(lost.map(({ slot, requests }) => [slot, requests.length])).to.deep.equal([[slotOf(guild), 3]])
    expect(lost[0]?.requests).to.have.members(asked.map(({ request }) => request))
    expect(asked.some(({ request }) => request.settled)).to.equal(false)
    expect(catalog.activationCount).to.equal(0)
    expect(journalOf(guild)).to.deep.equal(['added'])
    expect(database.slots.get(slotOf(guild))?.owner).to.equal(somebodyElse)
  })

  it('the other slots of the same statement are durable', async () => {
    const { ask, own, steal, lost } = setUp()
    own(elsewhere)
    steal(guild)
    const [gone, kept] = [ask(guild, add(1)), ask(elsewhere, add(1))]
    await settle(12)
    expect(lost.map(({ slot }) => slot)).to.deep.equal([slotOf(guild)])
    expect([gone.request.settled, told(kept.outcome())]).to.deep.equal([false, 1])
  })

  it('a head that did not move in our own slot reloads that guild, and the command is decided again', async () => {
    const { ask, answer, database, log, journalOf, steps } = setUp()
    await answer(guild, add(1))
    const actor = database.actors.get(guild)
    if (actor === undefined) throw new Error('the guild has written')
    database.actors.set(guild, { ...actor, seq: 9 as never })
    steps.hold('loadGuilds before')
    const asked = ask(guild, add(10))
    await settle()
    expect(log.saw('I2: the head of a guild did not move under our own fence')).to.equal(true)
    database.actors.set(guild, actor)
    await steps.release('loadGuilds before')
    await settle(12)
    expect(told(asked.outcome())).to.equal(11)
    expect(journalOf(guild)).to.deep.equal(['added', 'added'])
  })
})

describe('the catalog: past the lease (I6)', () => {
  it('a read waits for a fence check in Postgres, a write for its commit alone', async () => {
    const { ask, answer, lease, steps } = setUp()
    await answer(guild, add(1))
    lease.covers = false
    expect(told(await answer(guild, add(10)))).to.equal(11)
    expect(steps.count('readSlots before')).to.equal(0)
    steps.hold('readSlots before')
    const read = ask(guild, look)
    await settle()
    expect(read.outcome()).to.equal(undefined)
    await steps.release('readSlots before')
    expect(told(read.outcome())).to.equal(11)
  })

  it('all that wait share one statement; who comes while it is out waits for the next', async () => {
    const { ask, answer, lease, steps } = setUp()
    await answer(guild, add(1))
    await answer(sameSlot, look)
    lease.covers = false
    steps.hold('readSlots before')
    const early = [ask(guild, look), ask(guild, look), ask(sameSlot, look)]
    await settle()
    const late = ask(guild, look)
    await settle()
    await steps.release('readSlots before')
    await settle()
    expect([...early, late].map(({ outcome }) => told(outcome()))).to.deep.equal([1, 1, 0, 1])
    expect(steps.count('readSlots before')).to.equal(3)
  })

  it('busy: Postgres does not answer in time, or fails', async () => {
    const { ask, answer, lease, steps, clock } = setUp()
    await answer(guild, add(1))
    lease.covers = false
    steps.fail('readSlots before')
    expect(told(await answer(guild, look))).to.equal('busy')
    steps.hold('readSlots before')
    const read = ask(guild, look)
    await settle()
    clock.advance(limits.fenceCheckTimeoutMs)
    await settle()
    expect(told(read.outcome())).to.equal('busy')
    await steps.release('readSlots before')
  })

  it('Postgres names somebody else: the slot is lost, the read is handed on and never answered here', async () => {
    const { ask, answer, lease, steal, lost } = setUp()
    await answer(guild, add(1))
    lease.covers = false
    steal(guild)
    const read = ask(guild, look)
    await settle()
    expect(read.request.settled).to.equal(false)
    expect(lost).to.deep.equal([{ slot: slotOf(guild), requests: [read.request] }])
  })
})

describe('the catalog: leaving memory', () => {
  it('only quiet guilds without open work are released, least recently used first', async () => {
    const { answer, ask, catalog, clock, steps } = setUp()
    await answer(guild, add(1))
    clock.advance(10)
    await answer(sameSlot, tallyCommand({ kind: 'wake', purpose: 'p', at: clock.wallMs() + 9_000 }))
    const third = guildIn(5, 2)
    await answer(third, add(1))
    clock.advance(10)
    expect(catalog.releasable(clock.monotonicMs()).map(({ guildId }) => guildId), 'an alarm is open work here').to.deep.equal([guild, third])
    expect(catalog.releasable(5).map(({ guildId }) => guildId)).to.deep.equal([guild])
    steps.hold('commit before')
    ask(guild, add(1))
    await settle()
    expect(catalog.releasable(clock.monotonicMs()).map(({ guildId }) => guildId)).to.deep.equal([third])
    const busy = catalog.find(guild)
    if (busy !== undefined) expect(() => catalog.release(busy)).to.throw('only a quiet activation')
    await steps.release('commit before')
  })

  it('a guild that cannot be loaded answers busy, is told, and is tried again by the next command', async () => {
    const { answer, database, catalog, log } = setUp()
    await answer(guild, add(1))
    await answer(guild, add(2))
    const activation = catalog.find(guild)
    if (activation !== undefined) catalog.release(activation)
    const rows = database.journal.get(guild)
    const second = rows?.get(2 as never)
    rows?.delete(2 as never)
    expect(told(await answer(guild, look))).to.equal('busy')
    expect(log.saw('guild cannot be loaded')).to.equal(true)
    expect(catalog.activationCount).to.equal(0)
    if (second !== undefined) rows?.set(2 as never, second)
    expect(told(await answer(guild, look))).to.equal(3)
  })
})
