/**
 * What every UnlockedKeyStore promises: copies come back as they were, end by themselves, and are known to be gone.
 */
import { expect } from 'chai'
import { guildId } from '../../kernel/ids.ts'
import type { RedisMaker, RedisStores } from './redis-stores.ts'

const anna = guildId('1142857142857142857')
const bert = guildId('1142857142857142858')
/** Long against a hiccup of a busy machine, short enough to wait for. */
const ttlMs = 150

export function describeUnlockedKeyStore(name: string, maker: RedisMaker): void {
  describe(`unlocked key store: ${name}`, () => {
    let stores: RedisStores
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    afterEach(() => stores.end())

    const bytes = (seed: number): Uint8Array => Uint8Array.from({ length: 69 }, (_, index) => (index * 37 + seed) % 256)
    const found = async (of = anna): Promise<number[] | null> => {
      const copy = await stores.unlockedKeys.find(of)
      return copy === null ? null : [...copy]
    }

    it('finds what was put, any bytes, a guild apart from another; the newest counts', async () => {
      await stores.unlockedKeys.put({ guildId: anna, copy: bytes(1), ttlMs: 60_000 })
      await stores.unlockedKeys.put({ guildId: bert, copy: bytes(2), ttlMs: 60_000 })
      expect(await found()).to.deep.equal([...bytes(1)])
      await stores.unlockedKeys.put({ guildId: anna, copy: bytes(3), ttlMs: 60_000 })
      expect([await found(), await found(bert)]).to.deep.equal([[...bytes(3)], [...bytes(2)]])
    })

    it('has nothing where nothing was put, or after it was removed', async () => {
      expect(await found()).to.equal(null)
      await stores.unlockedKeys.put({ guildId: anna, copy: bytes(1), ttlMs: 60_000 })
      await stores.unlockedKeys.remove(anna)
      await stores.unlockedKeys.remove(anna)
      expect(await found()).to.equal(null)
    })

    it('a copy ends by itself; prolonged it lives on, and what is gone is named and not made anew', async () => {
      await stores.unlockedKeys.put({ guildId: anna, copy: bytes(1), ttlMs })
      await stores.unlockedKeys.put({ guildId: bert, copy: bytes(2), ttlMs })
      expect([...(await stores.unlockedKeys.prolong({ guildIds: [anna], ttlMs: 60_000 }))]).to.deep.equal([])
      await stores.pass(ttlMs + 1)
      expect([await found(), await found(bert)]).to.deep.equal([[...bytes(1)], null])
      expect([...(await stores.unlockedKeys.prolong({ guildIds: [anna, bert], ttlMs: 60_000 }))]).to.deep.equal([bert])
      expect(await found(bert)).to.equal(null)
    })

    it('forgets everything when Redis does', async () => {
      await stores.unlockedKeys.put({ guildId: anna, copy: bytes(1), ttlMs: 60_000 })
      await stores.flush()
      expect(await found()).to.equal(null)
      expect([...(await stores.unlockedKeys.prolong({ guildIds: [anna], ttlMs: 60_000 }))]).to.deep.equal([anna])
    })
  })
}
