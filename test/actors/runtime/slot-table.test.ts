import { expect } from 'chai'
import type { SlotState } from '../../../actors/runtime/slot-table.ts'
import { SlotEntry, SlotTable } from '../../../actors/runtime/slot-table.ts'
import type { Fence, Slot } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { makeRequest } from '../../support/turns.ts'

const states: readonly SlotState[] = ['foreign', 'taking', 'serving', 'doubt', 'handing-over']
const ways: Readonly<Record<SlotState, readonly SlotState[]>> = {
  foreign: [],
  taking: ['taking'],
  serving: ['taking', 'serving'],
  doubt: ['taking', 'serving', 'doubt'],
  'handing-over': ['taking', 'serving', 'handing-over'],
}

function entryIn(state: SlotState): SlotEntry {
  const entry = new SlotEntry(7 as Slot)
  for (const step of ways[state]) entry.setState(step)
  return entry
}
const servingEntry = (): SlotEntry => {
  const entry = entryIn('serving')
  entry.setFence(5 as Fence, 1)
  return entry
}

describe('a slot', () => {
  it('goes from state to state only as its diagram says', () => {
    const allowed = new Set([
      'foreign → taking', 'taking → serving', 'taking → foreign', 'serving → doubt', 'serving → handing-over', 'serving → foreign',
      'doubt → serving', 'doubt → foreign', 'handing-over → serving', 'handing-over → doubt', 'handing-over → foreign',
    ])
    for (const from of states) {
      for (const to of states) {
        const go = (): void => entryIn(from).setState(to)
        if (allowed.has(`${from} → ${to}`)) expect(go, `${from} → ${to}`).not.to.throw()
        else expect(go, `${from} → ${to}`).to.throw(`slot 7: ${from} → ${to}`)
      }
    }
  })

  it('is ours while it serves, is in doubt, or is being handed over', () => {
    expect(states.filter((state) => entryIn(state).isOurs)).to.deep.equal(['serving', 'doubt', 'handing-over'])
  })

  it('has a fence only while it is ours, and it only grows (I1)', () => {
    expect(() => entryIn('serving').fence).to.throw('has no fence')
    const entry = servingEntry()
    expect(entry.fence).to.equal(5)
    for (const wrong of [5, 4]) expect(() => entry.setFence(wrong as Fence, 1)).to.throw('I1')
    entry.setFence(6 as Fence, 1)
    entry.setState('foreign')
    expect(() => entry.fence).to.throw('has no fence')
    entry.setState('taking')
    entry.setFence(1 as Fence, 1)
  })

  it('holds commands in order up to its bound, then says no', () => {
    const entry = entryIn('taking')
    const requests = Array.from({ length: limits.heldCommandsPerSlotMax }, () => makeRequest({ guild: guildIn(7) }).request)
    expect(requests.every((request) => entry.hold(request))).to.equal(true)
    expect(entry.hold(makeRequest({ guild: guildIn(7) }).request)).to.equal(false)
    expect(entry.takeHeld()).to.deep.equal(requests)
    expect(entry.takeHeld()).to.deep.equal([])
  })

  it('does not leave with an activation or a held command', () => {
    const withGuild = servingEntry()
    withGuild.guilds.add(guildIn(7))
    expect(() => withGuild.setState('foreign')).to.throw('no activation')
    const withHeld = entryIn('taking')
    withHeld.hold(makeRequest({ guild: guildIn(7) }).request)
    expect(() => withHeld.setState('foreign')).to.throw('holds no command')
  })
})

describe('the cursors of a slot (I7)', () => {
  const row = (source: string, position: string) => ({ slot: 7 as Slot, source, position })

  it('start where Postgres says, and have not moved then', () => {
    const entry = servingEntry()
    expect(entry.restoreCursors([row('inbox', '5-1'), row('feed:s', '9')])).to.equal('5-1')
    expect(entry.movedCursors()).to.deep.equal([])
    expect(entry.inboxCursor).to.equal('5-1')
  })

  it('a slot that was never read begins at the beginning', () => {
    const entry = servingEntry()
    expect(entry.restoreCursors([])).to.equal('0-0')
    expect(entry.movedCursors()).to.deep.equal([])
  })

  it('move only over what has ended or is in the commit, and only until that is written', () => {
    const entry = servingEntry()
    entry.restoreCursors([])
    const [first, second] = [entry.beginInboxEntry('1-0'), entry.beginInboxEntry('2-0')]
    expect(entry.movedCursors()).to.deep.equal([])
    second.state = 'ended'
    expect(entry.movedCursors(), 'the first is still open').to.deep.equal([])
    first.state = 'committing'
    const moved = entry.movedCursors()
    expect(moved).to.deep.equal([row('inbox', '2-0')])
    expect(entry.inboxCursor).to.equal(null)
    entry.cursorsWritten(moved)
    expect(entry.inboxCursor).to.equal('2-0')
    expect(entry.movedCursors()).to.deep.equal([])
  })

  it('a dispatch is known by its session and number: what was seen is not begun again', () => {
    const entry = servingEntry()
    entry.restoreCursors([row('feed:s', '9')])
    expect(entry.beginFeedEntry('s', 9)).to.equal(null)
    const next = entry.beginFeedEntry('s', 10)
    expect(entry.beginFeedEntry('s', 10)).to.equal(null)
    expect(entry.beginFeedEntry('other', 1), 'another session counts by itself').not.to.equal(null)
    if (next !== null) next.state = 'ended'
    expect(entry.movedCursors()).to.deep.equal([row('feed:s', '10')])
  })

  it('dispatches that came while the slot was being taken keep their marks, but for those Postgres has', () => {
    const entry = entryIn('taking')
    const [four, five] = [entry.beginFeedEntry('s', 4), entry.beginFeedEntry('s', 5)]
    entry.restoreCursors([row('feed:s', '4')])
    expect([four?.state, five?.state]).to.deep.equal(['ended', 'open'])
    expect(entry.movedCursors()).to.deep.equal([])
    expect(entry.beginFeedEntry('s', 5)).to.equal(null)
  })

  it('a lost stream begins at the beginning, whatever was written of the old one', () => {
    const entry = servingEntry()
    entry.restoreCursors([row('inbox', '900-0')])
    entry.restartInbox()
    entry.beginInboxEntry('5-0').state = 'ended'
    expect(entry.movedCursors()).to.deep.equal([row('inbox', '5-0')])
  })

  it('nothing of them is left when the slot comes back', () => {
    const entry = servingEntry()
    entry.restoreCursors([row('inbox', '900-0'), row('feed:s', '9')])
    entry.setState('foreign')
    entry.setState('taking')
    expect(entry.restoreCursors([])).to.equal('0-0')
    expect(entry.beginFeedEntry('s', 1)).not.to.equal(null)
  })
})

describe('the slot table', () => {
  it('knows all 384 slots, each foreign at first, and finds them by state', () => {
    const table = new SlotTable()
    expect(table.inState('foreign')).to.have.length(limits.slotCount)
    table.at(3 as Slot).setState('taking')
    table.at(383 as Slot).setState('taking')
    table.at(383 as Slot).setState('serving')
    expect(table.inState('taking', 'serving').map(({ slot }) => slot)).to.deep.equal([3, 383])
    expect(() => table.at(384 as Slot)).to.throw('out of range')
  })
})
