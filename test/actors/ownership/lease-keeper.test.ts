/**
 * The lease covers answers from memory only as long as Redis surely remembers it (I6). The test owns the answers of the
 * store: what counts is when a renewal was sent, never when its answer came.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { LeaseKeeper } from '../../../actors/ownership/lease-keeper.ts'
import { leaseCovers, leaseDeadline } from '../../../actors/ownership/lease.ts'
import { incarnation } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { createDeferred } from '../../support/deferred.ts'
import type { Deferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { propertyRuns } from '../../support/records.ts'
import { settle } from '../../support/settle.ts'

const coverMs = limits.leaseTtlMs - limits.leaseMarginMs

function setUp() {
  const clock = createManualClock()
  const renewals: (Deferred<{ begunBy: number }> & { readonly ttlMs: number; readonly sentAtMs: number })[] = []
  let released = 0
  let renewedCount = 0
  const log = createListeningLog()
  const loop = { tripped: false, mayReset: false }
  const keeper = new LeaseKeeper({
    clock,
    log,
    me: incarnation('host:1:a'),
    watchdog: {
      isTripped: () => loop.tripped,
      tryReset() {
        if (!loop.mayReset) return false
        loop.tripped = false
        return true
      },
    },
    onRenewed: () => {
      renewedCount += 1
    },
    store: {
      renewLease({ ttlMs }) {
        const answer = createDeferred<{ begunBy: number }>()
        renewals.push({ ...answer, ttlMs, sentAtMs: clock.monotonicMs() })
        return answer.promise
      },
      releaseLease: () => {
        released += 1
        return Promise.resolve()
      },
    },
  })
  return { clock, log, keeper, loop, renewals, releasedCount: () => released, renewedCount: () => renewedCount }
}

describe('a lease', () => {
  it('ends for its owner a margin before it ends in Redis, counted from before it was sent', () => {
    expect(leaseDeadline(1_000)).to.equal(1_000 + coverMs)
    expect([leaseCovers(10, 9), leaseCovers(10, 10), leaseCovers(10, 11)]).to.deep.equal([true, false, false])
  })
})

describe('the lease keeper', () => {
  it('covers nothing before the first renewal was answered', async () => {
    const { clock, keeper, renewals } = setUp()
    expect(keeper.covers()).to.equal(false)
    const started = keeper.start()
    expect(keeper.covers()).to.equal(false)
    clock.advance(10)
    renewals[0]?.resolve({ begunBy: 1 })
    await started
    expect(keeper.covers()).to.equal(true)
    expect(renewals[0]?.ttlMs).to.equal(limits.leaseTtlMs)
  })

  it('counts the deadline from before the renewal was sent, however late the answer came (I6)', async () => {
    const { clock, keeper, renewals } = setUp()
    void keeper.start()
    clock.advance(limits.leaseRenewIntervalMs - 1)
    renewals[0]?.resolve({ begunBy: 1 })
    await settle()
    expect(keeper.deadlineMs).to.equal(coverMs)
    clock.advance(coverMs - clock.monotonicMs() - 1)
    expect(keeper.covers()).to.equal(true)
    clock.advance(1)
    expect(keeper.covers()).to.equal(false)
  })

  it('an answer that comes after its own deadline covers nothing', async () => {
    const { clock, keeper, renewals } = setUp()
    void keeper.start()
    clock.advance(coverMs)
    renewals[0]?.resolve({ begunBy: 1 })
    await settle()
    expect(keeper.covers()).to.equal(false)
  })

  it('answers out of order never shorten what is covered', async () => {
    const { clock, keeper, renewals } = setUp()
    void keeper.start()
    clock.advance(limits.leaseRenewIntervalMs)
    renewals[1]?.resolve({ begunBy: 1 })
    await settle()
    const deadline = keeper.deadlineMs
    renewals[0]?.resolve({ begunBy: 1 })
    await settle()
    expect(keeper.deadlineMs).to.equal(deadline).and.to.equal(limits.leaseRenewIntervalMs + coverMs)
  })

  it('keeps asking while Redis is away, says so once, and is covered again when it is back', async () => {
    const { clock, keeper, renewals, log } = setUp()
    void keeper.start()
    renewals[0]?.resolve({ begunBy: 1 })
    await settle()
    for (let index = 1; index <= 6; index += 1) {
      clock.advance(limits.leaseRenewIntervalMs)
      renewals[index]?.reject(new Error('away'))
      await settle()
    }
    expect(renewals).to.have.length(7)
    expect(keeper.covers()).to.equal(false)
    expect(log.count('lease could not be renewed')).to.equal(1)
    clock.advance(limits.leaseRenewIntervalMs)
    renewals[7]?.resolve({ begunBy: 1 })
    await settle()
    expect(keeper.covers()).to.equal(true)
    expect(log.saw('lease renewed again')).to.equal(true)
  })

  it('a keeper that stopped covers nothing, lets go once, and a late answer changes nothing', async () => {
    const { clock, keeper, renewals, releasedCount } = setUp()
    void keeper.start()
    renewals[0]?.resolve({ begunBy: 1 })
    await settle()
    clock.advance(limits.leaseRenewIntervalMs)
    await keeper.stop()
    await keeper.stop()
    renewals[1]?.resolve({ begunBy: 1 })
    await settle()
    expect(keeper.covers()).to.equal(false)
    expect(releasedCount()).to.equal(1)
    clock.advance(60_000)
    expect(renewals, 'no renewal after the end').to.have.length(2)
  })

  it('a loop that stood still is covered no longer, and only by a renewal sent after the lease was let go (I6)', async () => {
    const { clock, keeper, loop, renewals } = setUp()
    void keeper.start()
    renewals[0]?.resolve({ begunBy: 1 })
    await settle()
    clock.advance(limits.leaseRenewIntervalMs)
    expect(renewals, 'one is out when the loop stalls').to.have.length(2)
    loop.tripped = true
    expect(keeper.covers()).to.equal(false)
    clock.advance(limits.leaseRenewIntervalMs)
    await settle()
    expect(renewals, 'nothing is sent while the lease is being let go').to.have.length(2)
    loop.mayReset = true
    clock.advance(limits.livenessPollMs)
    await settle()
    expect([renewals.length, loop.tripped]).to.deep.equal([3, false])
    renewals[1]?.resolve({ begunBy: 1 })
    await settle()
    expect(keeper.covers(), 'the answer from before says nothing').to.equal(false)
    renewals[2]?.resolve({ begunBy: 3 })
    await settle()
    expect(keeper.covers()).to.equal(true)
    expect(keeper.epoch, 'another lease').to.equal(3)
  })

  it('whatever answers come when, it covers only what an answered renewal sent in time covers (I6)', async () => {
    const step = fc.record({
      passMs: fc.integer({ min: 0, max: 1_200 }),
      answer: fc.option(fc.record({ which: fc.nat({ max: 30 }), isYes: fc.boolean() }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { clock, keeper, renewals } = setUp()
        void keeper.start()
        const answered = new Map<number, boolean>()
        for (const { passMs, answer } of steps) {
          clock.advance(passMs)
          if (answer !== undefined && renewals.length > 0) {
            const which = answer.which % renewals.length
            if (!answered.has(which)) {
              answered.set(which, answer.isYes)
              if (answer.isYes) renewals[which]?.resolve({ begunBy: 1 })
              else renewals[which]?.reject(new Error('away'))
            }
          }
          await settle()
          const proven = [...answered].filter(([, isYes]) => isYes).map(([which]) => renewals[which]?.sentAtMs ?? 0)
          const newest = Math.max(-Infinity, ...proven)
          expect(keeper.covers()).to.equal(clock.monotonicMs() < newest + coverMs)
        }
      }),
      propertyRuns(100),
    )
  })
})
