/**
 * The watchdog on a real Redis and a real event loop that stands still: the loop is blocked on purpose, by counting.
 */
import { expect } from 'chai'
import { createRedisConnection, openRedis } from '../../../actors/ownership/redis-connection.ts'
import { createRedisKeys } from '../../../actors/ownership/redis-keys.ts'
import { createRedisLeaseStore } from '../../../actors/ownership/redis-lease-store.ts'
import type { RunningWatchdog } from '../../../actors/ownership/watchdog.ts'
import { startWatchdog } from '../../../actors/ownership/watchdog.ts'
import { createSystemClock } from '../../../kernel/clock.ts'
import { incarnation } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { silentLog } from '../../../kernel/log.ts'
import { testRedisPrefix, testServers, testServersTimeoutMs } from '../../support/servers.ts'

/** The thread looks every 100 ms and gives up after 1.2 s. */
const blockedMs = 2_000

function blockEventLoop(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('the watchdog', function () {
  this.timeout(testServersTimeoutMs)
  const me = incarnation('host:1:watched')
  let watchdog: RunningWatchdog
  let leases: ReturnType<typeof createRedisLeaseStore>
  let close: () => void

  before(async () => {
    const { redisUrl } = await testServers()
    const redisPrefix = testRedisPrefix()
    const redis = createRedisConnection({ log: silentLog }, { url: redisUrl, role: 'test', commandTimeoutMs: 2_000, connectTimeoutMs: 2_000 })
    await openRedis(redis)
    close = () => redis.disconnect()
    leases = createRedisLeaseStore({ redis, keys: createRedisKeys(redisPrefix) })
    watchdog = startWatchdog({ clock: createSystemClock(), log: silentLog }, { redisUrl, redisPrefix, incarnation: me })
    await watchdog.watching
  })

  after(async () => {
    await watchdog.stop()
    close()
  })

  it('lets the lease of a stalled loop go before its time, after raising the flag (I6)', async () => {
    await leases.renewLease({ incarnation: me, ttlMs: limits.leaseTtlMs, renewal: 1 })
    expect((await leases.liveness()).live).to.deep.equal([me])
    expect(watchdog.isTripped()).to.equal(false)
    blockEventLoop(blockedMs)
    expect(watchdog.isTripped(), 'seen on the very next line, before any I/O').to.equal(true)
    expect((await leases.liveness()).live).to.deep.equal([])
    expect(watchdog.tryReset()).to.equal(true)
    expect(watchdog.isTripped()).to.equal(false)
  })

  it('leaves a loop that moves alone', async () => {
    await leases.renewLease({ incarnation: me, ttlMs: limits.leaseTtlMs, renewal: 1 })
    blockEventLoop(500)
    expect(watchdog.isTripped()).to.equal(false)
    expect(watchdog.tryReset(), 'nothing to reset').to.equal(false)
  })
})
