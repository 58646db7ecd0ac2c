/** What reached us late waits for the quick, by a manual clock: how long, in which order, and what ends the wait. */
import { expect } from 'chai'
import { LateInteractions } from '../../../shards/interactions/late-interactions.ts'
import { createManualClock } from '../../support/manual-clock.ts'

function setUp() {
  const clock = createManualClock()
  const decided: number[] = []
  const world = { open: 0 }
  const late = new LateInteractions({ clock, openCount: () => world.open })
  const add = (count: number): void => {
    for (let number = 0; number < count; number += 1) late.add(() => void decided.push(number))
  }
  return { clock, decided, world, late, add }
}

describe('late interactions', () => {
  it('are decided in their order, twenty in twenty milliseconds, while nobody quick is waiting', () => {
    const { clock, decided, late, add } = setUp()
    add(50)
    expect(decided).to.deep.equal([])
    for (const count of [20, 40, 50]) {
      clock.advance(20)
      expect(decided).to.deep.equal(Array.from({ length: count }, (_, number) => number))
    }
    expect([late.size, clock.pending()]).to.deep.equal([0, 0])
  })

  it('wait for the quick, and no longer than ten seconds', () => {
    const { clock, decided, world, add } = setUp()
    world.open = 20
    add(1)
    for (let passed = 0; passed < 9_980; passed += 20) clock.advance(20)
    expect(decided).to.deep.equal([])
    clock.advance(20)
    expect(decided).to.deep.equal([0])
  })

  it('are decided at once when too many wait, and all when the process ends', () => {
    const { clock, decided, world, late, add } = setUp()
    world.open = 20
    add(10_003)
    expect(decided).to.deep.equal([0, 1, 2])
    late.decideAll()
    expect([decided.length, late.size, clock.pending()]).to.deep.equal([10_003, 0, 0])
  })
})
