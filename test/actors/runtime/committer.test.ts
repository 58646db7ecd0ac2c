/**
 * A lane of commits over a database that the test is: it holds each statement in its hand and says what became of it.
 */
import { expect } from 'chai'
import type { Activation } from '../../../actors/runtime/activation.ts'
import type { PendingTurn } from '../../../actors/runtime/batch.ts'
import { Committer } from '../../../actors/runtime/committer.ts'
import type { CommitBatch, CommitOutcome, SlotFence } from '../../../actors/runtime/ports.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Fence, GuildId, Slot } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { guildIn } from '../../support/commit-batches.ts'
import type { Deferred } from '../../support/deferred.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'
import { makeRequest, makeTurn } from '../../support/turns.ts'

const [anna, ben, cleo] = [guildIn(1), guildIn(2), guildIn(2, 1)]

function setUp() {
  const slots = new SlotTable()
  for (const slot of [1, 2, 3] as Slot[]) {
    const entry = slots.at(slot)
    entry.setState('taking')
    entry.setFence((10 + slot) as Fence, null)
    entry.restoreCursors([])
    entry.setState('serving')
  }
  const statements: (Deferred<CommitOutcome> & { readonly batch: CommitBatch })[] = []
  const told: string[] = []
  const unknown: Deferred<void>[] = []
  const alone = new Set<GuildId>()
  const name = (guild: GuildId): string => ({ [anna]: 'anna', [ben]: 'ben', [cleo]: 'cleo' })[guild] ?? guild
  const committer = new Committer({
    clock: createManualClock(),
    entryOf: (slot) => slots.at(slot),
    mustGoAlone: (guild) => alone.has(guild),
    lane: {
      commit(batch) {
        const statement = { ...createDeferred<CommitOutcome>(), batch }
        statements.push(statement)
        return statement.promise
      },
    },
    handler: {
      onDurable: (turns) => void told.push(...turns.map(({ guildId, to }) => `durable ${name(guildId)} ${to}`)),
      onFenced: (lost) => void told.push(`fenced ${lost.join(' ')}`),
      onHeadMissing: (guild) => void told.push(`head missing ${name(guild)}`),
      onPoison: (guild, turns, reason) => void told.push(`poison ${name(guild)} ${turns.length} ${reason}`),
      onUnknown(held: readonly SlotFence[]) {
        told.push(`unknown ${held.map(({ slot }) => slot).join(' ')}`)
        const ended = createDeferred<void>()
        unknown.push(ended)
        return ended.promise
      },
    },
  })
  const committed = (batch: CommitBatch, except: { slots?: readonly Slot[]; guilds?: readonly GuildId[] } = {}): CommitOutcome => {
    const owned = new Set(batch.slots.map(({ slot }) => slot).filter((slot) => !(except.slots ?? []).includes(slot)))
    const moved = batch.heads.filter(({ slot, guildId }) => owned.has(slot) && !(except.guilds ?? []).includes(guildId))
    return { kind: 'committed', owned, moved: new Set(moved.map(({ guildId }) => guildId)) }
  }
  /** Answers the newest statement. */
  const answer = async (outcome?: CommitOutcome | ((batch: CommitBatch) => CommitOutcome)): Promise<void> => {
    const last = statements.at(-1)
    if (last === undefined) throw new Error('no statement is out')
    last.resolve(typeof outcome === 'function' ? outcome(last.batch) : (outcome ?? committed(last.batch)))
    await settle()
  }
  const headsOf = (index: number): string[] => statements[index]?.batch.heads.map(({ guildId, from, to }) => `${name(guildId)} ${from}-${to}`) ?? []
  return { slots, statements, told, unknown, alone, committer, committed, answer, headsOf }
}

const poison: CommitOutcome = { kind: 'poison', sqlState: '22P05', message: 'untranslatable character' }
const lost: CommitOutcome = { kind: 'unknown', cause: new Error('connection reset') }

describe('the committer', () => {
  it('an idle lane commits at once what was decided in one breath, and tells when it is durable', async () => {
    const { committer, told, headsOf, answer } = setUp()
    committer.enqueue(makeTurn(anna, 0))
    committer.enqueue(makeTurn(ben, 4, { to: 6 }))
    await settle()
    expect(headsOf(0)).to.deep.equal(['anna 0-1', 'ben 4-6'])
    expect(told, 'nothing before the answer (I3)').to.deep.equal([])
    await answer()
    expect(told).to.deep.equal(['durable anna 1', 'durable ben 6'])
  })

  it('has at most one statement in flight; what gathers meanwhile is the next', async () => {
    const { committer, statements, headsOf, answer } = setUp()
    committer.enqueue(makeTurn(anna, 0))
    await settle()
    committer.enqueue(makeTurn(anna, 1))
    committer.enqueue(makeTurn(ben, 0))
    committer.enqueue(makeTurn(anna, 2))
    await settle()
    expect(statements).to.have.length(1)
    await answer()
    expect(statements).to.have.length(2)
    expect(headsOf(1)).to.deep.equal(['anna 1-3', 'ben 0-1'])
    await answer()
    expect(statements).to.have.length(2)
  })

  it('a fenced slot is told and the rest of the batch is durable (I1)', async () => {
    const { committer, told, answer, committed } = setUp()
    const entries = { anna: makeTurn(anna, 0), ben: makeTurn(ben, 0) }
    for (const turn of Object.values(entries)) committer.enqueue(turn)
    await settle()
    await answer((batch) => committed(batch, { slots: [2 as Slot] }))
    expect(told).to.deep.equal(['durable anna 1', 'fenced 2'])
  })

  it('a head that did not move in a slot of ours is our bug, and stops that guild alone (I2)', async () => {
    const { committer, told, answer, committed } = setUp()
    for (const guild of [anna, ben, cleo]) committer.enqueue(makeTurn(guild, 0))
    await settle()
    await answer((batch) => committed(batch, { guilds: [ben] }))
    expect(told).to.deep.equal(['durable anna 1', 'durable cleo 1', 'head missing ben'])
  })

  it('a poison is found alone: guild by guild, and only the sick one fails', async () => {
    const { committer, told, answer, headsOf, statements } = setUp()
    committer.enqueue(makeTurn(anna, 0))
    committer.enqueue(makeTurn(ben, 0))
    committer.enqueue(makeTurn(cleo, 0, { to: 3 }))
    committer.enqueue(makeTurn(ben, 1))
    await settle()
    await answer(poison)
    expect(told, 'nothing was written, nothing is told').to.deep.equal([])
    expect(headsOf(1)).to.deep.equal(['anna 0-1'])
    await answer()
    expect(headsOf(2)).to.deep.equal(['ben 0-2'])
    await answer(poison)
    expect(headsOf(3)).to.deep.equal(['cleo 0-3'])
    await answer()
    expect(told).to.deep.equal(['durable anna 1', 'poison ben 2 22P05: untranslatable character', 'durable cleo 3'])
    expect(statements).to.have.length(4)
    expect(committer.undurableEvents).to.equal(0)
  })

  it('a guild that must go alone sends one turn a statement', async () => {
    const { committer, alone, headsOf, answer } = setUp()
    alone.add(ben)
    for (const turn of [makeTurn(ben, 0), makeTurn(anna, 0), makeTurn(ben, 1)]) committer.enqueue(turn)
    await settle()
    expect(headsOf(0)).to.deep.equal(['ben 0-1', 'anna 0-1'])
    await answer()
    expect(headsOf(1)).to.deep.equal(['ben 1-2'])
    await answer()
  })

  it('after an unknown outcome nothing more is sent until it is settled, and the guild has not landed before', async () => {
    const { committer, told, unknown, answer, statements } = setUp()
    committer.enqueue(makeTurn(anna, 0))
    await settle()
    committer.enqueue(makeTurn(ben, 0))
    let landed = false
    void committer.whenGuildLanded(anna).then(() => (landed = true))
    await answer(lost)
    expect(told).to.deep.equal(['unknown 1'])
    expect(statements).to.have.length(1)
    expect(landed, 'nobody may load what it may have written').to.equal(false)
    unknown[0]?.resolve()
    await settle()
    expect(landed).to.equal(true)
    expect(statements).to.have.length(2)
    await answer()
    expect(told.at(-1)).to.equal('durable ben 1')
  })

  it('marks of the source: committing in flight, ended when durable, open again when written or not', async () => {
    const { slots, committer, unknown, answer, statements } = setUp()
    const entry = slots.at(1 as Slot)
    const marks = ['1-0', '2-0'].map((position) => entry.beginInboxEntry(position))
    const turns = marks.map((lowWater, index) => makeTurn(anna, index, { request: makeRequest({ guild: anna, origin: 'inbox', lowWater }).request }))
    committer.enqueue(turns[0] as PendingTurn)
    await settle()
    expect(statements[0]?.batch.cursors).to.deep.equal([{ slot: 1, source: 'inbox', position: '1-0' }])
    await answer()
    expect(marks[0]?.state).to.equal('ended')
    expect(entry.inboxCursor).to.equal('1-0')
    committer.enqueue(turns[1] as PendingTurn)
    await settle()
    await answer(lost)
    expect(marks[1]?.state).to.equal('open')
    expect(entry.movedCursors()).to.deep.equal([])
    expect(entry.inboxCursor).to.equal('1-0')
    unknown[0]?.resolve()
    await settle()
  })

  it('a cursor that moved without a turn goes out with the next statement, or when it is flushed', async () => {
    const { slots, committer, statements, answer } = setUp()
    slots.at(3 as Slot).beginInboxEntry('7-0').state = 'ended'
    committer.noteCursor(3 as Slot)
    await settle()
    expect(statements).to.have.length(0)
    committer.flushCursors()
    await settle()
    expect(statements[0]?.batch).to.deep.include({ slots: [{ slot: 3, fence: 13 }], heads: [], cursors: [{ slot: 3, source: 'inbox', position: '7-0' }] })
    await answer()
    expect(slots.at(3 as Slot).inboxCursor).to.equal('7-0')
    committer.flushCursors()
    await settle()
    expect(statements).to.have.length(1)
  })

  it('the cursor of a slot that does not serve any more is not written', async () => {
    const { slots, committer, statements } = setUp()
    slots.at(3 as Slot).beginInboxEntry('7-0').state = 'ended'
    committer.noteCursor(3 as Slot)
    slots.at(3 as Slot).setState('handing-over')
    committer.flushCursors()
    await settle()
    expect(statements).to.have.length(0)
  })

  it('knows its bound, says when there is room again, and counts every event once', async () => {
    const { committer, answer, statements } = setUp()
    const size = limits.commitBatchEventsMax
    const turns = limits.laneUndurableEventsMax / size
    for (let index = 0; index < turns; index += 1) committer.enqueue(makeTurn(anna, index * size, { to: (index + 1) * size }))
    expect([committer.undurableEvents, committer.hasRoom]).to.deep.equal([limits.laneUndurableEventsMax, false])
    let hasRoom = false
    void committer.whenRoom().then(() => (hasRoom = true))
    await settle()
    expect(hasRoom).to.equal(false)
    await answer()
    expect([hasRoom, committer.hasRoom]).to.deep.equal([true, true])
    while (committer.undurableEvents > 0) await answer()
    expect(statements).to.have.length(turns)
  })

  it('dropped turns are not sent, what is in flight cannot be', async () => {
    const { committer, headsOf, answer, statements } = setUp()
    committer.enqueue(makeTurn(anna, 0))
    await settle()
    committer.enqueue(makeTurn(anna, 1))
    committer.enqueue(makeTurn(ben, 0, { to: 4 }))
    committer.drop(({ guildId }) => guildId === anna)
    expect(committer.undurableEvents).to.equal(5)
    await answer()
    expect(headsOf(1)).to.deep.equal(['ben 0-4'])
    await answer()
    expect([statements.length, committer.undurableEvents]).to.deep.equal([2, 0])
  })

  it('says when a slot has nothing under way, and when the lane has nothing at all', async () => {
    const { committer, answer } = setUp()
    const done: string[] = []
    committer.enqueue(makeTurn(anna, 0))
    await settle()
    committer.enqueue(makeTurn(ben, 0))
    void committer.whenSlotIdle(slotOf(anna)).then(() => done.push('slot of anna'))
    void committer.whenSlotIdle(slotOf(ben)).then(() => done.push('slot of ben'))
    void committer.whenSlotIdle(9 as Slot).then(() => done.push('another slot'))
    void committer.whenIdle().then(() => done.push('lane'))
    await settle()
    expect(done).to.deep.equal(['another slot'])
    await answer()
    expect(done).to.deep.equal(['another slot', 'slot of anna'])
    await answer()
    expect(done).to.deep.equal(['another slot', 'slot of anna', 'slot of ben', 'lane'])
  })

  it('while a poison is looked for, a guild that was reloaded meanwhile is passed over', async () => {
    const { committer, answer, headsOf, statements } = setUp()
    const activation = { epoch: 0 } as { epoch: number } as Activation
    committer.enqueue(makeTurn(anna, 0))
    committer.enqueue(makeTurn(ben, 0, { activation }))
    await settle()
    await answer(poison)
    activation.epoch = 1
    await answer()
    expect(headsOf(1)).to.deep.equal(['anna 0-1'])
    expect([statements.length, committer.undurableEvents]).to.deep.equal([2, 0])
  })

  it('a turn without events has nothing to commit', () => {
    const { committer } = setUp()
    expect(() => committer.enqueue(makeTurn(anna, 3, { to: 3 }))).to.throw('nothing to commit')
  })
})
