/** Slots are won by compare-and-set alone; what the old owner left is read afterwards; then they serve. */
import { expect } from 'chai'
import { Takeover } from '../../../actors/ownership/takeover.ts'
import type { CursorRow, SlotFence, SlotOwner } from '../../../actors/runtime/ports.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import type { Slot } from '../../../kernel/ids.ts'
import { fence, generation, incarnation } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { createListeningLog } from '../../support/listening-log.ts'

const me = incarnation('host:2:me')
const seenOf = (...slots: number[]): SlotOwner[] =>
  slots.map((slot) => ({ slot: slot as Slot, fence: fence(4), owner: incarnation('host:1:old'), generation: generation(1) }))

function setUp() {
  const slots = new SlotTable()
  const log = createListeningLog()
  const steps: string[] = []
  const served: unknown[] = []
  const locks: string[] = []
  const world = { moved: new Set<number>(), fails: null as string | null, cursors: [] as CursorRow[], epoch: 1 }
  const failing = (what: string): void => {
    if (world.fails === what) throw new Error(`${what} failed`)
  }
  const takeover = new Takeover({
    me,
    generation: generation(2),
    slots,
    log,
    ownership: {
      readSlots: () => Promise.resolve([]),
      fenceSelf: () => Promise.resolve([]),
      takeSlots: ({ seen, owner, generation: of }) => {
        steps.push(`take ${seen.length} for ${owner} of ${of}`)
        return Promise.resolve().then(() => {
          failing('takeSlots')
          return seen.filter(({ slot }) => !world.moved.has(slot)).map(({ slot, fence: was }): SlotFence => ({ slot, fence: fence(was + 1) }))
        })
      },
    },
    guilds: {
      loadCursors: (of) => {
        steps.push(`cursors of ${of.length}`)
        return Promise.resolve().then(() => {
          failing('loadCursors')
          return world.cursors
        })
      },
    },
    leases: {
      writeDirectory: (entries) => {
        steps.push(`directory of ${entries.length}`)
        return Promise.resolve().then(() => failing('writeDirectory'))
      },
    },
    lock: {
      withLock: ({ resource }, work) => {
        locks.push(resource)
        return work()
      },
    },
    leaseEpoch: () => world.epoch,
    prepareServing: (of) => Promise.resolve(void steps.push(`prepare ${of.length}`)),
    serve: (entry, taken) => {
      entry.setState('serving')
      served.push([entry.slot, entry.fence, entry.leaseEpoch, taken])
    },
    giveUp: (slot) => {
      steps.push(`give up ${slot}`)
      slots.at(slot).setState('foreign')
    },
  })
  return { takeover, slots, steps, served, world, log, locks }
}

describe('a takeover', () => {
  it('raises the fences, then reads what there is to know, then serves, then writes the directory', async () => {
    const { takeover, steps, served, world } = setUp()
    world.cursors = [{ slot: 3 as Slot, source: 'inbox', position: '17-0' }]
    expect(await takeover.take(seenOf(3, 4))).to.deep.equal([{ slot: 3, fence: 5 }, { slot: 4, fence: 5 }])
    expect(steps).to.deep.equal(['take 2 for host:2:me of 2', 'cursors of 2', 'prepare 2', 'directory of 2'])
    expect(served).to.deep.equal([
      [3, 5, 1, { inboxPosition: '17-0', silentSince: null }],
      [4, 5, 1, { inboxPosition: '0-0', silentSince: null }],
    ])
  })

  it('says of each slot until when its owner served it, where that one handed it over', async () => {
    const { takeover, served } = setUp()
    await takeover.take(seenOf(3, 4), new Map([[3 as Slot, 900], [4 as Slot, null]]))
    expect(served.map((one) => (one as [unknown, unknown, unknown, { silentSince: number | null }])[3].silentSince)).to.deep.equal([900, null])
  })

  it('takes turns with others by a lock, unless the owner itself gave its word: then the slot is silent and waits for nothing', async () => {
    const { takeover, locks } = setUp()
    await takeover.take(seenOf(1), new Map([[1 as Slot, 900]]))
    expect(locks).to.deep.equal([])
    await takeover.take(seenOf(2, 3), new Map([[2 as Slot, 900], [3 as Slot, null]]))
    await takeover.take(seenOf(4))
    expect(locks).to.deep.equal(['takeover:2', 'takeover:4'])
  })

  it('a slot whose fence moved is given up, the others serve', async () => {
    const { takeover, world, steps, slots } = setUp()
    world.moved.add(4)
    expect((await takeover.take(seenOf(3, 4))).map(({ slot }) => slot)).to.deep.equal([3])
    expect(steps.at(-1)).to.equal('give up 4')
    expect([slots.at(3 as Slot).state, slots.at(4 as Slot).state]).to.deep.equal(['serving', 'foreign'])
  })

  it('without any slot asks for no cursor and writes no directory', async () => {
    const { takeover, world, steps } = setUp()
    world.moved.add(3)
    expect(await takeover.take(seenOf(3))).to.deep.equal([])
    expect(steps).to.deep.equal(['take 1 for host:2:me of 2', 'give up 3'])
  })

  it('takes only what is nobody’s here: what is served or being taken is left alone', async () => {
    const { takeover, slots, steps } = setUp()
    slots.at(3 as Slot).setState('taking')
    expect((await takeover.take(seenOf(3, 4))).map(({ slot }) => slot)).to.deep.equal([4])
    expect(steps[0]).to.equal('take 1 for host:2:me of 2')
  })

  for (const what of ['takeSlots', 'loadCursors']) {
    it(`gives everything up when ${what} fails, and says so`, async () => {
      const { takeover, world, slots } = setUp()
      world.fails = what
      let failure: unknown = null
      await takeover.take(seenOf(3, 4)).catch((thrown: unknown) => (failure = thrown))
      expect(String(failure)).to.contain(`${what} failed`)
      expect(slots.inState('foreign')).to.have.length(limits.slotCount)
    })
  }

  it('a directory that cannot be written costs nothing: it is advice', async () => {
    const { takeover, world, log } = setUp()
    world.fails = 'writeDirectory'
    expect(await takeover.take(seenOf(3))).to.have.length(1)
    expect(log.saw('directory could not be written')).to.equal(true)
  })

  it('takes many in statements of bounded size', async () => {
    const { takeover, steps } = setUp()
    const many = Array.from({ length: limits.takeoverSlotsMax + 1 }, (_, slot) => slot)
    expect(await takeover.take(seenOf(...many))).to.have.length(many.length)
    expect(steps.filter((step) => step.startsWith('take '))).to.have.length(2)
  })
})
