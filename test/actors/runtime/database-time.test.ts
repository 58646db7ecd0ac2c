import { expect } from 'chai'
import fc from 'fast-check'
import { CalibratedTime } from '../../../actors/runtime/database-time.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { propertyRuns } from '../../support/records.ts'

const epoch = Date.UTC(2026, 0, 1)

describe('the time that records carry', () => {
  it('is not told before it was calibrated', () => {
    expect(() => new CalibratedTime(createManualClock()).now()).to.throw('before it was calibrated')
  })

  it('begins at the database’s time, half a round trip allowed for, by the shortest of the samples', async () => {
    const clock = createManualClock()
    const time = new CalibratedTime(clock)
    const roundTripsMs = [40, 4, 300]
    let sample = 0
    await time.calibrate(() => {
      const roundTripMs = roundTripsMs[sample++] ?? 0
      clock.advance(roundTripMs / 2)
      // A slow answer was delayed on its way back, so its estimate would be wrong.
      const answer = epoch + clock.monotonicMs()
      clock.advance(roundTripMs === 4 ? roundTripMs / 2 : roundTripMs * 2)
      return Promise.resolve(answer)
    })
    expect(time.now()).to.equal(epoch + clock.monotonicMs())
  })

  it('a step of the machine’s wall clock by an hour, either way, has no effect', async () => {
    const clock = createManualClock()
    const time = new CalibratedTime(clock)
    await time.calibrate(() => Promise.resolve(epoch))
    for (const stepMs of [3_600_000, -7_200_000]) {
      clock.stepWall(stepMs)
      expect(time.now()).to.equal(epoch + clock.monotonicMs())
      clock.advance(1_000)
      expect(time.now()).to.equal(epoch + clock.monotonicMs())
    }
  })

  it('a step of the database’s clock arrives by one millisecond a second, and arrives', async () => {
    const clock = createManualClock()
    const time = new CalibratedTime(clock)
    await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs()))
    await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs() + 5))
    expect(time.now(), 'nothing at once').to.equal(epoch)
    clock.advance(3_000)
    expect(time.now()).to.equal(epoch + 3_000 + 3)
    clock.advance(60_000)
    expect(time.now()).to.equal(epoch + 63_000 + 5)
  })

  it('a database clock that is set back by an hour never makes it step back', async () => {
    const clock = createManualClock()
    const time = new CalibratedTime(clock)
    await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs()))
    const before = time.now()
    await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs() - 3_600_000))
    expect(time.now()).to.equal(before)
    clock.advance(10_000)
    expect(time.now()).to.equal(epoch + 10_000 - 10)
  })

  it('time that passed while it agreed is no credit for a later step', async () => {
    const clock = createManualClock()
    const time = new CalibratedTime(clock)
    await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs()))
    clock.advance(1_000_000)
    await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs() + 500))
    expect(time.now()).to.equal(epoch + clock.monotonicMs())
  })

  it('whatever the estimates say: whole, never decreasing, and never faster or slower than 1 ms/s (I13)', async () => {
    const step = fc.record({
      passMs: fc.integer({ min: 0, max: 20_000 }),
      estimate: fc.option(fc.integer({ min: -3_600_000, max: 3_600_000 }), { nil: null }),
      stepWallMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const clock = createManualClock()
        const time = new CalibratedTime(clock)
        await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs()))
        let last = time.now()
        let lastAt = clock.monotonicMs()
        for (const { passMs, estimate, stepWallMs } of steps) {
          clock.stepWall(stepWallMs)
          if (estimate !== null) await time.calibrate(() => Promise.resolve(epoch + clock.monotonicMs() + estimate))
          clock.advance(passMs)
          const now = time.now()
          const passed = clock.monotonicMs() - lastAt
          expect(Number.isInteger(now)).to.equal(true)
          expect(now).to.be.at.least(last)
          // One millisecond for the floor of either.
          expect(now - last).to.be.within(passed * 0.999 - 1, passed * 1.001 + 1)
          last = now
          lastAt = clock.monotonicMs()
        }
      }),
      propertyRuns(150),
    )
  })
})
