import { expect } from 'chai'
import type { WatchedShard } from '../../../actors/runtime/ports.ts'
import { ShardWatch } from '../../../shards/gateway/shard-watch.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const base = 1_000_000

async function setUp(stored: readonly Omit<WatchedShard, 'shardCount'>[] = [], shardIds: readonly number[] = [0, 1]) {
  const clock = createManualClock()
  const log = createListeningLog()
  const written: string[] = []
  const world = { fails: false, serves: true, answer: Promise.resolve() }
  const watch = new ShardWatch(
    {
      clock,
      log,
      now: () => base + clock.monotonicMs(),
      serves: () => world.serves,
      store: {
        readWatched: () => Promise.resolve(stored.map((shard) => ({ shardCount: 4, ...shard }))),
        async writeWatched(shards) {
          if (world.fails) throw new Error('postgres is away')
          written.push(...shards.map(({ shardCount, shardId, watchedUntil }) => `${shardId}/${shardCount} ${watchedUntil - base}`))
          await world.answer
        },
      },
    },
    { shardCount: 4 },
  )
  await watch.start(shardIds)
  /** READY, and its reconcile durable. */
  const beginAndConfirm = async (shardId: number): Promise<void> => {
    watch.begin(shardId)
    await watch.confirm(shardId, watch.lastReady(shardId))
  }
  return { clock, log, watch, written, world, beginAndConfirm }
}

describe('the watch of a shard', () => {
  it('before READY the gap began where an earlier process stopped, or was always there', async () => {
    const { watch } = await setUp([{ shardId: 0, watchedUntil: 999_000 }])
    expect([watch.gapSince(0), watch.gapSince(1)]).to.deep.equal([999_000, 0])
  })

  it('a stored instant in the future is not believed', async () => {
    const { watch } = await setUp([{ shardId: 0, watchedUntil: base + 99_000 }])
    expect(watch.gapSince(0)).to.equal(base)
  })

  it('is written every five seconds, and when its reconcile is durable', async () => {
    const { clock, written, beginAndConfirm } = await setUp()
    await beginAndConfirm(0)
    expect(written).to.deep.equal(['0/4 0'])
    for (let round = 0; round < 2; round += 1) {
      clock.advance(5_000)
      await settle()
    }
    expect(written.slice(1)).to.deep.equal(['0/4 5000', '0/4 10000'])
  })

  it('between READY and its reconcile nothing is written: a process killed in between would hide the gap', async () => {
    const { clock, written, watch } = await setUp()
    watch.begin(0)
    clock.advance(5_000)
    watch.lose(0)
    await settle()
    expect(written).to.deep.equal([])
  })

  it('a confirmation of an earlier READY does not stand for a later one', async () => {
    const { written, watch } = await setUp()
    watch.begin(0)
    const first = watch.lastReady(0)
    watch.begin(0)
    await watch.confirm(0, first)
    expect(written).to.deep.equal([])
    await watch.confirm(0, watch.lastReady(0))
    expect(written).to.deep.equal(['0/4 0'])
  })

  it('a lost socket is written at once, and the gap is from there; told twice changes nothing', async () => {
    const { clock, watch, written, beginAndConfirm } = await setUp()
    await beginAndConfirm(0)
    clock.advance(1_000)
    watch.lose(0)
    clock.advance(500)
    watch.lose(0)
    await settle()
    expect(watch.gapSince(0)).to.equal(base + 1_000)
    expect(written).to.deep.equal(['0/4 0', '0/4 1000'])
    clock.advance(10_000)
    await settle()
    expect(written, 'nobody watches').to.have.length(2)
    watch.resume(0)
    expect(watch.gapSince(0)).to.equal(null)
    clock.advance(5_000)
    await settle()
    expect(written.at(-1)).to.match(/^0\/4 1[56]/)
  })

  it('while a slot of the shard is another’s nothing is written: that one’s word counts', async () => {
    const { clock, world, written, watch, beginAndConfirm } = await setUp()
    await beginAndConfirm(0)
    world.serves = false
    clock.advance(5_000)
    watch.lose(0)
    await settle()
    expect(written).to.deep.equal(['0/4 0'])
    world.serves = true
    watch.resume(0)
    clock.advance(5_000)
    await settle()
    expect(written).to.deep.equal(['0/4 0', '0/4 10000'])
  })

  it('while Postgres is away it goes on; the stored instant is older then, never newer', async () => {
    const { clock, log, world, written, beginAndConfirm } = await setUp()
    await beginAndConfirm(0)
    world.fails = true
    clock.advance(5_000)
    await settle()
    expect(log.saw('watched_until could not be written')).to.equal(true)
    world.fails = false
    clock.advance(5_000)
    await settle()
    expect(written).to.deep.equal(['0/4 0', '0/4 10000'])
  })

  it('stopping writes the last instant, and nothing afterwards', async () => {
    const { clock, watch, written, world, beginAndConfirm } = await setUp()
    await beginAndConfirm(0)
    const held = createDeferred<void>()
    world.answer = held.promise
    clock.advance(5_000)
    const stopped = watch.stop()
    held.resolve()
    await stopped
    await settle()
    expect(written).to.deep.equal(['0/4 0', '0/4 5000', '0/4 5000'])
    clock.advance(60_000)
    await settle()
    expect([written.length, clock.pending()]).to.deep.equal([3, 0])
  })
})
