/** Prepare, switch, retire, abort: what is written before what is done, and who serves at the end of it. */
import { expect } from 'chai'
import { rescale, retire } from '../../cluster/rescale.ts'
import type { RescaleOutcome } from '../../cluster/rescale.ts'
import { generation } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { StoredTopology, TopologyStore } from '../../prisma/topology-store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createMemoryTopologyStore } from '../support/memory/memory-manager-stores.ts'
import { settle } from '../support/settle.ts'
import { FakeGeneration } from './fake-generation.ts'

const row = (number: number, phase: StoredTopology['phase']): StoredTopology => ({
  generation: generation(number),
  shardCount: number === 1 ? 2 : 4,
  processCount: 2,
  phase,
  purpose: 'rescale',
  configured: '2/2',
})

async function setUp() {
  const clock = createManualClock()
  const topologies = createMemoryTopologyStore()
  await topologies.insertTopology(row(1, 'current'))
  await topologies.insertTopology(row(2, 'prepare'))
  const old = new FakeGeneration({ generation: 1, shardCount: 2, processCount: 2 })
  const target = new FakeGeneration({ generation: 2, shardCount: 4, processCount: 2 })
  await old.start('serving')
  old.log.length = 0
  const abort = new AbortController()
  const seen: string[] = []
  const phases = async (store: TopologyStore = topologies): Promise<string> => (await store.listTopologies(5)).map(({ phase }) => phase).join(' ')
  const deps = { clock, log: silentLog, topologies, onStep: (step: string) => void seen.push(step) }
  const run = (store = topologies): Promise<RescaleOutcome> =>
    rescale({ ...deps, topologies: store }, { target, row: row(2, 'prepare'), old: [old], signal: abort.signal, preparePatienceMs: 60_000 })
  return { clock, topologies, old, target, abort, seen, phases, deps, run }
}

describe('a rescale', () => {
  it('prepares, switches, and is current; the old ones yield, then retire and end', async () => {
    const { run, phases, old, target, deps, seen } = await setUp()
    expect(await run()).to.deep.equal({ kind: 'current' })
    expect(await phases()).to.equal('current retired')
    expect(target.log).to.deep.equal(['start holding 0,1', 'role serving 0', 'role serving 1'])
    expect(old.log).to.deep.equal(['role yielding 0,1'])
    await retire(deps, [old])
    expect(old.log.slice(1)).to.deep.equal(['role retiring 0,1', 'stop '])
    expect(seen).to.deep.equal(['prepare', 'switch', 'retire'])
  })

  it('no slot is asked for before the phase is written, and before all are heard', async () => {
    const { run, phases, target, topologies } = await setUp()
    target.held.add('heard')
    const done = run()
    await settle()
    expect(target.log).to.deep.equal(['start holding 0,1'])
    expect(await phases()).to.equal('prepare current')
    target.held.delete('heard')
    target.become(0, 'heard')
    await settle()
    expect(target.log, 'one is not all').to.deep.equal(['start holding 0,1'])
    target.become(1, 'heard')
    expect(await done).to.deep.equal({ kind: 'current' })
    expect((await topologies.currentTopology())?.generation).to.equal(2)
  })

  it('given up in prepare: the new processes end, the old ones are told nothing', async () => {
    const { run, phases, target, old, abort } = await setUp()
    target.held.add('heard')
    const done = run()
    await settle()
    abort.abort(new Error('it was asked to be given up'))
    expect(await done).to.deep.equal({ kind: 'aborted', sentence: 'it was asked to be given up' })
    expect(await phases()).to.equal('aborted current')
    expect(target.states()).to.equal('ended ended')
    expect(old.log).to.deep.equal([])
  })

  it('given up in the switch: first the row, then what moved goes back, and only then the new processes end', async () => {
    const { run, phases, target, old, abort } = await setUp()
    target.held.add('serving')
    const done = run()
    await settle()
    old.held.add('serving')
    abort.abort(new Error('it was asked to be given up'))
    await settle()
    expect(await phases()).to.equal('aborted current')
    expect(target.log).to.deep.equal(['start holding 0,1', 'role serving 0', 'role returning 0,1'])
    expect(old.log).to.deep.equal(['role yielding 0,1', 'role serving 0,1'])
    expect(target.states()).to.equal('heard heard')
    old.let('serving')
    expect(await done).to.have.property('kind', 'aborted')
    expect(target.states()).to.equal('ended ended')
    expect(old.states()).to.equal('serving serving')
  })

  it('an abort does not wait for ever for an old process that is gone', async () => {
    const { run, clock, target, old, abort } = await setUp()
    target.held.add('serving')
    const done = run()
    await settle()
    old.held.add('serving')
    abort.abort(new Error('asked'))
    await settle()
    clock.advance(60_000)
    expect(await done).to.have.property('kind', 'aborted')
    expect(target.states()).to.equal('ended ended')
  })

  it('a Prepare that takes too long is given up, and says so', async () => {
    const { run, clock, target } = await setUp()
    target.held.add('heard')
    const done = run()
    await settle()
    clock.advance(60_000)
    expect(await done).to.deep.equal({ kind: 'aborted', sentence: 'the new processes did not hear all their shards within 60 s' })
  })

  it('a new process that dies again and again ends it', async () => {
    const { run, target, phases } = await setUp()
    target.held.add('heard')
    const done = run()
    await settle()
    target.die(1, 4)
    await settle()
    expect(await phases()).to.equal('prepare current')
    target.die(1, 5)
    expect(await done).to.deep.equal({ kind: 'aborted', sentence: 'the new shard-1 died 5 times before it heard its shards; its log says why' })
  })

  it('slots that went elsewhere in the switch are taken again before anything is current', async () => {
    const { run, clock, target, phases } = await setUp()
    target.missing.set(1, 5)
    const done = run()
    await settle()
    expect(target.states()).to.equal('serving serving')
    expect(await phases(), 'content is not enough').to.equal('switch current')
    clock.advance(3_000)
    expect(await done).to.deep.equal({ kind: 'current' })
    expect(target.log).to.deep.equal(['start holding 0,1', 'role serving 0', 'role serving 1', 'role serving 1'])
  })

  it('switches one process after the other, and does not wait for one that died on the way', async () => {
    const { run, target } = await setUp()
    target.held.add('serving')
    const done = run()
    await settle()
    expect(target.log.at(-1)).to.equal('role serving 0')
    target.die(0, 2)
    await settle()
    expect(target.log.at(-1)).to.equal('role serving 1')
    expect(target.states()).to.equal('waiting heard')
    target.let('serving')
    expect(await done).to.deep.equal({ kind: 'current' })
  })

  it('after the last slot an abort comes too late: from there only forward', async () => {
    const { run, target, old, abort, topologies } = await setUp()
    const makeCurrent = topologies.makeCurrent.bind(topologies)
    topologies.makeCurrent = async (move) => {
      abort.abort(new Error('too late'))
      return await makeCurrent(move)
    }
    expect(await run()).to.deep.equal({ kind: 'current' })
    expect(target.states()).to.equal('serving serving')
    expect(old.log).to.deep.equal(['role yielding 0,1'])
  })

  it('a Postgres that is away is waited for; an answer that was lost is found out', async () => {
    const { run, clock, topologies, phases } = await setUp()
    let tries = 0
    const real = topologies.movePhase.bind(topologies)
    topologies.movePhase = async (move) => {
      tries += 1
      if (tries === 1) throw new Error('away')
      // It happened, but nobody heard.
      if (tries === 2) {
        await real(move)
        throw new Error('connection lost')
      }
      return await real(move)
    }
    const done = run()
    for (let round = 0; round < 4; round += 1) {
      await settle()
      clock.advance(500)
    }
    expect(await done).to.deep.equal({ kind: 'current' })
    expect(tries).to.equal(3)
    expect(await phases()).to.equal('current retired')
  })

  it('a row that another manager moved is left to that one: the slots go back', async () => {
    const { run, target, old, topologies } = await setUp()
    target.held.add('serving')
    const done = run()
    await settle()
    await topologies.movePhase({ generation: generation(2), from: 'switch', to: 'aborted' })
    target.let('serving')
    expect(await done).to.deep.equal({ kind: 'aborted', sentence: 'generation 2 was changed by another manager' })
    expect(old.log).to.deep.equal(['role yielding 0,1', 'role serving 0,1'])
    expect(target.states()).to.equal('ended ended')
  })
})
