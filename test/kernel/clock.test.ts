import { expect } from 'chai'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import { createManualClock } from '../support/manual-clock.ts'

const reasonOf = async (promise: Promise<void>): Promise<unknown> =>
  await promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  )

describe('waiting by a clock', () => {
  it('resolves when the time has passed and not before', async () => {
    const clock = createManualClock()
    let isOver = false
    const waiting = waitFor(clock, 100).then(() => (isOver = true))
    clock.advance(99)
    await Promise.resolve()
    expect(isOver).to.equal(false)
    clock.advance(1)
    await waiting
    expect(isOver).to.equal(true)
  })

  it('an abort rejects at once with its reason and leaves no timer', async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const reason = new Error('slot lost')
    const waiting = reasonOf(waitFor(clock, 100, controller.signal))
    controller.abort(reason)
    expect(await waiting).to.equal(reason)
    expect(clock.pending()).to.equal(0)
  })

  it('a signal that is aborted already is not waited for', async () => {
    const clock = createManualClock()
    const reason = new Error('over')
    expect(await reasonOf(waitFor(clock, 100, AbortSignal.abort(reason)))).to.equal(reason)
    expect(clock.pending()).to.equal(0)
  })

  it('an abort after the end changes nothing', async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const waiting = reasonOf(waitFor(clock, 1, controller.signal))
    clock.advance(1)
    controller.abort(new Error('late'))
    expect(await waiting).to.equal('resolved')
  })
})

describe('the clock of the machine', () => {
  it('never steps back, and knows the year', () => {
    const clock = createSystemClock()
    const times = Array.from({ length: 1_000 }, () => clock.monotonicMs())
    expect(times).to.deep.equal([...times].sort((a, b) => a - b))
    expect(new Date(clock.wallMs()).getUTCFullYear()).to.be.at.least(2025)
  })

  it('a delay of 0 fires after the code that is running, a cancelled timer never', async () => {
    const clock = createSystemClock()
    const order: string[] = []
    const done = new Promise<void>((resolve) => {
      clock.after(0, () => order.push('cancelled')).cancel()
      clock.after(1, () => order.push('cancelled too')).cancel()
      clock.after(0, () => order.push('later'))
      clock.after(5, resolve)
      order.push('now')
    })
    await done
    expect(order).to.deep.equal(['now', 'later'])
  })
})
