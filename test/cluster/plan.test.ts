import { expect } from 'chai'
import fc from 'fast-check'
import { allowedShardCountFor, planShards } from '../../cluster/plan.ts'
import { allowedShardCounts } from '../../kernel/shard-counts.ts'
import { propertyRuns } from '../support/records.ts'

const anyShardCount = fc.constantFrom(...allowedShardCounts)

describe('the plan of shards', () => {
  it('gives every shard to exactly one process, in order, and every process about as many (I12)', () => {
    fc.assert(
      fc.property(anyShardCount, fc.integer({ min: 1, max: 500 }), (shardCount, processCount) => {
        const plan = planShards({ shardCount, processCount })
        expect(plan.flat()).to.deep.equal(Array.from({ length: shardCount }, (_, shardId) => shardId))
        expect(plan).to.have.length(Math.min(processCount, shardCount))
        const sizes = plan.map((own) => own.length)
        expect(Math.min(...sizes)).to.be.at.least(1)
        expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1)
      }),
      propertyRuns(500),
    )
  })

  it('four shards over three processes', () => {
    expect(planShards({ shardCount: 4, processCount: 3 })).to.deep.equal([[0, 1], [2], [3]])
  })

  it('refuses a count that would split a slot', () => {
    for (const shardCount of [0, 5, 7, 18, 385]) expect(() => planShards({ shardCount, processCount: 1 })).to.throw('is not allowed')
  })

  it('rounds what Discord recommends up to an allowed count, and never beyond the largest', () => {
    const wanted = [1, 2, 5, 7, 9, 13, 25, 97, 193, 384, 385, 10_000]
    expect(wanted.map(allowedShardCountFor)).to.deep.equal([1, 2, 6, 8, 12, 16, 32, 128, 384, 384, 384, 384])
  })
})
