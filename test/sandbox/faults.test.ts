import { GatewayOpcodes } from 'discord-api-types/v10'
import { expect } from 'chai'
import { createGatewayFaults } from '../../sandbox/faults/gateway-faults.ts'
import { createRestFaults } from '../../sandbox/faults/rest-faults.ts'
import { createFaultsClient } from '../../sandbox/faults/client.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createManualClock } from '../support/manual-clock.ts'
import type { RawSocket } from './harness.ts'
import { createHarness, identifyData } from './harness.ts'

const { Identify, Heartbeat, HeartbeatAck, Resume, Reconnect, InvalidSession } = GatewayOpcodes

describe('sandbox faults: planned', () => {
  it('apply to the requests they name, so often, and then are gone', () => {
    const faults = createRestFaults()
    const passes = { delayMs: 0, answer: null, afterEffect: false }
    faults.rateLimitNext({ method: 'POST', route: '/a', times: 2, scope: 'shared', retryAfterMs: 1_500 })
    expect(faults.beforeRequest('GET', '/a')).to.deep.equal(passes)
    expect(faults.beforeRequest('POST', '/b')).to.deep.equal(passes)
    const limited = { delayMs: 0, answer: { status: 429, scope: 'shared', retryAfterMs: 1_500 }, afterEffect: false }
    expect(faults.beforeRequest('POST', '/a')).to.deep.equal(limited)
    expect(faults.beforeRequest('POST', '/a')).to.deep.equal(limited)
    expect(faults.beforeRequest('POST', '/a')).to.deep.equal(passes)
  })

  it('add latency until cleared', () => {
    const faults = createRestFaults()
    faults.delayRequests({ delayMs: 20 })
    expect(faults.beforeRequest('GET', '/a').delayMs).to.equal(20)
    expect(faults.beforeRequest('GET', '/b').delayMs).to.equal(20)
    faults.clear()
    expect(faults.beforeRequest('GET', '/a').delayMs).to.equal(0)
  })

  it('are refused beyond a thousand: who plans so many has lost count', () => {
    const faults = createGatewayFaults()
    for (let index = 0; index < 1_000; index += 1) faults.withholdResume({ shard: index })
    expect(() => faults.withholdResume({ shard: 1_000 })).to.throw('more than 1000 faults')
  })
})

describe('sandbox faults: at the gateway and over HTTP', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  async function session(sandbox: Sandbox, patch: object = {}): Promise<RawSocket> {
    const socket = await harness.socket(sandbox)
    socket.send(Identify, identifyData(sandbox, patch))
    await socket.dispatch('READY')
    return socket
  }

  it('withhold the acknowledgement of a heartbeat so often as asked', async () => {
    const sandbox = await harness.sandbox()
    const socket = await session(sandbox)
    sandbox.faults.withholdAck({ shard: 0, times: 1 })
    socket.send(Heartbeat, 1)
    socket.send(Heartbeat, 1)
    await socket.frame(({ op }) => op === HeartbeatAck)
    sandbox.people.createGuild({ name: 'later' })
    await socket.dispatch('GUILD_CREATE')
    expect(socket.frames.filter(({ op }) => op === HeartbeatAck)).to.have.length(1)
  })

  it('withhold the answer to RESUME: neither RESUMED nor op 9, and the next one is answered', async () => {
    const sandbox = await harness.sandbox()
    const first = await session(sandbox)
    const { session_id: sessionId } = (await first.dispatch('READY')).d
    first.terminate()
    const faults = createFaultsClient(sandbox.url())
    expect(await faults.withholdResume({ shard: 0 })).to.equal(null)
    const resume = { token: sandbox.token, session_id: sessionId, seq: 1 }
    const hanging = await harness.socket(sandbox)
    hanging.send(Resume, resume)
    hanging.send(Heartbeat, 1)
    await hanging.frame(({ op }) => op === HeartbeatAck)
    expect(hanging.frames.some(({ op, t }) => t === 'RESUMED' || op === InvalidSession)).to.equal(false)
    const next = await harness.socket(sandbox)
    next.send(Resume, resume)
    await next.dispatch('RESUMED')
  })

  it('withhold one GUILD_CREATE', async () => {
    const sandbox = await harness.sandbox()
    const [lost, seen] = [sandbox.people.createGuild({ name: 'lost' }), sandbox.people.createGuild({ name: 'seen' })]
    await createFaultsClient(sandbox.url()).withholdGuildCreate({ guildId: lost.id })
    const socket = await session(sandbox)
    const created = await socket.dispatch('GUILD_CREATE')
    expect(created.d.id).to.equal(seen.id)
    expect((await socket.dispatch('READY')).d.guilds).to.have.length(2)
  })

  it('act over HTTP on the connections they name and say on how many', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { maxConcurrency: 2 } })
    const faults = createFaultsClient(sandbox.url())
    const zero = await session(sandbox, { shard: [0, 2] })
    const one = await session(sandbox, { shard: [1, 2] })
    expect(await faults.requestReconnect({ shard: 1 })).to.equal(1)
    await one.frame(({ op }) => op === Reconnect)
    expect(await faults.requestHeartbeat({})).to.equal(2)
    await zero.frame(({ op }) => op === Heartbeat)
    expect(await faults.closeConnections({ shardCount: 2, shard: 0, code: 4000 })).to.equal(1)
    expect(await zero.closed).to.equal(4000)
    expect(await faults.invalidateSessions({ resumable: false })).to.equal(1)
    expect((await one.frame(({ op }) => op === InvalidSession)).d).to.equal(false)
    expect(await faults.dropConnections({ shard: 7 })).to.equal(0)
  })

  it('refuse arguments that make no sense with 400, and unknown faults with 404', async () => {
    const sandbox = await harness.sandbox()
    const post = async (path: string, body: string): Promise<number> =>
      (await fetch(`${sandbox.url()}${path}`, { method: 'POST', body })).status
    expect(await post('/faults/close', '{"code":7}')).to.equal(400)
    expect(await post('/faults/close', '{')).to.equal(400)
    expect(await post('/faults/earthquake', '{}')).to.equal(404)
  })

  it('delay a dispatch by the given time, numbered when it leaves', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock })
    const guild = sandbox.people.createGuild({ name: 'one' })
    const socket = await session(sandbox)
    sandbox.faults.delayDispatch({ t: 'MESSAGE_CREATE', delayMs: 1_000 })
    const channel = guild.channel('general').id
    const late = guild.owner().post({ channel, content: 'late' })
    const soon = guild.owner().post({ channel, content: 'soon' })
    expect((await socket.dispatch('MESSAGE_CREATE')).d.id).to.equal(soon.id)
    clock.advance(1_000)
    expect((await socket.frame(({ t, d }) => t === 'MESSAGE_CREATE' && d.id === late.id)).s).to.equal(4)
  })
})
