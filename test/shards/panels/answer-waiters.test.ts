/** Who waits for the outcome of a role change: told once, by the short way or the long one, or left to the next owner. */
import { expect } from 'chai'
import { AnswerWaiters, answeredByOwner } from '../../../shards/panels/answer-waiters.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const added = { content: 'Added' }

function setUp() {
  const clock = createManualClock()
  const waiters = new AnswerWaiters(clock)
  return { clock, waiters }
}

describe('who waits for a role change', () => {
  it('is told the first thing that comes; whoever told it learns when the person was answered', async () => {
    const { clock, waiters } = setUp()
    const { answer } = waiters.wait('1')
    const told = waiters.deliver('1', added)
    let wasAnswered = false
    void told?.then(() => (wasAnswered = true))
    void waiters.deliver('1', { content: 'again, by the long way' })
    expect(await answer).to.equal(added)
    await settle()
    expect(wasAnswered).to.equal(false)
    waiters.done('1')
    await settle()
    expect(wasAnswered).to.equal(true)
    expect(waiters.size).to.equal(0)
    expect(clock.pending()).to.equal(0)
  })

  it('answered already, the long way has nothing to do; not held here, it has', async () => {
    const { waiters } = setUp()
    waiters.wait('1')
    void waiters.deliver('1', added)
    waiters.done('1')
    await waiters.deliver('1', added)
    expect(waiters.deliver('2', added)).to.equal(null)
  })

  it('whoever leaves, waits fourteen minutes, or is in a process that ends is left to the owner', async () => {
    const { clock, waiters } = setUp()
    const left = waiters.wait('1')
    left.leave()
    const patient = waiters.wait('2')
    clock.advance(14 * 60_000)
    const ended = waiters.wait('3')
    waiters.leaveAll()
    for (const id of ['1', '2', '3']) expect(waiters.deliver(id, added), 'told by its token').to.equal(null)
    for (const { answer } of [left, patient, ended]) expect(await answer).to.equal(answeredByOwner)
    await settle()
    expect(clock.pending()).to.equal(0)
  })
})
