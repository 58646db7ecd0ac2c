import { expect } from 'chai'
import { followingTopology, nextTopology } from '../../cluster/next-topology.ts'
import { generation } from '../../kernel/ids.ts'
import type { StoredTopology } from '../../prisma/topology-store.ts'

const row = (number: number, phase: StoredTopology['phase'], shape = '4/2', configured = 'auto/2'): StoredTopology => {
  const [shardCount = 0, processCount = 0] = shape.split('/').map(Number)
  return { generation: generation(number), shardCount, processCount, phase, purpose: 'rescale', configured }
}
const begin = (rows: readonly StoredTopology[], wanted: { shardCount: number | null; processCount: number }, recommendedShards = 1) => {
  const { row: next, toAbort, overruled } = nextTopology(rows, { wanted, recommendedShards })
  return { next: `${next.generation}: ${next.shardCount}/${next.processCount}`, toAbort: toAbort.map(({ generation: number, from }) => `${number} ${from}`), overruled }
}

describe('with what a manager begins', () => {
  it('the first time with what the environment says; without a count as many shards as Discord recommends', () => {
    expect(begin([], { shardCount: 8, processCount: 2 }).next).to.equal('1: 8/2')
    expect(begin([], { shardCount: null, processCount: 2 }, 5).next).to.equal('1: 6/2')
  })

  it('with the shape that serves: a rescale outlives the manager', () => {
    expect(begin([row(7, 'current', '16/4')], { shardCount: null, processCount: 2 })).to.deep.equal({ next: '8: 16/4', toAbort: [], overruled: 'auto/2' })
  })

  it('with the environment again when that says something new', () => {
    expect(begin([row(7, 'current', '16/4')], { shardCount: null, processCount: 3 }, 4)).to.deep.equal({ next: '8: 4/3', toAbort: [], overruled: null })
  })

  it('gives up what an earlier manager left half done, and goes on from what was current', () => {
    const rows = [row(9, 'prepare', '8/8'), row(8, 'switch', '8/4'), row(7, 'current'), row(6, 'aborted'), row(5, 'retired')]
    expect(begin(rows, { shardCount: null, processCount: 2 })).to.deep.equal({ next: '10: 4/2', toAbort: ['9 prepare', '8 switch'], overruled: null })
  })

  it('of several that are current the newest counts', () => {
    expect(begin([row(9, 'current', '8/4'), row(8, 'current', '4/2')], { shardCount: null, processCount: 2 }).next).to.equal('10: 8/4')
  })

  it('never more processes than shards', () => {
    expect(begin([], { shardCount: 1, processCount: 2 })).to.deep.equal({ next: '1: 1/1', toAbort: [], overruled: null })
  })

  it('a rescale begins with prepare, a replacement with its switch', () => {
    const options = { shardCount: 4, processCount: 2, configured: 'auto/2' }
    expect(followingTopology([row(4, 'current')], { ...options, purpose: 'rescale' })).to.include({ generation: 5, phase: 'prepare' })
    expect(followingTopology([row(4, 'current')], { ...options, purpose: 'drain' })).to.include({ generation: 5, phase: 'switch' })
  })
})
