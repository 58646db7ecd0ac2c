/**
 * What every OwnershipStore promises: fences move by one, only from where they were seen, only by whom they may (I1).
 */
import { expect } from 'chai'
import { fence, generation, incarnation } from '../../kernel/ids.ts'
import type { Fence, Slot } from '../../kernel/ids.ts'
import { slot } from '../../actors/ownership/slots.ts'
import type { SlotFence } from '../../actors/runtime/ports.ts'
import { batchOf, guildIn } from '../support/commit-batches.ts'
import type { DatabaseMaker, DatabaseStores } from './database-stores.ts'

const anna = incarnation('host:1:anna')
const bert = incarnation('host:2:bert')
const first = generation(1)

export function describeOwnershipStore(name: string, maker: DatabaseMaker): void {
  describe(`ownership store: ${name}`, () => {
    let stores: DatabaseStores
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      stores = await maker.create()
    })
    afterEach(() => stores.end())

    const at = (id: number, seen: number): SlotFence => ({ slot: slot(id), fence: fence(seen) })

    it('starts with 384 slots that nobody owns', async () => {
      const all = Array.from({ length: 384 }, (_, id) => slot(id))
      const rows = await stores.ownership.readSlots(all)
      expect(rows.map(({ slot: id }) => id)).to.deep.equal(all)
      expect(rows.every((row) => row.fence === 0 && row.owner === null && row.generation === 0)).to.equal(true)
    })

    it('takes a slot whose fence is as seen and tells its new fence', async () => {
      expect(await stores.ownership.takeSlots({ seen: [at(5, 0)], owner: anna, generation: first })).to.deep.equal([at(5, 1)])
      expect(await stores.ownership.readSlots([slot(5)])).to.deep.equal([{ ...at(5, 1), owner: anna, generation: 1 }])
    })

    it('takes none whose fence moved since it was seen, and the others all the same', async () => {
      await stores.ownership.takeSlots({ seen: [at(5, 0)], owner: anna, generation: first })
      const seen = [at(7, 0), at(5, 0), at(6, 0)]
      const taken = await stores.ownership.takeSlots({ seen, owner: bert, generation: generation(2) })
      expect(taken).to.deep.equal([at(6, 1), at(7, 1)])
      const rows = await stores.ownership.readSlots([slot(5), slot(6)])
      expect(rows.map(({ owner }) => owner)).to.deep.equal([anna, bert])
    })

    it('lets one of two that saw the same fence win each slot', async () => {
      const seen = Array.from({ length: 256 }, (_, id) => at(id, 0))
      const reversed = [...seen].reverse()
      const [annas, berts] = await Promise.all([
        stores.ownership.takeSlots({ seen, owner: anna, generation: first }),
        stores.ownership.takeSlots({ seen: reversed, owner: bert, generation: first }),
      ])
      const all = [...annas, ...berts].map(({ slot: id }) => id).sort((a, b) => a - b)
      expect(all).to.deep.equal(seen.map(({ slot: id }) => id))
      const rows = await stores.ownership.readSlots(all)
      expect(rows.every((row) => row.fence === 1)).to.equal(true)
      expect(rows.filter(({ owner }) => owner === anna).map(({ slot: id }) => id)).to.deep.equal(annas.map(({ slot: id }) => id))
    })

    it('takes 256 slots at once and again from whoever has them', async () => {
      const ids = Array.from({ length: 256 }, (_, index) => index + 100)
      const once = await stores.ownership.takeSlots({ seen: ids.map((id) => at(id, 0)), owner: anna, generation: first })
      expect(once).to.deep.equal(ids.map((id) => at(id, 1)))
      const twice = await stores.ownership.takeSlots({ seen: once, owner: bert, generation: first })
      expect(twice).to.deep.equal(ids.map((id) => at(id, 2)))
    })

    it('raises the fence over one’s own slots and leaves those of others alone', async () => {
      await stores.ownership.takeSlots({ seen: [at(1, 0), at(2, 0)], owner: anna, generation: first })
      await stores.ownership.takeSlots({ seen: [at(2, 1), at(3, 0)], owner: bert, generation: first })
      const held = [at(1, 1), at(2, 1), at(3, 1), at(4, 0)]
      expect(await stores.ownership.fenceSelf({ held, owner: anna })).to.deep.equal([at(1, 2)])
      const rows = await stores.ownership.readSlots([1, 2, 3, 4] as Slot[])
      expect(rows.map(({ fence: now }) => now)).to.deep.equal([2, 2, 1, 0])
      expect(rows[0]?.owner).to.equal(anna)
      expect(rows[0]?.generation).to.equal(1)
    })

    it('raises no fence of one’s own that is not as held', async () => {
      await stores.ownership.takeSlots({ seen: [at(1, 0)], owner: anna, generation: first })
      await stores.ownership.fenceSelf({ held: [at(1, 1)], owner: anna })
      expect(await stores.ownership.fenceSelf({ held: [at(1, 1)], owner: anna })).to.deep.equal([])
    })

    it('fences off the owner before, whose last commit the new owner’s load sees (I1)', async () => {
      const guild = guildIn(9)
      await stores.ownership.takeSlots({ seen: [at(9, 0)], owner: anna, generation: first })
      const committing = stores.lane.commit(batchOf([{ guildId: guild, fence: 1 as Fence, from: 0, to: 4 }]))
      const [taken] = await stores.ownership.takeSlots({ seen: [at(9, 1)], owner: bert, generation: first })
      expect(taken).to.deep.equal(at(9, 2))
      const [loaded] = await stores.guilds.loadGuilds([{ guildId: guild }])
      const outcome = await committing
      const durable = outcome.kind === 'committed' && outcome.moved.has(guild)
      expect(loaded?.seq).to.equal(durable ? 4 : 0)
      expect(loaded?.journal).to.have.length(durable ? 4 : 0)
      const late = await stores.lane.commit(batchOf([{ guildId: guild, fence: 1 as Fence, from: loaded?.seq ?? 0 }]))
      expect(late).to.have.property('kind', 'committed')
      expect(late).to.have.property('owned').that.is.empty
    })
  })
}
