/** What an operator wishes, and what becomes of it: shapes, refusals, replacements, what serves afterwards. */
import { expect } from 'chai'
import { Conductor } from '../../cluster/conductor.ts'
import { Fleet } from '../../cluster/fleet.ts'
import { IdentifyGate } from '../../cluster/identify-gate.ts'
import type { Wish } from '../../cluster/wish.ts'
import { generation } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createMemoryTopologyStore } from '../support/memory/memory-manager-stores.ts'
import { settle } from '../support/settle.ts'
import { FakeGeneration } from './fake-generation.ts'

async function setUp(options: { left?: number; onMade?: (made: FakeGeneration) => void } = {}) {
  const { left = 1_000 } = options
  const [shardCount, processCount] = [4, 2]
  const clock = createManualClock()
  const topologies = createMemoryTopologyStore()
  const made: FakeGeneration[] = []
  const parent: object[] = []
  const fleet = new Fleet({
    log: silentLog,
    vitals: { noteListening: () => undefined, noteExit: () => undefined },
    createGeneration({ row, plan }) {
      const one = new FakeGeneration({ generation: row.generation, shardCount: row.shardCount, processCount: plan.length })
      made.push(one)
      options.onMade?.(one)
      return one
    },
    tellParent: (message) => void parent.push(message),
    onHopeless: () => undefined,
  })
  const limit = { total: 1_000, remaining: left, reset_after: 7_200_000, max_concurrency: 1 }
  const gate = new IdentifyGate({ clock, readGateway: async () => ({ shards: 1, session_start_limit: limit }) })
  const conductor = new Conductor({ clock, log: silentLog, gate, topologies, fleet, configured: '4/2', onStep: () => undefined })
  const first = { generation: generation(1), shardCount, processCount, phase: 'current', purpose: 'start', configured: '4/2' } as const
  await topologies.insertTopology(first)
  const serving = fleet.add(first)
  await serving.start('serving')
  fleet.setServing([serving])
  const abort = new AbortController()
  const carryOut = (wish: Wish): ReturnType<Conductor['carryOut']> => conductor.carryOut(wish, abort.signal)
  const rescale = (shards: number | null, processes: number | null, isDryRun = false) =>
    carryOut({ kind: 'rescale', shardCount: shards, processCount: processes, isDryRun })
  const rows = async (): Promise<string[]> =>
    (await topologies.listTopologies(9)).map((row) => `${row.generation} ${row.shardCount}/${row.processCount} ${row.purpose} ${row.phase}`)
  return { clock, topologies, fleet, made, parent, conductor, abort, carryOut, rescale, rows }
}

describe('the conductor', () => {
  it('a rescale: another shape serves, the old processes have ended, the parent has the new list', async () => {
    const { rescale, rows, fleet, made, parent } = await setUp()
    expect(await rescale(8, 3)).to.deep.equal({ state: 'done', sentence: 'Generation 2 serves: 8 shards in 3 processes.' })
    expect(await rows()).to.deep.equal(['2 8/3 rescale current', '1 4/2 start retired'])
    expect(made.map((one) => one.states())).to.deep.equal(['ended ended', 'serving serving serving'])
    expect(fleet.facts().map(({ generation: number, clusterId }) => `${number}.${clusterId}`)).to.deep.equal(['2.0', '2.1', '2.2'])
    expect(parent.at(-1)).to.deep.include({ kind: 'topology', generation: 2, all: true })
  })

  it('shards and processes change independently: what is not named stays', async () => {
    const { rescale, rows } = await setUp()
    await rescale(null, 4)
    await rescale(12, null)
    expect(await rows()).to.deep.equal(['3 12/4 rescale current', '2 4/4 rescale retired', '1 4/2 start retired'])
  })

  it('the same shape is nothing to do', async () => {
    const { rescale, made } = await setUp()
    expect(await rescale(4, 2)).to.deep.equal({ state: 'done', sentence: 'Nothing to do: 4 shards in 2 processes serve already.' })
    expect(made).to.have.length(1)
  })

  it('more processes than shards are refused with the way out', async () => {
    const { rescale, made } = await setUp()
    const { state, sentence } = await rescale(null, 8)
    expect(state).to.equal('refused')
    expect(sentence).to.equal('8 processes cannot share 4 shards. Choose --shards of at least 8, or fewer --clusters.')
    expect(made).to.have.length(1)
  })

  it('a budget of logins that is too small is refused before anything is spawned, and says when it is given back', async () => {
    const { rescale, made, rows } = await setUp({ left: 7 })
    const { state, sentence } = await rescale(8, null)
    expect(state).to.equal('refused')
    expect(sentence).to.equal(
      'Discord allows 7 more logins of 1000 a day for this token, and this needs 8. Wait 2.0 hours, until the budget is given back, or ask for fewer shards.',
    )
    expect(made).to.have.length(1)
    expect(await rows()).to.have.length(1)
  })

  it('a dry run shows the plan and begins nothing', async () => {
    const { rescale, made, conductor } = await setUp()
    expect(await rescale(8, 4, true)).to.have.property('state', 'done')
    expect(made).to.have.length(1)
    const { plan } = conductor.progress()
    expect(plan).to.deep.include({ from: { generation: 1, shardCount: 4, processCount: 2 }, identifies: 8, identifiesLeft: 1_000, maxConcurrency: 1 })
    expect(plan?.prepareSeconds, 'eight logins of one bucket').to.be.within(36, 60)
  })

  it('given up: the sentence says why and what serves', async () => {
    const { rescale, abort, fleet, made } = await setUp()
    const done = rescale(8, 4)
    abort.abort(new Error('it was asked to be given up'))
    expect(await done).to.deep.equal({
      state: 'aborted',
      sentence: 'It was asked to be given up. Generation 1 serves: 4 shards in 2 processes.',
    })
    expect(fleet.serving).to.deep.equal([made[0]])
  })

  it('restart --rolling: one process after the other, a new one beside each old one before that ends', async () => {
    const { carryOut, made, rows, fleet } = await setUp()
    expect(await carryOut({ kind: 'restart', isDryRun: false })).to.deep.equal({ state: 'done', sentence: 'Replaced, one after the other: shard-0, shard-1.' })
    expect(made[1]?.log).to.deep.equal(['start holding 0', 'role serving 0', 'start holding 1', 'role serving 1'])
    expect(made[0]?.log).to.deep.equal([
      'start serving 0,1', 'role yielding 0', 'role retiring 0', 'stop ', 'role yielding 1', 'role retiring 1', 'stop ',
    ])
    expect(await rows()).to.deep.equal(['2 4/2 restart current', '1 4/2 start retired'])
    expect(fleet.serving).to.deep.equal([made[1]])
    expect(fleet.isWhole()).to.equal(true)
  })

  it('restart given up in the middle: what was replaced stays, the others serve on as they are; again goes on', async () => {
    const { carryOut, made, rows, fleet, abort, conductor } = await setUp({ onMade: (one) => one.generation === 2 && one.stuck.add(1) })
    const done = carryOut({ kind: 'restart', isDryRun: false })
    await settle()
    expect(made[1]?.states()).to.equal('serving started')
    abort.abort(new Error('it was asked to be given up'))
    const { state, sentence } = await done
    expect(state).to.equal('aborted')
    expect(sentence).to.equal('It was asked to be given up. shard-0 was replaced, the others serve on as they are; run it again to go on.')
    expect(await rows()).to.deep.equal(['2 4/2 restart current', '1 4/2 start current'])
    expect(fleet.isWhole()).to.equal(true)
    const again = await conductor.carryOut({ kind: 'restart', isDryRun: false }, new AbortController().signal)
    expect(again.state).to.equal('done')
    expect(fleet.serving).to.deep.equal([made[2]])
    expect(await rows()).to.deep.equal(['3 4/2 restart current', '2 4/2 restart retired', '1 4/2 start retired'])
  })

  it('drain replaces one process, by number, name, pid or incarnation; both generations serve then', async () => {
    for (const node of ['1', 'shard-1', '101', 'host:101:x']) {
      const { carryOut, made, fleet, rows, rescale } = await setUp()
      expect(await carryOut({ kind: 'drain', node, isDryRun: false }), node).to.have.property('state', 'done')
      expect(made.map((one) => one.states())).to.deep.equal(['serving ended', 'serving'])
      expect(fleet.isWhole()).to.equal(true)
      expect(await rows()).to.deep.equal(['2 4/2 drain current', '1 4/2 start current'])
      expect(await rescale(8, 2), 'and a rescale relieves both').to.have.property('state', 'done')
      expect(await rows()).to.deep.equal(['3 8/2 rescale current', '2 4/2 drain retired', '1 4/2 start retired'])
    }
  })

  it('who is to be drained must be one that there is', async () => {
    const { carryOut } = await setUp()
    const { state, sentence } = await carryOut({ kind: 'drain', node: 'shard-7', isDryRun: false })
    expect(state).to.equal('refused')
    expect(sentence).to.equal('No shard process is called shard-7. There are shard-0, shard-1; `muster status` shows them.')
  })
})
