import { expect } from 'chai'
import { createManualClock } from './manual-clock.ts'

describe('the manual clock', () => {
  it('fires due timers in order of time, then of being set, each at its own instant', () => {
    const clock = createManualClock()
    const fired: [string, number][] = []
    const at = (name: string) => () => fired.push([name, clock.monotonicMs()])
    clock.after(20, at('late'))
    clock.after(10, at('first'))
    clock.after(10, at('second'))
    clock.advance(15)
    expect(fired).to.deep.equal([
      ['first', 10],
      ['second', 10],
    ])
    clock.advance(5)
    expect(fired.at(-1)).to.deep.equal(['late', 20])
  })

  it('fires within the same advance what a timer sets, when it is due', () => {
    const clock = createManualClock()
    const fired: number[] = []
    const tick = (): void => {
      fired.push(clock.monotonicMs())
      clock.after(10, tick)
    }
    clock.after(10, tick)
    clock.advance(35)
    expect(fired).to.deep.equal([10, 20, 30])
    expect(clock.pending()).to.equal(1)
  })

  it('does not fire what was cancelled, and lets the wall clock step alone', () => {
    const clock = createManualClock({ wallMs: 1_000 })
    const timer = clock.after(1, () => expect.fail('cancelled'))
    timer.cancel()
    timer.cancel()
    clock.stepWall(-500)
    clock.advance(10)
    expect([clock.wallMs(), clock.monotonicMs()]).to.deep.equal([510, 10])
  })
})
