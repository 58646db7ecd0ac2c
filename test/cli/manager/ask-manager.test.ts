/** What an operator sees of a request: the plan, a line a step, the end; ctrl-c, no manager, another one under way. */
import { expect } from 'chai'
import { abortPresent, askManager } from '../../../cli/manager/ask-manager.ts'
import type { Wish } from '../../../cluster/wish.ts'
import { emptyProgress } from '../../../cluster/wish.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { createMemoryManagerRequestStore } from '../../support/memory/memory-manager-stores.ts'
import { settle } from '../../support/settle.ts'

const wish: Wish = { kind: 'rescale', shardCount: 8, processCount: 4, isDryRun: false }
const plan = {
  from: { generation: 1, shardCount: 4, processCount: 1 },
  to: { generation: 2, shardCount: 8, processCount: 4 },
  identifies: 8,
  identifiesLeft: 990,
  identifiesTotal: 1_000,
  resetAfterMs: 0,
  maxConcurrency: 1,
  prepareSeconds: 45,
  switchSeconds: 3,
}

function setUp(output: { json?: boolean; isTerminal?: boolean } = {}) {
  const clock = createManualClock()
  const requests = createMemoryManagerRequestStore(clock)
  const shown = { text: '' }
  let interrupt: () => void = () => undefined
  const deps = {
    clock,
    requests,
    newId: () => 'one',
    output: { json: output.json === true, isTerminal: output.isTerminal === true, write: (text: string) => void (shown.text += text) },
    onInterrupt(listener: () => void) {
      interrupt = listener
      return () => undefined
    },
  }
  const pass = async (ms: number): Promise<void> => {
    await settle(2)
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(100)
      await settle(2)
    }
  }
  const manager = {
    take: () => requests.takeRequest({ id: 'one', manager: 'm' }),
    tell: (progress: object) => requests.writeProgress({ id: 'one', progress: JSON.stringify({ ...emptyProgress, plan, ...progress }) }),
    end: (state: 'done' | 'aborted' | 'refused', sentence: string) => requests.endRequest({ id: 'one', state, sentence, progress: null }),
  }
  return { deps, requests, shown, pass, manager, interrupt: () => interrupt() }
}

describe('asking the manager', () => {
  it('shows the plan once, a line a step, and the end; status 0', async () => {
    const { deps, shown, pass, manager } = setUp()
    const status = askManager(deps, wish)
    await pass(200)
    await manager.take()
    await manager.tell({ step: 'prepare', heard: 0, processes: 4 })
    await pass(400)
    await manager.tell({ step: 'prepare', heard: 3, processes: 4 })
    await pass(400)
    await manager.tell({ step: 'switch', heard: 4, processes: 4, slots: 192 })
    await pass(400)
    await manager.end('done', 'Generation 2 serves: 8 shards in 4 processes.')
    await pass(400)
    expect(await status).to.equal(0)
    expect(shown.text.split('\n')).to.deep.equal([
      '  now    generation 1: 4 shards in 1 process',
      '  then   generation 2: 8 shards in 4 processes',
      '  logins 8 of the 990 that Discord has left today, 1 at once',
      '  time   about 45 s to prepare, unnoticed; 3 s to switch',
      '  prepare  [....................] 0 of 4 processes hear their shards',
      '  switch   [##########..........] 192 of 384 slots',
      'Generation 2 serves: 8 shards in 4 processes.',
      '',
    ])
    expect(Math.max(...shown.text.split('\n').map((line) => line.length))).to.be.at.most(80)
  })

  it('on a terminal a line is written over while its step lasts', async () => {
    const { deps, shown, pass, manager } = setUp({ isTerminal: true })
    const status = askManager(deps, wish)
    await manager.take()
    await manager.tell({ step: 'switch', slots: 96 })
    await pass(400)
    await manager.tell({ step: 'switch', slots: 288 })
    await pass(400)
    await manager.end('done', 'Served.')
    await pass(400)
    await status
    expect(shown.text).to.contain('\r\u001b[K  switch   [#####...............] 96 of 384 slots\r\u001b[K  switch   [###############.....] 288 of 384 slots\nServed.\n')
  })

  it('a step that went on between two looks is shown at its end; one that is undone is left as it was', async () => {
    const { deps, shown, pass, manager } = setUp({ isTerminal: true })
    const status = askManager(deps, wish)
    await manager.take()
    await manager.tell({ step: 'prepare', heard: 3, processes: 4 })
    await pass(400)
    await manager.tell({ step: 'switch', heard: 4, processes: 4, slots: 96 })
    await pass(400)
    await manager.tell({ step: 'abort', heard: 4, processes: 4, slots: 0 })
    await pass(400)
    await manager.end('aborted', 'Given up.')
    await pass(400)
    await status
    const left = shown.text.split('\n').map((line) => line.split('\r\u001b[K').at(-1))
    expect(left.slice(-5)).to.deep.equal([
      '  prepare  [####################] 4 of 4 processes hear their shards',
      '  switch   [#####...............] 96 of 384 slots',
      '  abort    the old topology takes back its slots',
      'Given up.',
      '',
    ])
  })

  it('--json prints one object and nothing else', async () => {
    const { deps, shown, pass, manager } = setUp({ json: true })
    const status = askManager(deps, wish)
    await manager.take()
    await manager.tell({ step: 'switch' })
    await pass(400)
    await manager.end('refused', 'No.')
    await pass(400)
    expect(await status).to.equal(1)
    expect(JSON.parse(shown.text)).to.deep.equal({ state: 'refused', sentence: 'No.', plan })
  })

  it('where no manager runs it is withdrawn, and says what to do', async () => {
    const { deps, shown, pass, requests } = setUp()
    const status = askManager(deps, wish)
    await pass(11_000)
    expect(await status).to.equal(1)
    expect(shown.text).to.contain('No manager answers').and.contain('muster up')
    expect(await requests.openRequest()).to.equal(null)
  })

  it('a second one is refused by the name of the first', async () => {
    const { deps, shown, requests } = setUp()
    await requests.insertRequest({ id: 'other', wish: JSON.stringify({ kind: 'restart', isDryRun: false }) })
    expect(await askManager(deps, wish)).to.equal(1)
    expect(shown.text).to.equal('`muster restart --rolling` is being done. Wait for it, or give it up with `muster rescale --abort`.\n')
  })

  it('ctrl-c asks to give it up and waits for the old topology; a second one leaves at once', async () => {
    for (const times of [1, 2]) {
      const { deps, shown, pass, manager, requests, interrupt } = setUp()
      const status = askManager(deps, wish)
      await manager.take()
      await pass(400)
      interrupt()
      await pass(400)
      expect(await requests.readRequest('one')).to.include({ abortAsked: true, state: 'running' })
      expect(shown.text).to.contain('Giving it up.')
      if (times === 2) interrupt()
      else await manager.end('aborted', 'It was asked to be given up. Generation 1 serves.')
      await pass(400)
      expect(await status).to.equal(1)
      expect(shown.text).to.contain(times === 2 ? 'The manager goes on giving it up' : 'Generation 1 serves.')
    }
  })

  it('ctrl-c before a manager took it withdraws it', async () => {
    const { deps, pass, requests, interrupt } = setUp()
    const status = askManager(deps, wish)
    await pass(400)
    interrupt()
    await pass(400)
    expect(await status).to.equal(1)
    expect(await requests.openRequest()).to.equal(null)
  })

  it('a manager that is silent is told of', async () => {
    const { deps, shown, pass, manager } = setUp()
    const status = askManager(deps, wish)
    await manager.take()
    await manager.tell({ step: 'prepare', processes: 4 })
    await pass(9_000)
    expect(shown.text).to.contain('The manager is silent.')
    await manager.end('aborted', 'The manager ended in the middle of it.')
    await pass(400)
    await status
  })

  it('--abort gives up what runs, from anywhere, and is content when it ended', async () => {
    const { deps, shown, pass, manager, requests } = setUp()
    expect(await abortPresent(deps)).to.equal(1)
    expect(shown.text).to.contain('Nothing is being done')
    await requests.insertRequest({ id: 'one', wish: JSON.stringify(wish) })
    await manager.take()
    const status = abortPresent(deps)
    await pass(400)
    expect(await requests.readRequest('one')).to.include({ abortAsked: true })
    await manager.end('aborted', 'Generation 1 serves.')
    await pass(400)
    expect(await status).to.equal(0)
  })
})
