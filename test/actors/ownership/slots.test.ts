import { expect } from 'chai'
import fc from 'fast-check'
import { shardOfSlot, slot, slotOf, slotsOfShards } from '../../../actors/ownership/slots.ts'
import { allowedShardCounts } from '../../../kernel/shard-counts.ts'
import { guildId } from '../../../kernel/ids.ts'
import type { Slot } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { propertyRuns } from '../../support/records.ts'

const anyGuild = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }).map((id) => guildId(id.toString()))
const anyShardCount = fc.constantFrom(...allowedShardCounts)

describe('slots', () => {
  it('slot % N is the shard to which Discord routes the guild, for every allowed N', () => {
    fc.assert(
      fc.property(anyGuild, anyShardCount, (guild, shardCount) => {
        const discords = Number((BigInt(guild) >> 22n) % BigInt(shardCount))
        expect(shardOfSlot(slotOf(guild), shardCount)).to.equal(discords)
      }),
      propertyRuns(1_000),
    )
  })

  it('the allowed counts are all divisors of 384', () => {
    const divisors = Array.from({ length: 384 }, (_, index) => index + 1).filter((count) => 384 % count === 0)
    expect([...allowedShardCounts]).to.deep.equal(divisors)
    for (const count of [0, 5, 7, 9, 10, 18, 256, 383, 385]) expect(() => shardOfSlot(slot(0), count)).to.throw('splits slots')
  })

  it('the shards of a count share all slots without remainder, each once (I12)', () => {
    for (const shardCount of allowedShardCounts) {
      const all = Array.from({ length: shardCount }, (_, shardId) => slotsOfShards([shardId], shardCount)).flat()
      expect([...all].sort((a, b) => a - b), `${shardCount} shards`).to.deep.equal(Array.from({ length: limits.slotCount }, (_, index) => index))
    }
  })

  it('several shards have the slots of each, in order', () => {
    expect(slotsOfShards([5, 0], 192)).to.deep.equal([0, 5, 192, 197])
    expect(slotsOfShards([], 4)).to.deep.equal([])
  })

  it('a slot is a whole number below 384', () => {
    expect([slot(0), slot(383)]).to.deep.equal([0, 383])
    for (const wrong of [-1, 384, 0.5, NaN]) expect(() => slot(wrong)).to.throw(`no slot ${wrong}`)
    expect(() => shardOfSlot(1 as Slot, 0)).to.throw()
  })
})
