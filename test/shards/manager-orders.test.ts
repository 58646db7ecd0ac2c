/** Orders of the manager and what a shard process tells it: heard, ready under the order’s number, alive, empty. */
import { expect } from 'chai'
import type { ManagerMessage, ShardMessage } from '../../cluster/protocol.ts'
import { silentLog } from '../../kernel/log.ts'
import { ManagerOrders } from '../../shards/manager-orders.ts'
import { createDeferred } from '../support/deferred.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { settle } from '../support/settle.ts'

function setUp() {
  const clock = createManualClock()
  const told: ShardMessage[] = []
  const done: string[] = []
  const [heard, ready] = [createDeferred<{ guilds: number }>(), createDeferred<{ guilds: number }>()]
  const switches: ReturnType<typeof createDeferred<void>>[] = []
  const world = { owned: 0 }
  let order: (message: ManagerMessage) => void = () => undefined
  const orders = new ManagerOrders({
    clock,
    log: silentLog,
    link: {
      tell: async (message) => void told.push(message),
      onMessage: (listener) => void (order = listener),
    },
    shard: {
      whenHeard: () => heard.promise,
      whenReady: () => ready.promise,
      switchTo(slots) {
        done.push(`switch ${String(slots)}`)
        const one = createDeferred<void>()
        switches.push(one)
        return one.promise
      },
      handBack: () => void done.push('hand back'),
      retire: () => void done.push('retire'),
    },
    shards: [0, 1],
    ownedCount: () => world.owned,
    reportDead: (dead) => void done.push(`dead ${dead}`),
    drain: (reason) => void done.push(`drain ${reason}`),
  })
  const kinds = (): string[] => told.filter(({ kind }) => kind !== 'heartbeat').map((message) => JSON.stringify(message))
  return { clock, told, kinds, done, heard, ready, switches, world, orders, order: (message: ManagerMessage) => order(message) }
}

describe('the orders of a manager', () => {
  it('one that starts holding tells heard, and ready only after it was told to switch', async () => {
    const { orders, order, heard, ready, switches, kinds, done, world } = setUp()
    orders.tellStart({ startsHolding: true })
    heard.resolve({ guilds: 7 })
    ready.resolve({ guilds: 7 })
    await settle()
    expect(kinds()).to.deep.equal(['{"kind":"heard","guilds":7}'])
    order({ kind: 'switch', order: 3 })
    await settle()
    expect(done).to.deep.equal(['switch all'])
    expect(kinds()).to.have.length(1)
    world.owned = 192
    switches[0]?.resolve()
    await settle()
    expect(kinds()[1]).to.equal('{"kind":"ready","shards":[0,1],"guilds":7,"order":3}')
  })

  it('one that starts serving tells ready by itself', async () => {
    const { orders, heard, ready, kinds } = setUp()
    orders.tellStart({ startsHolding: false })
    heard.resolve({ guilds: 2 })
    ready.resolve({ guilds: 2 })
    await settle()
    expect(kinds()).to.deep.equal(['{"kind":"heard","guilds":2}', '{"kind":"ready","shards":[0,1],"guilds":2,"order":0}'])
  })

  it('is heard of every second, and ten times as often while slots move', async () => {
    const { orders, order, clock, told, heard, switches } = setUp()
    heard.resolve({ guilds: 0 })
    orders.startHeartbeats()
    clock.advance(3_000)
    expect(told).to.have.length(4)
    order({ kind: 'switch', order: 1 })
    clock.advance(1_000)
    expect(told.length).to.be.within(13, 16)
    switches[0]?.resolve()
    await settle()
    const before = told.length
    clock.advance(3_000)
    expect(told.length - before).to.be.within(3, 4)
    orders.stop()
    clock.advance(10_000)
    expect(told.length - before).to.be.within(3, 4)
  })

  it('retiring it ends when its last slot is gone', () => {
    const { order, clock, world, done } = setUp()
    world.owned = 2
    order({ kind: 'retire' })
    clock.advance(1_000)
    expect(done).to.deep.equal(['retire'])
    world.owned = 0
    clock.advance(100)
    expect(done).to.deep.equal(['retire', 'drain retired'])
  })

  it('hands back, hears of the dead, and drains when told', () => {
    const { order, done } = setUp()
    order({ kind: 'hand-back' })
    order({ kind: 'process-dead', incarnation: 'host:1:x' })
    order({ kind: 'drain' })
    expect(done).to.deep.equal(['hand back', 'dead host:1:x', 'drain manager'])
  })
})
