import { expect } from 'chai'
import { Redis } from 'ioredis'
import { createRedisKeys } from '../../../actors/ownership/redis-keys.ts'
import type { StatusBoard } from '../../../actors/transport/redis-status-board.ts'
import { createRedisStatusBoard } from '../../../actors/transport/redis-status-board.ts'
import { incarnation } from '../../../kernel/ids.ts'
import { testRedisPrefix, testServers, testServersTimeoutMs } from '../../support/servers.ts'

describe('the board of statuses in Redis', () => {
  const [a, b] = [incarnation('host:1:aa'), incarnation('host:2:bb')]
  let redis: Redis
  let board: StatusBoard
  const keys = createRedisKeys(testRedisPrefix())

  before(async function () {
    this.timeout(testServersTimeoutMs)
    redis = new Redis((await testServers()).redisUrl)
    board = createRedisStatusBoard({ redis, keys })
  })
  after(() => redis?.disconnect())

  it('keeps what each told last, for as long as it said, and forgets what is taken back', async () => {
    await board.write({ incarnation: a, text: 'first', ttlMs: 60_000 })
    await board.write({ incarnation: a, text: 'second', ttlMs: 60_000 })
    expect(await board.read([b, a])).to.deep.equal(new Map([[a, 'second']]))
    expect(await redis.pttl(keys.status(a))).to.be.within(50_000, 60_000)
    await board.remove(a)
    expect(await board.read([a, b])).to.deep.equal(new Map())
    expect(await board.read([])).to.deep.equal(new Map())
  })

  it('has a place for what only the manager knows', async () => {
    expect(await board.readManager()).to.equal(null)
    await redis.set(keys.managerStatus, '{"kind":"manager"}')
    expect(await board.readManager()).to.equal('{"kind":"manager"}')
  })
})
