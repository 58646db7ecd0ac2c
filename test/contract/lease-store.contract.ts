/**
 * What every LeaseStore promises: who lives, and a directory that never goes back. Advice, yet the same advice to all.
 */
import { expect } from 'chai'
import { fence, generation, incarnation } from '../../kernel/ids.ts'
import type { Incarnation } from '../../kernel/ids.ts'
import { slot } from '../../actors/ownership/slots.ts'
import type { DirectoryEntry } from '../../actors/runtime/ports.ts'
import type { RedisMaker, RedisStores } from './redis-stores.ts'

const anna = incarnation('host:1:anna')
const bert = incarnation('host:2:bert')
/** Long against a hiccup of a busy machine, short enough to wait for. */
const ttlMs = 150

export function describeLeaseStore(name: string, maker: RedisMaker): void {
  describe(`lease store: ${name}`, () => {
    let stores: RedisStores
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    afterEach(() => stores.end())

    let renewals = 0
    const renew = async (of: Incarnation, forMs = ttlMs): Promise<number> => {
      renewals += 1
      const { begunBy } = await stores.leases.renewLease({ incarnation: of, ttlMs: forMs, renewal: renewals })
      return begunBy
    }
    const live = async (): Promise<readonly string[]> => (await stores.leases.liveness()).live
    const entry = (id: number, at: number, of = anna): DirectoryEntry => ({
      slot: slot(id),
      fence: fence(at),
      incarnation: of,
      generation: generation(1),
    })

    it('knows nobody before anybody renewed', async () => {
      expect(await stores.leases.liveness()).to.deep.equal({ live: [], rememberedForMs: 0 })
    })

    it('names the living in order', async () => {
      await renew(bert)
      await renew(anna)
      await renew(bert)
      expect(await live()).to.deep.equal([anna, bert])
    })

    it('forgets a process that did not renew in time, and keeps one that did', async () => {
      await renew(anna)
      await renew(bert, 10 * ttlMs)
      await stores.pass(ttlMs / 2)
      expect(await live()).to.deep.equal([anna, bert])
      await stores.pass(ttlMs)
      expect(await live()).to.deep.equal([bert])
    })

    it('prolongs a lease from when it is renewed', async () => {
      for (let renewals = 0; renewals < 4; renewals += 1) {
        await renew(anna)
        await stores.pass(ttlMs / 2)
      }
      expect(await live()).to.deep.equal([anna])
    })

    it('ends a lease at once when it is released, and only that one', async () => {
      await renew(anna)
      await renew(bert)
      await stores.leases.releaseLease(anna)
      await stores.leases.releaseLease(incarnation('host:3:nobody'))
      expect(await live()).to.deep.equal([bert])
    })

    it('names the renewal that began a lease for as long as it lasts', async () => {
      const first = await renew(anna)
      expect(await renew(bert)).to.equal(first + 1)
      for (let again = 0; again < 3; again += 1) {
        await stores.pass(ttlMs / 2)
        expect(await renew(anna)).to.equal(first)
      }
    })

    it('names another renewal when a lease had ended, was let go, or was forgotten', async () => {
      const first = await renew(anna)
      await stores.pass(2 * ttlMs)
      const second = await renew(anna)
      expect(second, 'ended').to.equal(first + 1)
      await stores.leases.releaseLease(anna)
      expect(await renew(anna), 'let go').to.equal(second + 1)
      await stores.flush()
      expect(await renew(anna), 'forgotten').to.equal(second + 2)
    })

    it('a renewal sent twice began the lease once', async () => {
      const sent = { incarnation: anna, ttlMs, renewal: 7 }
      expect(await stores.leases.renewLease(sent)).to.deep.equal({ begunBy: 7 })
      expect(await stores.leases.renewLease(sent)).to.deep.equal({ begunBy: 7 })
      expect(await stores.leases.renewLease({ ...sent, renewal: 8 })).to.deep.equal({ begunBy: 7 })
    })

    it('tells for how long it has remembered leases', async () => {
      await renew(anna, 10 * ttlMs)
      await stores.pass(ttlMs)
      await renew(bert, 10 * ttlMs)
      expect((await stores.leases.liveness()).rememberedForMs).to.be.within(ttlMs - 5, 20 * ttlMs)
    })

    it('remembers nothing after a flush: an absent lease then proves nothing', async () => {
      await renew(anna, 10 * ttlMs)
      await stores.pass(ttlMs)
      await stores.flush()
      expect(await stores.leases.liveness()).to.deep.equal({ live: [], rememberedForMs: 0 })
      await renew(bert)
      const after = await stores.leases.liveness()
      expect(after.live).to.deep.equal([bert])
      expect(after.rememberedForMs).to.be.lessThan(ttlMs)
    })

    it('remembers anew when for a whole lease nobody could renew', async () => {
      await renew(anna)
      await stores.pass(2 * ttlMs)
      expect((await stores.leases.liveness()).rememberedForMs).to.equal(0)
      await renew(anna)
      expect((await stores.leases.liveness()).rememberedForMs).to.be.lessThan(ttlMs)
    })

    it('keeps the directory entry with the highest fence of each slot', async () => {
      await stores.leases.writeDirectory([entry(383, 7), entry(5, 7)])
      await stores.leases.writeDirectory([entry(5, 6, bert), entry(383, 8, bert)])
      expect(await stores.leases.readDirectory()).to.deep.equal([entry(5, 7), entry(383, 8, bert)])
    })

    it('accepts the same entry again', async () => {
      await stores.leases.writeDirectory([entry(5, 7)])
      await stores.leases.writeDirectory([{ ...entry(5, 7), generation: generation(2) }])
      expect(await stores.leases.readDirectory()).to.deep.equal([{ ...entry(5, 7), generation: 2 }])
    })

    it('compares fences as numbers', async () => {
      await stores.leases.writeDirectory([entry(5, 10)])
      await stores.leases.writeDirectory([entry(5, 9, bert)])
      expect(await stores.leases.readDirectory()).to.deep.equal([entry(5, 10)])
    })

    it('takes all 384 slots in one write, and any fence again after a flush', async () => {
      const all = Array.from({ length: 384 }, (_, id) => entry(id, 3))
      await stores.leases.writeDirectory(all)
      expect(await stores.leases.readDirectory()).to.deep.equal(all)
      await stores.flush()
      expect(await stores.leases.readDirectory()).to.deep.equal([])
      await stores.leases.writeDirectory([entry(1, 1)])
      expect(await stores.leases.readDirectory()).to.deep.equal([entry(1, 1)])
    })
  })
}
