/** What operators ask is taken once, followed, given up when asked, and ended whatever happens to the manager. */
import { expect } from 'chai'
import { RequestDesk, settleLeftRequest } from '../../cluster/request-desk.ts'
import type { RescaleProgress, Wish } from '../../cluster/wish.ts'
import { emptyProgress } from '../../cluster/wish.ts'
import { silentLog } from '../../kernel/log.ts'
import { createDeferred } from '../support/deferred.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createMemoryManagerRequestStore } from '../support/memory/memory-manager-stores.ts'
import { settle } from '../support/settle.ts'

const wish: Wish = { kind: 'rescale', shardCount: 8, processCount: null, isDryRun: false }

function setUp() {
  const clock = createManualClock()
  const requests = createMemoryManagerRequestStore(clock)
  const end = createDeferred<{ state: 'done' | 'aborted'; sentence: string }>()
  const taken: { wish: Wish; signal: AbortSignal }[] = []
  let progress: RescaleProgress = emptyProgress
  const desk = new RequestDesk({
    clock,
    log: silentLog,
    requests,
    me: 'manager-1',
    carryOut(carried, signal) {
      taken.push({ wish: carried, signal })
      signal.addEventListener('abort', () => end.resolve({ state: 'aborted', sentence: (signal.reason as Error).message }))
      return end.promise
    },
    progress: () => progress,
    alsoLook: async () => undefined,
  })
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(50)
      await settle(2)
    }
  }
  const ask = (id = 'one', text = JSON.stringify(wish)) => requests.insertRequest({ id, wish: text })
  return { requests, end, taken, desk, pass, ask, setProgress: (next: RescaleProgress) => void (progress = next) }
}

describe('the request desk', () => {
  it('takes what is asked, writes down how far it is, and how it ended', async () => {
    const { desk, ask, pass, requests, taken, end, setProgress } = setUp()
    desk.start()
    await ask()
    await pass(600)
    expect(taken.map(({ wish: carried }) => carried)).to.deep.equal([wish])
    expect(desk.busyWith).to.equal('muster rescale --shards 8')
    setProgress({ ...emptyProgress, step: 'switch', slots: 12 })
    await pass(200)
    expect(JSON.parse((await requests.readRequest('one'))?.progress ?? '')).to.include({ step: 'switch', slots: 12 })
    end.resolve({ state: 'done', sentence: 'Served.' })
    await settle()
    expect(await requests.readRequest('one')).to.include({ state: 'done', sentence: 'Served.', manager: 'manager-1' })
    expect(desk.busyWith).to.equal(null)
    await desk.stop('end')
  })

  it('shows a sign of life every two seconds, even if nothing changes', async () => {
    const { desk, ask, pass, requests, end } = setUp()
    desk.start()
    await ask()
    await pass(600)
    await pass(5_000)
    expect((await requests.readRequest('one'))?.silentMs).to.be.below(2_300)
    end.resolve({ state: 'done', sentence: '' })
    await desk.stop('end')
  })

  it('notices that it is to be given up', async () => {
    const { desk, ask, pass, requests, taken } = setUp()
    desk.start()
    await ask()
    await pass(600)
    await requests.askAbort('one')
    await pass(400)
    expect(taken[0]?.signal.aborted).to.equal(true)
    expect(await requests.readRequest('one')).to.include({ state: 'aborted', sentence: 'it was asked to be given up' })
    await desk.stop('end')
  })

  it('a manager that is told to end gives up what it does, and waits for it', async () => {
    const { desk, ask, pass, requests } = setUp()
    desk.start()
    await ask()
    await pass(600)
    await desk.stop('the manager was told to end')
    expect(await requests.readRequest('one')).to.include({ state: 'aborted', sentence: 'the manager was told to end' })
  })

  it('a wish of another version is refused in words', async () => {
    const { desk, ask, pass, requests, taken } = setUp()
    desk.start()
    await ask('odd', '{"kind":"teleport"}')
    await pass(600)
    expect(taken).to.deep.equal([])
    expect(await requests.readRequest('odd')).to.include({ state: 'refused' })
    await desk.stop('end')
  })

  it('what a dead manager left is ended by what the topology says', async () => {
    const plan = { from: null, to: { generation: 5, shardCount: 8, processCount: 2 }, identifies: 8, identifiesLeft: 9, identifiesTotal: 9, resetAfterMs: 0, maxConcurrency: 1, prepareSeconds: 1, switchSeconds: 1 }
    for (const [current, state] of [[5, 'done'], [4, 'aborted']] as const) {
      const { requests, ask } = setUp()
      await ask()
      await requests.takeRequest({ id: 'one', manager: 'dead' })
      await requests.writeProgress({ id: 'one', progress: JSON.stringify({ ...emptyProgress, plan }) })
      expect(await settleLeftRequest(requests, (generation) => generation === current)).to.have.property('state', state)
      expect(await requests.readRequest('one')).to.include({ state })
    }
  })

  it('what nobody had taken is left to be taken', async () => {
    const { requests, ask } = setUp()
    await ask()
    expect(await settleLeftRequest(requests, () => true)).to.equal(null)
    expect(await requests.openRequest()).to.include({ id: 'one', state: 'asked' })
  })
})
