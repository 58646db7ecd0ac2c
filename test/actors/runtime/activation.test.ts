/**
 * One guild in memory, through the catalog, over stores that the test holds: what becomes of commands when everything
 * goes well, when a command breaks its guild, and at every bound.
 */
import { expect } from 'chai'
import { limits } from '../../../kernel/limits.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createTestRuntime } from '../../support/runtime.ts'
import { settle } from '../../support/settle.ts'
import { add, look, tallyCommand, told } from '../../support/tally.ts'

const guild = guildIn(5)
const sameSlot = guildIn(5, 1)
const breakIn = (where: 'decide' | 'evolve', message = 'told to') => tallyCommand({ kind: 'break', where, message })

function setUp() {
  const runtime = createTestRuntime()
  runtime.own(guild)
  return runtime
}

describe('an activation: the way of a command', () => {
  it('decides at once, and answers when the events are durable and not before (I3)', async () => {
    const { ask, steps, journalOf, catalog } = setUp()
    steps.hold('commit after')
    const asked = ask(guild, add(2))
    await settle()
    expect(journalOf(guild), 'written, but nobody was told so').to.deep.equal(['added'])
    expect(asked.outcome()).to.equal(undefined)
    expect(catalog.undurableEvents).to.equal(1)
    await steps.release('commit after')
    expect(told(asked.outcome())).to.equal(2)
    expect(catalog.undurableEvents).to.equal(0)
  })

  it('what comes first is decided before the command that brought the guild into memory', async () => {
    const runtime = createTestRuntime({ hooks: { onLoaded: () => void (first ??= runtime.ask(guild, add(10), { comesFirst: true })) } })
    let first: ReturnType<typeof runtime.ask> | undefined
    runtime.own(guild)
    const asked = runtime.ask(guild, add(2))
    await settle()
    expect([told(first?.outcome()), told(asked.outcome())]).to.deep.equal([10, 12])
  })

  it('goes on deciding while a commit is out, and answers in order (I5)', async () => {
    const { ask, steps, journalOf } = setUp()
    const order: string[] = []
    steps.hold('commit before')
    const note = (name: string) => ({ onSettled: () => void order.push(name) })
    ask(guild, add(1), note('first'))
    await settle()
    ask(guild, add(10), note('second'))
    ask(guild, look, note('look'))
    await settle()
    expect(order).to.deep.equal([])
    await steps.release('commit before')
    expect(order).to.deep.equal(['first', 'second', 'look'])
    expect(journalOf(guild)).to.deep.equal(['added', 'added'])
    expect(steps.count('commit before'), 'the second waited for the first').to.equal(2)
  })

  it('a read shows everything decided before it, and waits until that is durable', async () => {
    const { ask, steps } = setUp()
    steps.hold('commit before')
    ask(guild, add(7))
    const read = ask(guild, look)
    await settle()
    expect(read.outcome()).to.equal(undefined)
    await steps.release('commit before')
    expect(told(read.outcome())).to.equal(7)
  })

  it('loads first: what was written before it came into memory counts', async () => {
    const { answer, catalog } = setUp()
    await answer(guild, add(3))
    const activation = catalog.find(guild)
    if (activation !== undefined) catalog.release(activation)
    expect(catalog.activationCount).to.equal(0)
    expect(told(await answer(guild, add(4)))).to.equal(7)
  })

  it('several guilds share a statement and nothing else', async () => {
    const { ask, steps, journalOf } = setUp()
    steps.hold('loadGuilds before')
    const asked = [ask(guild, add(1)), ask(sameSlot, add(2))]
    await settle()
    await steps.release('loadGuilds before')
    expect(asked.map(({ outcome }) => told(outcome()))).to.deep.equal([1, 2])
    expect(steps.count('commit before')).to.equal(1)
    expect([journalOf(guild), journalOf(sameSlot)]).to.deep.equal([['added'], ['added']])
  })

  it('event time never decreases, also for an event that was received before the last one (I13)', async () => {
    const { answer, clock, catalog } = setUp()
    clock.advance(10_000)
    const now = clock.wallMs()
    await answer(guild, add(1))
    await answer(guild, add(1), { receivedAt: now - 5_000 })
    expect(catalog.find(guild)?.state.at).to.equal(now)
    clock.advance(3_000)
    await answer(guild, add(1), { receivedAt: now + 1_000 })
    expect(catalog.find(guild)?.state.at, 'dated at its receipt').to.equal(now + 1_000)
    await answer(guild, add(1), { receivedAt: now + 900_000 })
    expect(catalog.find(guild)?.state.at, 'never in the future').to.equal(now + 3_000)
  })
})

describe('an activation: once per op id (I4)', () => {
  it('the same op asked twice at once takes effect once, and both get the answer', async () => {
    const { ask, journalOf } = setUp()
    const twins = [ask(guild, add(5), { op: 'same' }), ask(guild, add(5), { op: 'same' })]
    await settle()
    expect(twins.map(({ outcome }) => told(outcome()))).to.deep.equal([5, 5])
    expect(journalOf(guild)).to.deep.equal(['added'])
  })

  it('asked again later it gets the stored answer, also from an owner that never saw it', async () => {
    const runtime = setUp()
    await runtime.answer(guild, add(5), { op: 'same' })
    await runtime.answer(guild, add(1))
    expect(told(await runtime.answer(guild, add(5), { op: 'same' }))).to.equal(5)
    const next = createTestRuntime({ database: runtime.database })
    next.own(guild)
    expect(told(await next.answer(guild, add(5), { op: 'same' }))).to.equal(5)
    expect(next.journalOf(guild)).to.deep.equal(['added', 'added'])
  })

  it('nothing is decided before the look-up has answered, however long Postgres is away', async () => {
    const { ask, steps, journalOf, clock } = setUp()
    steps.fail('findOpResults before', 3)
    const asked = ask(guild, add(1))
    for (let tries = 0; tries < 3; tries += 1) {
      await settle()
      expect(journalOf(guild)).to.deep.equal([])
      clock.advance(100)
    }
    await settle()
    expect(told(asked.outcome())).to.equal(1)
  })

  it('a read needs no look-up', async () => {
    const { answer, steps } = setUp()
    expect(told(await answer(guild, look))).to.equal(0)
    expect(steps.count('findOpResults before')).to.equal(0)
  })

  it('a refusal that wrote nothing is not stored, and is decided anew', async () => {
    const { answer, database } = setUp()
    expect(told(await answer(guild, tallyCommand({ kind: 'refuse' }), { op: 'no' }))).to.equal(0)
    expect(database.opResults.size).to.equal(0)
    await answer(guild, add(3))
    expect(told(await answer(guild, tallyCommand({ kind: 'refuse' }), { op: 'no' }))).to.equal(3)
  })
})

describe('an activation: a command that breaks it', () => {
  for (const where of ['decide', 'evolve'] as const) {
    it(`in ${where}: memory is dropped and reloaded, and after three failures the rejection is journaled, visible`, async () => {
      const { ask, answer, journalOf, log, database } = setUp()
      await answer(guild, add(1))
      const before = ask(guild, add(10))
      const broken = ask(guild, breakIn(where), { op: 'broken' })
      const after = ask(guild, add(100))
      await settle(12)
      expect(told(before.outcome())).to.equal(11)
      expect(told(broken.outcome())).to.equal('rejected')
      expect(told(after.outcome())).to.equal(111)
      expect(journalOf(guild)).to.deep.equal(['added', 'added', 'command-rejected', 'added'])
      expect(log.count('command broke an activation')).to.equal(limits.commandAttemptsMax)
      const row = [...(database.journal.get(guild)?.values() ?? [])][2]
      expect(row?.payload).to.contain('"op":"broken"').and.to.match(/told to|cannot apply/)
      expect(told(await answer(guild, breakIn(where), { op: 'broken' })), 'final for its op id').to.equal('rejected')
      expect(journalOf(guild)).to.have.length(4)
    })
  }

  it('what was decided and not durable when it broke is decided again under the same op ids, once', async () => {
    const { ask, steps, journalOf, database } = setUp()
    steps.hold('commit before')
    const first = ask(guild, add(1), { op: 'first' })
    await settle()
    const second = ask(guild, add(10), { op: 'second' })
    await settle()
    ask(guild, breakIn('evolve'), { op: 'broken' })
    const third = ask(guild, add(100), { op: 'third' })
    const loads = steps.count('loadGuilds before')
    await settle()
    expect(second.outcome()).to.equal(undefined)
    expect(steps.count('loadGuilds before'), 'nothing is loaded while its commit is in flight').to.equal(loads)
    await steps.release('commit before')
    await settle(12)
    expect([first, second, third].map(({ outcome }) => told(outcome()))).to.deep.equal([1, 11, 111])
    expect(journalOf(guild)).to.deep.equal(['added', 'added', 'command-rejected', 'added'])
    expect([...database.opResults.values()].map(({ opId }) => opId).sort()).to.deep.equal(['broken', 'first', 'second', 'third'])
  })

  it('its neighbours in the slot notice nothing', async () => {
    const { ask, catalog } = setUp()
    const neighbour = ask(sameSlot, add(1))
    ask(guild, breakIn('evolve'))
    await settle(12)
    expect(told(neighbour.outcome())).to.equal(1)
    expect(catalog.find(sameSlot)?.epoch).to.equal(0)
  })

  it('a result larger than is kept breaks the command, not the guild', async () => {
    const { ask, journalOf } = setUp()
    const large = ask(guild, tallyCommand({ kind: 'say', length: limits.opResultBytesMax }))
    const after = ask(guild, add(1))
    await settle(12)
    expect([told(large.outcome()), told(after.outcome())]).to.deep.equal(['rejected', 1])
    expect(journalOf(guild)).to.deep.equal(['command-rejected', 'added'])
  })

  it('rows that Postgres refuses are found alone, and the command is rejected after three tries', async () => {
    const { ask, journalOf, log } = setUp()
    const effects = [{ delivery: 'outbox', kind: 'add-role', target: 'bad\u0000', payload: {} }]
    const [neighbour, before] = [ask(sameSlot, add(1)), ask(guild, add(1))]
    const poisonous = ask(guild, add(10, { effects }))
    const after = ask(guild, add(100))
    await settle(30)
    expect([neighbour, before, poisonous, after].map(({ outcome }) => told(outcome()))).to.deep.equal([1, 1, 'rejected', 101])
    expect(journalOf(guild)).to.deep.equal(['added', 'command-rejected', 'added'])
    expect(journalOf(sameSlot)).to.deep.equal(['added'])
    expect(log.saw('rows of a guild were refused')).to.equal(true)
  })
})

describe('an activation: bounds, each with its answer', () => {
  it('mailbox-full: past the bound of its mailbox', async () => {
    const { ask, steps } = setUp()
    steps.hold('loadGuilds before')
    const asked = Array.from({ length: limits.mailboxDepthMax + 2 }, () => ask(guild, look))
    expect(told(asked.at(-3)?.outcome())).to.equal(undefined)
    expect(asked.slice(-2).map(({ outcome }) => told(outcome()))).to.deep.equal(['mailbox-full', 'mailbox-full'])
    await steps.release('loadGuilds before')
  })

  it('a gateway event is never refused by a full mailbox', async () => {
    const { ask, steps } = setUp()
    steps.hold('loadGuilds before')
    for (let index = 0; index < limits.mailboxDepthMax; index += 1) ask(guild, look)
    expect(ask(guild, add(1), { origin: 'feed', op: 'feed:s:1' }).outcome()).to.equal(undefined)
    await steps.release('loadGuilds before')
  })

  it('expired: past its deadline a command is dropped unprocessed; at the deadline it is not', async () => {
    const { answer, ask, clock, journalOf, steps } = setUp()
    await answer(guild, look)
    const now = clock.wallMs()
    expect(told(await answer(guild, add(1), { deadlineAt: now }))).to.equal(1)
    steps.hold('findOpResults before')
    const late = ask(guild, add(10), { deadlineAt: now + 50 })
    await settle()
    clock.advance(51)
    await steps.release('findOpResults before')
    expect(told(late.outcome())).to.equal('expired')
    expect(journalOf(guild)).to.deep.equal(['added'])
  })

  it('what broke its guild once comes to its verdict, also past its deadline: asked again it would break it again', async () => {
    const { answer, ask, clock, journalOf, steps } = setUp()
    await answer(guild, look)
    steps.hold('loadGuilds before')
    const broken = ask(guild, breakIn('decide'), { op: 'broken', deadlineAt: clock.wallMs() + 50 })
    await settle()
    clock.advance(51)
    await steps.release('loadGuilds before')
    await settle(12)
    expect(told(broken.outcome())).to.equal('rejected')
    expect(journalOf(guild)).to.deep.equal(['command-rejected'])
  })

  it('batch-full: a lane with its bound of undurable events refuses who waits, and keeps a gateway event', async () => {
    const { ask, steps, catalog, journalOf } = setUp()
    steps.hold('commit before')
    const size = limits.commitBatchEventsMax
    for (let index = 0; index < limits.laneUndurableEventsMax / size; index += 1) ask(guild, add(1, { times: size }))
    await settle()
    expect(catalog.undurableEvents).to.equal(limits.laneUndurableEventsMax)
    const event = ask(sameSlot, add(1), { origin: 'feed', op: 'feed:s:1' })
    const asked = ask(guild, add(1))
    await settle()
    expect([told(asked.outcome()), told(event.outcome())]).to.deep.equal(['batch-full', undefined])
    await steps.release('commit before')
    await settle(100)
    expect(told(event.outcome())).to.equal(1)
    expect(journalOf(guild)).to.have.length(limits.laneUndurableEventsMax)
  })

  it('the event loop breathes after a number of turns, and the rest follows', async () => {
    const { ask, catalog, clock, steps } = setUp()
    steps.hold('loadGuilds before')
    const asked = Array.from({ length: limits.turnsPerBreathMax + 5 }, () => ask(guild, look))
    await steps.release('loadGuilds before')
    expect(asked.filter(({ outcome }) => outcome() !== undefined)).to.have.length(limits.turnsPerBreathMax)
    expect(catalog.find(guild)?.mailboxDepth).to.equal(5)
    clock.advance(0)
    expect(asked.every(({ outcome }) => outcome() !== undefined)).to.equal(true)
  })
})

describe('an activation: alarms', () => {
  const wake = (at: number | null, breaks = false) => tallyCommand({ kind: 'wake', purpose: 'p', at, breaks })

  it('a boundary at or before a command is applied first, at its own time', async () => {
    const { answer, clock, catalog, database, journalOf } = setUp()
    const due = clock.wallMs() + 5_000
    await answer(guild, wake(due))
    expect(database.alarms.size).to.equal(1)
    clock.advance(9_000)
    await answer(guild, add(1))
    expect(journalOf(guild)).to.deep.equal(['alarm-wanted', 'rang', 'added'])
    const rows = [...(database.journal.get(guild)?.values() ?? [])].map(({ payload }) => JSON.parse(payload) as { at: number; op: string })
    expect(rows.map(({ at }) => at)).to.deep.equal([due - 5_000, due, due + 4_000])
    expect(rows[1]?.op).to.equal(`alarm:${guild}:tally/p:1`)
    expect(database.alarms.size).to.equal(0)
    expect(catalog.find(guild)?.state.alarms).to.deep.equal({})
  })

  it('one that rang does not ring again, whoever calls it', async () => {
    const { ask, answer, clock, journalOf } = setUp()
    await answer(guild, wake(clock.wallMs() + 1))
    clock.advance(10)
    const ring = { origin: 'alarm', op: `alarm:${guild}:tally/p:1` } as const
    ask(guild, tallyCommand({ kind: 'ring', purpose: 'p', dueAt: 0 }), ring)
    ask(guild, tallyCommand({ kind: 'ring', purpose: 'p', dueAt: 0 }), ring)
    await settle()
    expect(journalOf(guild)).to.deep.equal(['alarm-wanted', 'rang'])
  })

  it('one that breaks its guild is rejected after three tries and silenced; the command behind it is answered', async () => {
    const { ask, answer, clock, journalOf, catalog, database } = setUp()
    await answer(guild, wake(clock.wallMs() + 1, true))
    clock.advance(10)
    const asked = ask(guild, add(4))
    await settle(20)
    expect(told(asked.outcome())).to.equal(4)
    expect(journalOf(guild)).to.deep.equal(['alarm-wanted', 'command-rejected', 'added'])
    expect(catalog.find(guild)?.state.alarms).to.deep.equal({})
    expect(database.alarms.size).to.equal(0)
  })
})
