/**
 * What every AdvisoryLock promises: the work is done exactly once, alone when that can be had in time.
 */
import { expect } from 'chai'
import { createDeferred } from '../support/deferred.ts'
import type { RedisMaker, RedisStores } from './redis-stores.ts'

export function describeAdvisoryLock(name: string, maker: RedisMaker): void {
  describe(`advisory lock: ${name}`, () => {
    let stores: RedisStores
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    afterEach(() => stores.end())

    it('answers what the work answers', async () => {
      expect(await stores.locks.withLock({ resource: 'takeover', waitMs: 200 }, () => Promise.resolve(7))).to.equal(7)
    })

    it('lets the second wait until the first is done', async () => {
      const order: string[] = []
      const gate = createDeferred<void>()
      const started = createDeferred<void>()
      const first = stores.locks.withLock({ resource: 'takeover', waitMs: 5_000 }, async () => {
        started.resolve()
        await gate.promise
        order.push('first')
      })
      await started.promise
      const second = stores.locks.withLock({ resource: 'takeover', waitMs: 5_000 }, () => Promise.resolve(order.push('second')))
      await stores.pass(100)
      expect(order).to.deep.equal([])
      gate.resolve()
      await first
      await Promise.all([second, stores.pass(100)])
      expect(order).to.deep.equal(['first', 'second'])
    })

    it('does not make different resources wait for each other', async () => {
      await stores.locks.withLock({ resource: 'takeover', waitMs: 5_000 }, () =>
        stores.locks.withLock({ resource: 'rescale', waitMs: 5_000 }, () => Promise.resolve()),
      )
    })

    it('goes on without the lock when it cannot be had in time', async () => {
      let isDone = false
      await stores.locks.withLock({ resource: 'takeover', waitMs: 200 }, async () => {
        const inner = stores.locks.withLock({ resource: 'takeover', waitMs: 60 }, () => Promise.resolve((isDone = true)))
        await Promise.all([inner, stores.pass(120)])
      })
      expect(isDone).to.equal(true)
    })

    it('gives the lock back when the work fails, and passes the failure on', async () => {
      const failure = await stores.locks
        .withLock({ resource: 'takeover', waitMs: 200 }, () => Promise.reject(new Error('broken')))
        .catch((error: Error) => error.message)
      expect(failure).to.equal('broken')
      await stores.locks.withLock({ resource: 'takeover', waitMs: 200 }, () => Promise.resolve())
    })
  })
}
