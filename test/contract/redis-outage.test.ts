/**
 * Redis away, silent, or answering into the void: every command fails soon, none is sent twice, and all come back.
 *
 * Method: a wire between client and server that the test cuts or holds (tcp-proxy.ts).
 */
import { expect } from 'chai'
import { createSystemClock } from '../../kernel/clock.ts'
import { guildId, incarnation, opId } from '../../kernel/ids.ts'
import { silentLog } from '../../kernel/log.ts'
import type { Log } from '../../kernel/log.ts'
import { slot } from '../../actors/ownership/slots.ts'
import { createRedisAdvisoryLock } from '../../actors/ownership/redis-advisory-lock.ts'
import { createRedisConnection, openRedis, silentServerMs } from '../../actors/ownership/redis-connection.ts'
import type { RedisConnection } from '../../actors/ownership/redis-connection.ts'
import { askRedis } from '../../actors/ownership/redis-failure.ts'
import { createRedisKeys } from '../../actors/ownership/redis-keys.ts'
import { createRedisLeaseStore } from '../../actors/ownership/redis-lease-store.ts'
import type { InboxEntry } from '../../actors/runtime/ports.ts'
import { createRedisInbox } from '../../actors/transport/redis-inbox.ts'
import { createRedisMessageBus } from '../../actors/transport/redis-message-bus.ts'
import { firstStreamId } from '../../actors/transport/stream-id.ts'
import { createDeferred } from '../support/deferred.ts'
import { testRedisPrefix, testServers, testServersTimeoutMs } from '../support/servers.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import type { TcpProxy } from '../support/tcp-proxy.ts'
import { ended, openTestRedis } from './redis-stores.ts'

const anna = incarnation('host:1:anna')
const entry: InboxEntry = { guildId: guildId('1'), opId: opId('op'), command: '{}', receivedAt: null, deadlineAt: null, replyTo: null }

describe('redis away', () => {
  const keys = createRedisKeys(testRedisPrefix())
  const clock = createSystemClock()
  let wire: TcpProxy
  let direct: RedisConnection
  let opened: RedisConnection[]
  let lines: string[]

  beforeEach(async function () {
    this.timeout(testServersTimeoutMs)
    const { hostname, port } = new URL((await testServers()).redisUrl)
    wire = await startTcpProxy({ host: hostname, port: Number(port) })
    direct = await openTestRedis('direct')
    opened = []
    lines = []
  })
  afterEach(async () => {
    await Promise.all([...opened, direct].map(ended))
    await wire.close()
  })

  /** A connection over the wire; what it logs above debug is kept. */
  async function openOverWire(role: string, commandTimeoutMs = 100): Promise<RedisConnection> {
    const log: Log = { ...silentLog, info: (phrase) => lines.push(phrase), warn: (phrase) => lines.push(phrase), scope: () => log }
    const url = new URL((await testServers()).redisUrl)
    url.port = String(wire.port)
    const redis = createRedisConnection({ log }, { url: url.href, role, commandTimeoutMs, connectTimeoutMs: 1_000 })
    opened.push(redis)
    await openRedis(redis)
    return redis
  }

  const whenReady = (redis: RedisConnection): Promise<unknown> =>
    redis.status === 'ready' ? Promise.resolve() : new Promise((resolve) => redis.once('ready', resolve))
  const codeOfFailure = (work: Promise<unknown>): Promise<unknown> =>
    work.then(() => 'no failure', (error: unknown) => (error as { code?: unknown }).code)

  it('adds once when the answer is lost', async () => {
    const commands = await openOverWire('commands', 1_000)
    const inbox = createRedisInbox({ commands, listener: null, keys, clock, log: silentLog }, { depthMax: 10 })
    await inbox.add(slot(1), entry)
    wire.holdAnswers()
    const adding = codeOfFailure(inbox.add(slot(1), entry))
    while ((await direct.xlen(keys.inbox(slot(1)))) < 2);
    wire.cut()
    wire.heal()
    expect(await adding).to.equal('redis-unavailable')
    await whenReady(commands)
    await commands.ping()
    expect(await direct.xlen(keys.inbox(slot(1)))).to.equal(2)
  })

  it('fails a command soon when the server is silent', async () => {
    const leases = createRedisLeaseStore({ redis: await openOverWire('leases'), keys })
    wire.holdAnswers()
    expect(await codeOfFailure(leases.renewLease({ incarnation: anna, ttlMs: 1_000, renewal: 1 }))).to.equal('redis-unavailable')
  })

  it('makes a connection anew on which an answer is owed for too long', async function () {
    this.timeout(4 * silentServerMs)
    const commands = await openOverWire('commands')
    wire.holdAnswers()
    const cut = new Promise((resolve) => commands.once('close', resolve))
    expect(await codeOfFailure(askRedis('ping', {}, () => commands.ping()))).to.equal('redis-unavailable')
    await cut
    wire.heal()
    await whenReady(commands)
    expect(await commands.ping()).to.equal('PONG')
  })

  it('reads what was added while no bell was heard', async () => {
    const listener = await openOverWire('listener')
    const inbox = createRedisInbox({ commands: direct, listener, keys, clock, log: silentLog }, { depthMax: 10 })
    await inbox.add(slot(3), entry)
    const [first] = await inbox.read({ positions: new Map([[slot(3), firstStreamId]]), countMax: 10, blockMs: 3_000 })
    const positions = new Map([[slot(3), first?.position ?? '']])
    wire.holdAnswers()
    await inbox.add(slot(3), { ...entry, opId: opId('unheard') })
    wire.cut()
    wire.heal()
    await whenReady(listener)
    const entries = await inbox.read({ positions, countMax: 10, blockMs: 60_000 })
    expect(entries.map((one) => one.opId)).to.deep.equal(['unheard'])
  })

  it('fails every port at once when the server is gone, and all work when it is back', async () => {
    const commands = await openOverWire('commands')
    const listener = await openOverWire('listener')
    const subscriber = await openOverWire('subscriber')
    const leases = createRedisLeaseStore({ redis: commands, keys })
    const inbox = createRedisInbox({ commands, listener, keys, clock, log: silentLog }, { depthMax: 10 })
    const bus = createRedisMessageBus({ commands, subscriber, keys, log: silentLog })
    const heard = createDeferred<string>()
    await bus.subscribe('replies', (message) => heard.resolve(message))
    const positions = new Map([[slot(2), firstStreamId]])
    const reading = codeOfFailure(inbox.read({ positions, countMax: 10, blockMs: 3_000 }))

    wire.cut({ refuse: true })
    expect(await reading).to.equal('redis-unavailable')
    const failures = [
      leases.renewLease({ incarnation: anna, ttlMs: 1_000, renewal: 1 }),
      leases.liveness(),
      leases.readDirectory(),
      inbox.add(slot(2), entry),
      inbox.read({ positions, countMax: 10, blockMs: 3_000 }),
      inbox.lastPositions([slot(2)]),
      inbox.trim(positions),
      bus.publish('replies', 'lost'),
      bus.subscribe('other', () => undefined),
    ]
    expect(await Promise.all(failures.map(codeOfFailure))).to.deep.equal(failures.map(() => 'redis-unavailable'))

    wire.heal()
    await Promise.all([commands, listener, subscriber].map(whenReady))
    await leases.renewLease({ incarnation: anna, ttlMs: 60_000, renewal: 1 })
    expect((await leases.liveness()).live).to.deep.equal([anna])
    await inbox.add(slot(2), entry)
    expect(await inbox.read({ positions, countMax: 10, blockMs: 3_000 })).to.have.length(1)
    // Subscriptions come back by themselves; only when they stand is a message sure to arrive.
    while ((await direct.pubsub('NUMSUB', keys.channel('replies')))[1] === 0);
    await bus.publish('replies', 'back')
    expect(await heard.promise).to.equal('back')
  })

  it('logs one line when the connection goes and one when it is back', async () => {
    const commands = await openOverWire('commands')
    const attempts = createDeferred<void>()
    let attemptCount = 0
    commands.on('reconnecting', () => {
      attemptCount += 1
      if (attemptCount === 4) attempts.resolve()
    })
    wire.cut({ refuse: true })
    await attempts.promise
    wire.heal()
    await whenReady(commands)
    expect(lines).to.deep.equal(['redis connection lost', 'redis connection back'])
  })

  it('does the work without the lock, in time', async () => {
    const locks = createRedisAdvisoryLock({ redis: await openOverWire('locks', 5_000), keys, clock, log: silentLog })
    wire.holdAnswers()
    const startedAt = clock.monotonicMs()
    expect(await locks.withLock({ resource: 'takeover', waitMs: 100 }, () => Promise.resolve('done'))).to.equal('done')
    expect(clock.monotonicMs() - startedAt).to.be.lessThan(1_000)
    wire.cut()
  })

  it('sends a script again that the server has forgotten', async () => {
    const leases = createRedisLeaseStore({ redis: direct, keys })
    await leases.renewLease({ incarnation: anna, ttlMs: 1_000, renewal: 1 })
    await direct.script('FLUSH')
    await leases.renewLease({ incarnation: anna, ttlMs: 1_000, renewal: 1 })
    expect((await leases.liveness()).live).to.deep.equal([anna])
  })

  it('says where it wanted to connect, without the password', async () => {
    const url = 'redis://user:hidden@127.0.0.1:1'
    const redis = createRedisConnection({ log: silentLog }, { url, role: 'nowhere', commandTimeoutMs: 100, connectTimeoutMs: 500 })
    opened.push(redis)
    const failure: unknown = await openRedis(redis).catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'redis-unavailable')
    expect(failure).to.have.property('message').that.includes('127.0.0.1:1').and.does.not.include('hidden')
  })
})
