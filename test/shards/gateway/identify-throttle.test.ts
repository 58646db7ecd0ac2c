/** One IDENTIFY a bucket and five seconds, and so many a day, over all processes. Redis here is a key with a time to live, by a manual clock. */
import { expect } from 'chai'
import { createIdentifyThrottle } from '../../../shards/gateway/identify-throttle.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

function setUp() {
  const clock = createManualClock()
  const log = createListeningLog()
  const keys = new Map<string, number>()
  const counts = new Map<string, number>()
  const budgetEnds = new Map<string, number>()
  const world = { away: false }
  const redis = {
    set(key: string, value: string, _px: string, ttlMs: number, nx?: 'NX'): Promise<'OK' | null> {
      if (world.away) return Promise.reject(new Error('redis is away'))
      if (nx === undefined) {
        counts.set(key, Number(value))
        budgetEnds.set(key, clock.monotonicMs() + ttlMs)
        return Promise.resolve('OK' as const)
      }
      if ((keys.get(key) ?? -1) > clock.monotonicMs()) return Promise.resolve(null)
      keys.set(key, clock.monotonicMs() + ttlMs)
      return Promise.resolve('OK' as const)
    },
    decr(key: string): Promise<number> {
      const left = (counts.get(key) ?? 0) - 1
      counts.set(key, left)
      return Promise.resolve(left)
    },
    del: (key: string): Promise<number> => Promise.resolve(Number(counts.delete(key))),
    pttl: (key: string): Promise<number> => Promise.resolve(Math.max(-2, (keys.get(key) ?? budgetEnds.get(key) ?? -2) - clock.monotonicMs())),
  }
  const budget = { remaining: 1_000, resetAfterMs: 0 }
  const throttleOf = (maxConcurrency: number) =>
    createIdentifyThrottle({ redis: redis as never, clock, log }, { keyPrefix: 'muster:', maxConcurrency, ...budget })
  const allowed: string[] = []
  const wait = (name: string, shardId: number, options: { maxConcurrency?: number; signal?: AbortSignal } = {}): Promise<void> =>
    throttleOf(options.maxConcurrency ?? 1)
      .waitForIdentify(shardId, options.signal ?? new AbortController().signal)
      .then(() => void allowed.push(`${name} at ${clock.monotonicMs()}`))
  const pass = async (ms: number, stepMs = 50): Promise<void> => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      clock.advance(stepMs)
      await settle(2)
    }
  }
  return { clock, log, keys, counts, budgetEnds, budget, world, allowed, wait, pass }
}

describe('the identify throttle', () => {
  it('lets the first go at once and each other process wait its window, a margin added', async () => {
    const { allowed, wait, pass } = setUp()
    for (const [index, name] of ['one', 'two', 'three'].entries()) void wait(name, index)
    await settle()
    expect(allowed).to.deep.equal(['one at 0'])
    await pass(11_000)
    expect(allowed).to.have.length(3)
    const times = allowed.map((line) => Number(line.split(' at ')[1]))
    expect(times[1]).to.be.within(5_250, 5_400)
    expect((times[2] ?? 0) - (times[1] ?? 0)).to.be.at.least(5_250)
  })

  it('shards of different buckets do not wait for each other: shard id % max_concurrency', async () => {
    const { allowed, keys, wait } = setUp()
    for (const shardId of [0, 1, 2]) void wait(`shard ${shardId}`, shardId, { maxConcurrency: 2 })
    await settle()
    expect(allowed).to.deep.equal(['shard 0 at 0', 'shard 1 at 0'])
    expect([...keys.keys()]).to.deep.equal(['muster:identify:0', 'muster:identify:1'])
  })

  it('an abort ends the wait with its reason', async () => {
    const { allowed, wait, clock } = setUp()
    await wait('one', 0)
    const controller = new AbortController()
    const reason = wait('two', 0, { signal: controller.signal }).catch((thrown: unknown) => (thrown as Error).message)
    await settle()
    controller.abort(new Error('shutting down'))
    expect(await reason).to.equal('shutting down')
    expect([allowed.length, clock.pending()]).to.deep.equal([1, 0])
  })

  it('while Redis is away each waits its window alone and goes on, and says so', async () => {
    const { allowed, world, wait, pass, log } = setUp()
    world.away = true
    void wait('one', 0)
    await pass(5_200)
    expect(allowed).to.deep.equal([])
    await pass(100)
    expect(allowed).to.have.length(1)
    expect(log.saw('identify is paced alone, redis is away')).to.equal(true)
  })

  it('with the budget of the day spent a shard waits until it is given back, and says so', async () => {
    const { allowed, wait, pass, log, budget, clock, counts } = setUp()
    Object.assign(budget, { remaining: 1, resetAfterMs: 30_000 })
    void wait('one', 0, { maxConcurrency: 16 })
    await settle()
    Object.assign(budget, { remaining: 0, resetAfterMs: 30_000 })
    void wait('two', 1, { maxConcurrency: 16 })
    await pass(29_000)
    expect(allowed).to.deep.equal(['one at 0'])
    expect(log.saw('identify waits, the budget of the day is spent')).to.equal(true)
    // Discord gave it back, and some process was told.
    counts.set('muster:identify:left', 1_000)
    await pass(3_000)
    expect(allowed).to.have.length(2)
    expect(clock.pending()).to.equal(0)
  })

  it('a Redis that forgot the budget stops nobody: Discord still knows it', async () => {
    const { allowed, wait, counts, budgetEnds } = setUp()
    const waiting = wait('one', 0)
    counts.clear()
    budgetEnds.clear()
    await waiting
    expect(allowed).to.deep.equal(['one at 0'])
    expect(counts.has('muster:identify:left')).to.equal(false)
  })
})
