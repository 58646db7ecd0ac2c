/**
 * The limit per address: counted over processes in Redis, in memory while Redis is away; and whose address counts when a
 * proxy stands in front.
 */
import { expect } from 'chai'
import { createAddressLimit, keyOfAddress } from '../../api/address-limit.ts'
import type { AddressLimit } from '../../api/address-limit.ts'
import { closeRedis, createRedisConnection, openRedis } from '../../actors/ownership/redis-connection.ts'
import type { RedisConnection } from '../../actors/ownership/redis-connection.ts'
import { silentLog } from '../../kernel/log.ts'
import { startTestApi } from '../support/api-app.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createTestCluster } from '../support/records.ts'
import { testRedisPrefix, testServers, testServersTimeoutMs } from '../support/servers.ts'

const pointsPerMinute = 40

/** How many of `wanted` questions one after the other are let through. */
async function allowed(limit: AddressLimit, address: string, wanted: number, points = 1): Promise<number> {
  let count = 0
  for (let asked = 0; asked < wanted; asked++) if ((await limit.spend(address, points)) === null) count += 1
  return count
}

describe('address limit', function () {
  this.timeout(testServersTimeoutMs)
  let redis: RedisConnection
  let prefix: string
  const clock = createManualClock()
  const open = (given: RedisConnection | null, keyPrefix: string) => createAddressLimit({ clock, redis: given }, { pointsPerMinute, keyPrefix })

  before(async () => {
    const { redisUrl } = await testServers()
    redis = createRedisConnection({ log: silentLog }, { url: redisUrl, role: 'test', commandTimeoutMs: 1_000, connectTimeoutMs: 2_000 })
    await openRedis(redis)
  })
  after(() => closeRedis(redis))
  beforeEach(() => (prefix = testRedisPrefix()))

  it('lets an address ask so much, and says when it may again', async () => {
    const limit = open(redis, prefix)
    expect(await allowed(limit, '192.0.2.1', 50)).to.equal(pointsPerMinute)
    expect(await limit.spend('192.0.2.1', 1)).to.be.within(1, 60)
    expect(await allowed(limit, '192.0.2.2', 10)).to.equal(10)
  })

  it('counts what costs more as more', async () => {
    expect(await allowed(open(redis, prefix), '192.0.2.1', 10, 10)).to.equal(4)
  })

  it('counts over processes, to less than a block of each', async () => {
    const processes = [open(redis, prefix), open(redis, prefix), open(redis, prefix)]
    let count = 0
    for (let round = 0; round < 30; round++) for (const limit of processes) count += (await limit.spend('192.0.2.1', 1)) === null ? 1 : 0
    expect(count).to.be.within(pointsPerMinute - 6, pointsPerMinute)
  })

  it('many questions at once are not many blocks', async () => {
    const limit = open(redis, prefix)
    const answers = await Promise.all(Array.from({ length: 60 }, async () => await limit.spend('192.0.2.1', 1)))
    expect(answers.filter((wait) => wait === null)).to.have.length(pointsPerMinute)
  })

  it('goes on in memory while Redis is away', async () => {
    const away = createRedisConnection({ log: silentLog }, { url: 'redis://127.0.0.1:1', role: 'test', commandTimeoutMs: 200, connectTimeoutMs: 200 })
    try {
      expect(await allowed(open(away, prefix), '192.0.2.1', 50)).to.equal(pointsPerMinute)
    } finally {
      closeRedis(away)
    }
  })

  it('counts IPv6 by its household', () => {
    const keys = [
      ['192.0.2.1', '192.0.2.1'], ['::ffff:192.0.2.1', '192.0.2.1'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:DB8:1:2::6', '2001:db8:1:2::/64'], ['2001:db8::1', '2001:db8:0:0::/64'], ['::1', '0:0:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ] as const
    for (const [address, key] of keys) expect(keyOfAddress(address), address).to.equal(key)
  })

  describe('over HTTP', () => {
    const statuses = async (trustedProxies: readonly string[], address: (index: number) => string): Promise<number[]> => {
      const limit = open(null, prefix)
      const api = await startTestApi(createTestCluster(), { deps: { limit }, options: { trustedProxies } })
      try {
        const answers: number[] = []
        for (let index = 0; index < pointsPerMinute + 5; index++) {
          const response = await fetch(`${api.url}/keys`, { headers: { 'x-forwarded-for': address(index) } })
          answers.push(response.status)
          if (response.status === 429) expect(Number(response.headers.get('retry-after'))).to.be.within(1, 60)
        }
        expect((await fetch(`${api.url}/health/ready`)).status).to.equal(200)
        return answers
      } finally {
        await api.stop()
      }
    }

    it('believes X-Forwarded-For of nobody unless told to', async () => {
      expect((await statuses([], (index) => `203.0.113.${index}`)).at(-1)).to.equal(429)
    })

    it('believes it of a configured proxy, and then each address has its own', async () => {
      expect(await statuses(['127.0.0.1'], (index) => `203.0.113.${index}`)).not.to.include(429)
      expect((await statuses(['127.0.0.1'], () => '203.0.113.7')).at(-1)).to.equal(429)
      // What the client itself wrote stands left of what the proxy added, and counts for nothing.
      expect((await statuses(['127.0.0.1'], (index) => `198.51.100.${index}, 203.0.113.7`)).at(-1)).to.equal(429)
    })

    it('a proxy of another address is not believed', async () => {
      expect((await statuses(['192.0.2.0/24'], (index) => `203.0.113.${index}`)).at(-1)).to.equal(429)
    })
  })
})
