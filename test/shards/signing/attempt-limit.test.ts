/** Tries of passphrases: five a minute and guild over all processes, and five a process while Redis is away. */
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { guildId } from '../../../kernel/ids.ts'
import { attemptsPerMinuteMax, createAttemptLimit } from '../../../shards/signing/attempt-limit.ts'
import { testGuild } from '../../support/records.ts'
import { testRedisPrefix, testServers, testServersTimeoutMs } from '../../support/servers.ts'

describe('tries of passphrases', () => {
  const connections: Redis[] = []
  const keyPrefix = testRedisPrefix()
  let url: string

  before(async function () {
    this.timeout(testServersTimeoutMs)
    url = (await testServers()).redisUrl
  })
  after(() => connections.forEach((redis) => redis.disconnect()))

  async function open(): Promise<Redis> {
    const redis = new Redis(url, { lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
    connections.push(redis)
    await redis.connect()
    return redis
  }

  it('are counted together, whichever process is asked; another guild counts for itself', async () => {
    const [one, two] = [createAttemptLimit(await open(), { keyPrefix }), createAttemptLimit(await open(), { keyPrefix })]
    const taken: boolean[] = []
    for (let attempt = 0; attempt < attemptsPerMinuteMax + 2; attempt += 1) taken.push((await (attempt % 2 === 0 ? one : two).tryTake(testGuild)).ok)
    expect(taken).to.deep.equal([true, true, true, true, true, false, false])
    const refused = await two.tryTake(testGuild)
    expect(!refused.ok && refused.waitMs).to.be.within(1, 60_000)
    expect((await two.tryTake(guildId('1142857142857142858'))).ok).to.equal(true)
  })

  it('end with their minute: what is counted has an end in Redis itself', async () => {
    const redis = await open()
    const [key] = await redis.keys(`${keyPrefix}passphrase:${testGuild}`)
    expect(await redis.pttl(key!)).to.be.within(1, 60_000)
    await redis.del(key!)
    expect((await createAttemptLimit(redis, { keyPrefix }).tryTake(testGuild)).ok).to.equal(true)
  })

  it('while Redis is away are counted by each process alone', async () => {
    const redis = await open()
    const limit = createAttemptLimit(redis, { keyPrefix: testRedisPrefix() })
    redis.disconnect()
    const taken: boolean[] = []
    for (let attempt = 0; attempt < attemptsPerMinuteMax + 1; attempt += 1) taken.push((await limit.tryTake(testGuild)).ok)
    expect(taken).to.deep.equal([true, true, true, true, true, false])
  })
})
