import { expect } from 'chai'
import fc from 'fast-check'
import { buildBatch, takeTurns } from '../../../actors/runtime/batch.ts'
import { SlotEntry } from '../../../actors/runtime/slot-table.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Fence, GuildId, Slot } from '../../../kernel/ids.ts'
import { sequence } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { chainHead, guildIn } from '../../support/commit-batches.ts'
import { propertyRuns } from '../../support/records.ts'
import { makeRequest, makeTurn } from '../../support/turns.ts'

function entryOf(slot: number, fence: number): SlotEntry {
  const entry = new SlotEntry(slot as Slot)
  entry.setState('taking')
  entry.setState('serving')
  entry.setFence(fence as Fence, 1)
  entry.restoreCursors([])
  return entry
}
const [anna, ben] = [guildIn(9, 0), guildIn(4, 1)]

describe('taking turns for a batch', () => {
  it('takes whole turns from the front, up to the bound of events', () => {
    const sizes = [200, 200, 99, 1, 1]
    const pending = sizes.map((size, index) => makeTurn(guildIn(index), 0, { to: size }))
    const before = [...pending]
    expect(takeTurns(pending, () => false)).to.deep.equal(before.slice(0, 4))
    expect(pending).to.deep.equal(before.slice(4))
  })

  it('never splits a turn, never reorders, loses nothing, and always goes on', () => {
    const turn = fc.record({ guild: fc.nat({ max: 5 }), size: fc.integer({ min: 1, max: limits.commitBatchEventsMax }) })
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), fc.nat({ max: 5 }), (sizes, sick) => {
        const ends = new Map<number, number>()
        const pending = sizes.map(({ guild, size }) => {
          const from = ends.get(guild) ?? 0
          ends.set(guild, from + size)
          return makeTurn(guildIn(guild), from, { to: from + size })
        })
        const all = [...pending]
        const taken: typeof all = []
        while (pending.length > 0) {
          const batch = takeTurns(pending, (guild) => guild === guildIn(sick))
          expect(batch.length).to.be.greaterThan(0)
          expect(batch.reduce((sum, { from, to }) => sum + to - from, 0)).to.be.at.most(limits.commitBatchEventsMax)
          expect(batch.filter(({ guildId }) => guildId === guildIn(sick)).length, 'the sick one goes alone').to.be.at.most(1)
          taken.push(...batch)
        }
        const ofGuild = (guild: GuildId) => (candidate: (typeof all)[number]) => candidate.guildId === guild
        expect(taken).to.have.length(all.length)
        for (const guild of new Set(all.map(({ guildId }) => guildId))) {
          expect(taken.filter(ofGuild(guild)).map(({ from }) => from)).to.deep.equal(all.filter(ofGuild(guild)).map(({ from }) => from))
        }
      }),
      propertyRuns(100),
    )
  })
})

describe('building a batch', () => {
  it('names each slot with its fence in order, and moves each guild’s head once', () => {
    const turns = [makeTurn(anna, 0), makeTurn(ben, 4, { to: 6 }), makeTurn(anna, 1, { to: 3 })]
    const { batch } = buildBatch(turns, [entryOf(9, 2), entryOf(4, 7)])
    expect(batch.slots).to.deep.equal([{ slot: 4, fence: 7 }, { slot: 9, fence: 2 }])
    expect(batch.heads).to.deep.equal([
      { guildId: anna, slot: 9, from: 0, to: 3, head: turns[2]?.head },
      { guildId: ben, slot: 4, from: 4, to: 6, head: turns[1]?.head },
    ])
    expect(batch.journal.map(({ guildId, seq, fence }) => [guildId, seq, fence])).to.deep.equal([
      [anna, 1, 2], [ben, 5, 7], [ben, 6, 7], [anna, 2, 2], [anna, 3, 2],
    ])
    expect(batch.opResults).to.have.length(3)
  })

  it('a hole between two turns of a guild is our bug (I2)', () => {
    expect(() => buildBatch([makeTurn(anna, 0), makeTurn(anna, 2)], [entryOf(9, 1)])).to.throw('I2')
    expect(() => buildBatch([makeTurn(anna, 1), makeTurn(anna, 1)], [entryOf(9, 1)])).to.throw('I2')
  })

  it('a turn never goes without the fence of its slot (I1)', () => {
    expect(() => buildBatch([makeTurn(anna, 0)], [entryOf(4, 1)])).to.throw('with its slot')
  })

  it('of an alarm and of a chain’s head only the newest is written', () => {
    const alarm = (setSeq: number, dueAt: number | null) => ({ guildId: anna, slot: slotOf(anna), purpose: 'p', dueAt, setSeq: sequence(setSeq) })
    const { batch } = buildBatch(
      [
        makeTurn(anna, 0, { rows: { alarms: [alarm(1, 10), { ...alarm(1, 11), purpose: 'q' }], chainHead: chainHead(anna, 1) } }),
        makeTurn(anna, 1, { rows: { alarms: [alarm(2, null)], chainHead: chainHead(anna, 2) } }),
      ],
      [entryOf(9, 1)],
    )
    expect(batch.alarms).to.deep.equal([alarm(2, null), { ...alarm(1, 11), purpose: 'q' }])
    expect(batch.chainHeads.map(({ sequence: at }) => at)).to.deep.equal([2])
  })

  it('a cursor covers exactly what this statement makes durable (I7)', () => {
    const entry = entryOf(9, 1)
    const [first, second, third] = ['1-0', '2-0', '3-0'].map((position) => entry.beginInboxEntry(position))
    if (first === undefined || second === undefined || third === undefined) throw new Error('three entries begun')
    const requestOf = (lowWater: typeof first) => makeRequest({ guild: anna, origin: 'inbox', lowWater }).request
    const turns = [makeTurn(anna, 0, { request: requestOf(first) }), makeTurn(anna, 1, { request: requestOf(second) })]
    const { batch } = buildBatch(turns, [entry])
    expect(batch.cursors).to.deep.equal([{ slot: 9, source: 'inbox', position: '2-0' }])
    expect([first.state, second.state, third.state]).to.deep.equal(['committing', 'committing', 'open'])
  })

  it('takes the moved cursors of slots that have no turn in it', () => {
    const [entry, other] = [entryOf(9, 1), entryOf(4, 3)]
    other.beginInboxEntry('8-0').state = 'ended'
    const { batch } = buildBatch([makeTurn(anna, 0)], [entry, other])
    expect(batch.slots).to.deep.equal([{ slot: 4, fence: 3 }, { slot: 9, fence: 1 }])
    expect(batch.cursors).to.deep.equal([{ slot: 4, source: 'inbox', position: '8-0' }])
  })

  it('carries every row of its turns, once', () => {
    const outbox = { guildId: anna, slot: slotOf(anna), seq: sequence(1), ordinal: 0, target: 't', kind: 'add-role', payload: '{}' } as const
    const settlement = { guildId: anna, seq: sequence(1), ordinal: 0, state: 'done', attempts: 1, nextAttemptAt: 0, lastError: null } as const
    const { batch } = buildBatch([makeTurn(anna, 0, { rows: { outbox: [outbox] } }), makeTurn(anna, 1, { rows: { settlement } })], [entryOf(9, 1)])
    expect(batch.outbox).to.deep.equal([outbox])
    expect(batch.settlements).to.deep.equal([settlement])
  })
})
