/**
 * What the manager's stores promise: of two managers one wins, of two wishes one is open, and a phase moves only from the
 * one that was seen.
 */
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { generation } from '../../kernel/ids.ts'
import type { ManagerRequestStore } from '../../prisma/manager-request-store.ts'
import type { StoredTopology, TopologyPhase, TopologyStore } from '../../prisma/topology-store.ts'

export interface ManagerStoresMaker {
  readonly timeoutMs: number
  create(): Promise<{ readonly topologies: TopologyStore; readonly requests: ManagerRequestStore; end(): Promise<void> }>
}

const topology = (number: number, phase: TopologyPhase): StoredTopology => ({
  generation: generation(number),
  shardCount: 4,
  processCount: 2,
  phase,
  purpose: 'rescale',
  configured: 'auto/2',
})

export function describeManagerStores(name: string, maker: ManagerStoresMaker): void {
  describe(`topology store: ${name}`, () => {
    let store: TopologyStore
    let end: () => Promise<void>
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      const stores = await maker.create()
      store = stores.topologies
      end = () => stores.end()
    })
    afterEach(() => end())

    const phases = async (): Promise<readonly string[]> => (await store.listTopologies(10)).map(({ generation: number, phase }) => `${number} ${phase}`)

    it('has none before the first start', async () => {
      expect([await store.newestTopology(), await store.currentTopology(), await store.listTopologies(5)]).to.deep.equal([null, null, []])
    })

    it('tells the newest generation and the newest that became current', async () => {
      for (const [number, phase] of [[1, 'retired'], [2, 'current'], [10, 'prepare']] as const) await store.insertTopology(topology(number, phase))
      expect(await store.newestTopology()).to.deep.equal(topology(10, 'prepare'))
      expect(await store.currentTopology()).to.deep.equal(topology(2, 'current'))
      expect(await store.listTopologies(2)).to.deep.equal([topology(10, 'prepare'), topology(2, 'current')])
    })

    it('lets one of two managers insert a generation', async () => {
      const tries = await Promise.all([store.insertTopology(topology(1, 'prepare')), store.insertTopology(topology(1, 'switch'))])
      expect(tries.filter(Boolean)).to.have.length(1)
    })

    it('moves a phase only from the one that was seen', async () => {
      await store.insertTopology(topology(1, 'prepare'))
      const move = { generation: generation(1), from: 'prepare', to: 'switch' } as const
      expect(await Promise.all([store.movePhase(move), store.movePhase(move)])).to.have.members([true, false])
      expect(await phases()).to.deep.equal(['1 switch'])
      expect(await store.movePhase({ ...move, generation: generation(9) })).to.equal(false)
    })

    it('makes a generation current and retires all before it, at once; or leaves them', async () => {
      for (const [number, phase] of [[1, 'aborted'], [2, 'current'], [3, 'current'], [4, 'switch']] as const) await store.insertTopology(topology(number, phase))
      const move = { generation: generation(4), from: 'prepare', retireOthers: true } as const
      expect(await store.makeCurrent(move), 'not from there').to.equal(false)
      expect(await phases()).to.deep.equal(['4 switch', '3 current', '2 current', '1 aborted'])
      expect(await store.makeCurrent({ ...move, from: 'switch' })).to.equal(true)
      expect(await phases()).to.deep.equal(['4 current', '3 retired', '2 retired', '1 aborted'])
      await store.insertTopology(topology(5, 'switch'))
      expect(await store.makeCurrent({ generation: generation(5), from: 'switch', retireOthers: false })).to.equal(true)
      expect(await phases()).to.deep.equal(['5 current', '4 current', '3 retired', '2 retired', '1 aborted'])
    })
  })

  describe(`manager requests: ${name}`, () => {
    let store: ManagerRequestStore
    let end: () => Promise<void>
    beforeEach(async function () {
      this.timeout(maker.timeoutMs)
      const stores = await maker.create()
      store = stores.requests
      end = () => stores.end()
    })
    afterEach(() => end())

    const ask = async (id = randomUUID()): Promise<string> => {
      expect(await store.insertRequest({ id, wish: `wish ${id}` })).to.equal('inserted')
      return id
    }

    it('one is open at a time; the second is told which', async () => {
      const id = await ask()
      const second = await store.insertRequest({ id: randomUUID(), wish: 'another' })
      expect(second).to.have.nested.property('open.id', id)
      expect(second).to.have.nested.property('open.wish', `wish ${id}`)
      await store.takeRequest({ id, manager: 'm' })
      expect(await store.insertRequest({ id: randomUUID(), wish: 'another' })).to.have.nested.property('open.state', 'running')
      await store.endRequest({ id, state: 'done', sentence: 'Done.', progress: null })
      await ask()
    })

    it('of two that ask at once one is open', async () => {
      const both = await Promise.all(['a', 'b'].map((wish) => store.insertRequest({ id: randomUUID(), wish })))
      expect(both.filter((one) => one === 'inserted')).to.have.length(1)
    })

    it('one manager takes it, and then nobody withdraws it', async () => {
      const id = await ask()
      const takes = await Promise.all(['m', 'n'].map((manager) => store.takeRequest({ id, manager })))
      expect(takes).to.have.members([true, false])
      expect(await store.withdrawRequest(id)).to.equal(false)
      expect(await store.readRequest(id)).to.include({ state: 'running', abortAsked: false, sentence: null })
    })

    it('what nobody took is withdrawn, and then nobody takes it', async () => {
      const id = await ask()
      expect(await store.withdrawRequest(id)).to.equal(true)
      expect(await store.takeRequest({ id, manager: 'm' })).to.equal(false)
      expect(await store.openRequest()).to.equal(null)
    })

    it('carries progress, a wish to give up, and its end; after it nothing changes', async () => {
      const id = await ask()
      await store.takeRequest({ id, manager: 'm' })
      await store.writeProgress({ id, progress: '{"step":"switch"}' })
      expect(await store.askAbort(id)).to.equal(true)
      expect(await store.openRequest()).to.include({ id, progress: '{"step":"switch"}', abortAsked: true, manager: 'm' })
      expect(await store.endRequest({ id, state: 'aborted', sentence: 'Given up.', progress: null })).to.equal(true)
      expect(await store.endRequest({ id, state: 'done', sentence: 'Done.', progress: null })).to.equal(false)
      expect(await store.askAbort(id)).to.equal(false)
      await store.writeProgress({ id, progress: '{}' })
      expect(await store.readRequest(id)).to.include({ state: 'aborted', sentence: 'Given up.', progress: '{"step":"switch"}' })
    })

    it('tells for how long it has been silent', async () => {
      const id = await ask()
      expect((await store.readRequest(id))?.silentMs).to.be.within(0, 60_000)
    })
  })
}
