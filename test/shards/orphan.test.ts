/** A shard process without a manager: what it does by the topology rows, when it ends, and that Postgres may be away. */
import { expect } from 'chai'
import { generation } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { silentLog } from '../../kernel/log.ts'
import type { TopologyFacts } from '../../shards/orphan.ts'
import { liveAsOrphan, orphanWay } from '../../shards/orphan.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { settle } from '../support/settle.ts'

const row = (number: number, phase: TopologyFacts['phase'], purpose: TopologyFacts['purpose'] = 'rescale'): TopologyFacts => ({
  generation: generation(number),
  phase,
  purpose,
})
const way = (rows: readonly TopologyFacts[], owned = 10) => orphanWay({ generation: generation(5), owned }, rows)

describe('what a process without a manager does', () => {
  it('its topology serves: it serves', () => {
    expect(way([row(5, 'current')])).to.equal('serve')
    expect(way([row(6, 'prepare'), row(5, 'current')]), 'while the next one is prepared').to.equal('serve')
    expect(way([row(6, 'switch'), row(5, 'current')]), 'and while its slots are moved').to.equal('serve')
    expect(way([row(6, 'aborted'), row(5, 'current')])).to.equal('serve')
  })

  it('the next manager’s processes take over: it wants nothing, and stays in case they do not', () => {
    expect(way([row(6, 'prepare', 'start'), row(5, 'current')])).to.equal('serve')
    expect(way([row(6, 'switch', 'start'), row(5, 'current')])).to.equal('yield')
    expect(way([row(6, 'aborted', 'start'), row(5, 'current')])).to.equal('serve')
  })

  it('its topology never came to serve: it hands back', () => {
    expect(way([row(5, 'prepare'), row(4, 'current')])).to.equal('return')
    expect(way([row(5, 'switch'), row(4, 'current')])).to.equal('return')
    expect(way([row(5, 'aborted'), row(4, 'current')])).to.equal('return')
  })

  it('another serves: it leaves', () => {
    expect(way([row(6, 'current'), row(5, 'retired')])).to.equal('retire')
    expect(way([row(99, 'current')]), 'its own row is long out of sight').to.equal('retire')
  })

  it('process by process, what it was given it keeps; what only listened goes', () => {
    expect(way([row(5, 'switch', 'restart'), row(4, 'current')], 10)).to.equal('serve')
    expect(way([row(5, 'switch', 'drain'), row(4, 'current')], 0)).to.equal('return')
  })

  it('before the first row is written it serves', () => {
    expect(way([])).to.equal('serve')
  })
})

describe('the life of an orphan', () => {
  function setUp(rows: TopologyFacts[]) {
    const clock = createManualClock()
    const done: string[] = []
    const world = { rows, owned: 10, isAway: false }
    const orphan = liveAsOrphan({
      clock,
      log: silentLog,
      generation: generation(5),
      readTopologies: async () => {
        if (world.isAway) throw new Error('away')
        return world.rows
      },
      ownedCount: () => world.owned,
      switchToAll: async () => void done.push('switch'),
      handBack: () => void done.push('hand back'),
      retire: () => void done.push('retire'),
      drain: (reason) => void done.push(`drain: ${reason}`),
    })
    const pass = async (ms: number): Promise<void> => {
      await settle(2)
      for (let left = ms; left > 0; left -= 500) {
        clock.advance(Math.min(500, left))
        await settle(2)
      }
    }
    return { clock, done, world, pass, orphan }
  }

  it('serves on and takes back what was moved; ends when the next manager’s processes have everything', async () => {
    const { done, world, pass } = setUp([row(6, 'switch'), row(5, 'current')])
    await pass(5_000)
    expect(done).to.deep.equal(['switch'])
    world.rows = [row(7, 'switch', 'start'), row(6, 'aborted'), row(5, 'current')]
    world.owned = 0
    await pass(2_000)
    expect(done, 'it stays in case they do not succeed').to.deep.equal(['switch', 'hand back'])
    world.rows = [row(7, 'current', 'start'), row(6, 'aborted'), row(5, 'retired')]
    await pass(1_000)
    expect(done).to.deep.equal(['switch', 'hand back', 'retire', 'drain: orphan without slots'])
  })

  it('handing back it serves until its slots are taken, then ends', async () => {
    const { done, world, pass } = setUp([row(5, 'switch'), row(4, 'current')])
    await pass(3_000)
    expect(done).to.deep.equal(['hand back'])
    world.owned = 0
    await pass(500)
    expect(done).to.deep.equal(['hand back', 'drain: orphan without slots'])
  })

  it('without slots when it begins to hand back, it looks once more: some may be on their way to it', async () => {
    const { done, world, pass } = setUp([row(5, 'aborted')])
    world.owned = 0
    await pass(0)
    expect(done).to.deep.equal(['hand back'])
    world.owned = 2
    await pass(2_000)
    expect(done, 'what came is given back first').to.deep.equal(['hand back'])
    world.owned = 0
    await pass(2_000)
    expect(done).to.deep.equal(['hand back', 'drain: orphan without slots'])
  })

  it('ends after ten minutes whatever comes', async () => {
    const { done, pass } = setUp([row(5, 'current')])
    await pass(limits.orphanMsMax - 500)
    expect(done).to.deep.equal(['switch'])
    await pass(1_000)
    expect(done).to.deep.equal(['switch', 'drain: orphan for ten minutes'])
  })

  it('with Postgres away it goes on as it was, and looks again', async () => {
    const { done, world, pass } = setUp([row(5, 'retired'), row(6, 'current')])
    world.isAway = true
    await pass(3_000)
    world.isAway = false
    await pass(500)
    expect(done[0]).to.equal('retire')
  })

  it('stopped, it does nothing more', async () => {
    const { done, world, pass, orphan } = setUp([row(5, 'current')])
    await pass(500)
    orphan.stop()
    world.rows = [row(6, 'current'), row(5, 'retired')]
    await pass(5_000)
    expect(done).to.deep.equal(['switch'])
  })
})
