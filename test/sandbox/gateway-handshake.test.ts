import { GatewayCloseCodes, GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10'
import { expect } from 'chai'
import { createHarness, identifyData } from './harness.ts'
import { createManualClock } from '../support/manual-clock.ts'

const { Identify, Heartbeat, HeartbeatAck, InvalidSession, Hello, RequestGuildMembers } = GatewayOpcodes

describe('sandbox gateway: handshake', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  it('says HELLO first, then READY with unavailable guilds, then each guild as available', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one' })
    const socket = await harness.socket(sandbox)
    const hello = await socket.frame(() => true)
    expect(hello.op).to.equal(Hello)
    expect(hello.d['heartbeat_interval']).to.equal(41_250)
    socket.send(Identify, identifyData(sandbox))
    const ready = await socket.dispatch('READY')
    expect(ready.s).to.equal(1)
    expect(ready.d.guilds).to.deep.equal([{ id: guild.id, unavailable: true }])
    const created = await socket.dispatch('GUILD_CREATE')
    expect(created.d['unavailable']).to.equal(false)
    expect(created.d['member_count']).to.equal(2)
  })

  it('lists in GUILD_CREATE only the bot and who is in voice, unless the session has presences', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { identifyIntervalMs: 0 } })
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const ada = guild.addMember({ username: 'ada' })
    guild.addMember({ username: 'idle' })
    ada.joinVoice(guild.channel('V').id)
    const membersSeen = async (intents: number): Promise<number> => {
      const socket = await harness.socket(sandbox)
      socket.send(Identify, identifyData(sandbox, { intents }))
      const { d } = await socket.dispatch('GUILD_CREATE')
      return (d['members'] as unknown[]).length
    }
    expect(await membersSeen(GatewayIntentBits.Guilds)).to.equal(2)
    expect(await membersSeen(GatewayIntentBits.Guilds | GatewayIntentBits.GuildPresences)).to.equal(4)
  })

  const refusals: [what: string, patch: object, code: number][] = [
    ['a wrong token', { token: 'wrong', shard: [9, 1] }, GatewayCloseCodes.AuthenticationFailed],
    ['a shard id beyond the count', { shard: [1, 1], intents: -1 }, GatewayCloseCodes.InvalidShard],
    ['a shard that is no pair of numbers', { shard: 'x' }, GatewayCloseCodes.InvalidShard],
    ['too many guilds on the shard', { shard: [0, 1], intents: 'x' }, GatewayCloseCodes.ShardingRequired],
    ['intents that are no number', { shard: [0, 4], intents: 'x' }, GatewayCloseCodes.InvalidIntents],
    ['intents Discord does not know', { shard: [0, 4], intents: 1 << 30 }, GatewayCloseCodes.InvalidIntents],
    ['a privileged intent that is not enabled', { shard: [0, 4], intents: 1 << 15 }, GatewayCloseCodes.DisallowedIntents],
    ['data that is no identify', { token: 7 }, GatewayCloseCodes.DecodeError],
  ]
  for (const [what, patch, code] of refusals) {
    it(`closes with ${code} for ${what} (one guild a shard allowed)`, async () => {
      const sandbox = await harness.sandbox({ gatewayLimits: { guildsPerShardMax: 1 }, privilegedIntents: 0 })
      sandbox.people.createGuild({ name: 'one' })
      sandbox.people.createGuild({ name: 'two' })
      const socket = await harness.socket(sandbox)
      socket.send(Identify, identifyData(sandbox, patch))
      expect(await socket.closed).to.equal(code)
    })
  }

  it('closes with 4012 for a version it does not speak', async () => {
    const sandbox = await harness.sandbox()
    const socket = await harness.socket(sandbox, '?v=6')
    socket.send(Identify, identifyData(sandbox))
    expect(await socket.closed).to.equal(GatewayCloseCodes.InvalidAPIVersion)
  })

  it('closes with 4005 for a second identify', async () => {
    const sandbox = await harness.sandbox()
    const socket = await harness.socket(sandbox)
    socket.send(Identify, identifyData(sandbox))
    await socket.dispatch('READY')
    socket.send(Identify, identifyData(sandbox))
    expect(await socket.closed).to.equal(GatewayCloseCodes.AlreadyAuthenticated)
  })

  const badFrames: [what: string, text: string, code: number][] = [
    ['what is not JSON', 'hello', GatewayCloseCodes.DecodeError],
    ['JSON without an opcode', '{}', GatewayCloseCodes.DecodeError],
    ['4,097 bytes', JSON.stringify({ op: 1, d: 'x'.repeat(4_082) }), GatewayCloseCodes.DecodeError],
    ['anything but a heartbeat before identify', '{"op":3,"d":{}}', GatewayCloseCodes.NotAuthenticated],
  ]
  for (const [what, text, code] of badFrames) {
    it(`closes with ${code} for ${what}`, async () => {
      const sandbox = await harness.sandbox()
      const socket = await harness.socket(sandbox)
      socket.sendText(text)
      expect(await socket.closed).to.equal(code)
    })
  }

  it('closes with 4001 for an opcode it does not know', async () => {
    const sandbox = await harness.sandbox()
    const socket = await harness.socket(sandbox)
    socket.send(Identify, identifyData(sandbox))
    await socket.dispatch('READY')
    socket.send(77, {})
    expect(await socket.closed).to.equal(GatewayCloseCodes.UnknownOpcode)
  })

  it('closes with 4008 at the 121st frame of a minute, and not before', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock })
    const socket = await harness.socket(sandbox)
    for (let sent = 0; sent < 120; sent += 1) socket.send(Heartbeat, null)
    await socket.frame((frame) => frame.op === HeartbeatAck && socket.frames.filter(({ op }) => op === HeartbeatAck).length === 120)
    clock.advance(60_000)
    for (let sent = 0; sent < 121; sent += 1) socket.send(Heartbeat, null)
    expect(await socket.closed).to.equal(GatewayCloseCodes.RateLimited)
  })

  it('closes with 4009 when heartbeats stay away, and the session is over', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock })
    const socket = await harness.socket(sandbox)
    socket.send(Identify, identifyData(sandbox))
    await socket.dispatch('READY')
    clock.advance(41_250)
    expect(sandbox.gateway.sessions()).to.have.length(1)
    clock.advance(41_250)
    expect(await socket.closed).to.equal(GatewayCloseCodes.SessionTimedOut)
    expect(sandbox.gateway.sessions()).to.have.length(0)
  })

  it('answers op 9 to an identify of a bucket used less than 5 s ago, and accepts another bucket', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock, gatewayLimits: { maxConcurrency: 2 } })
    const identify = async (shard: number) => {
      const socket = await harness.socket(sandbox)
      socket.send(Identify, identifyData(sandbox, { shard: [shard, 4] }))
      return socket.frame(({ op, t }) => op === InvalidSession || t === 'READY')
    }
    expect((await identify(0)).t).to.equal('READY')
    expect((await identify(1)).t).to.equal('READY')
    const refused = await identify(2)
    expect([refused.op, refused.d]).to.deep.equal([InvalidSession, false])
    clock.advance(5_000)
    expect((await identify(2)).t).to.equal('READY')
  })

  it('lets a bot identify 1,000 times a day, tells how many are left, and refuses the next (no waiting between)', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock, gatewayLimits: { identifiesPerDay: 2, identifyIntervalMs: 0 } })
    const identify = async () => {
      const socket = await harness.socket(sandbox)
      socket.send(Identify, identifyData(sandbox))
      return Promise.race([socket.closed, socket.dispatch('READY').then(() => 'ready')])
    }
    expect(sandbox.gateway.gatewayInfo().session_start_limit).to.include({ total: 2, remaining: 2, max_concurrency: 1 })
    expect(await identify()).to.equal('ready')
    expect(await identify()).to.equal('ready')
    expect(sandbox.gateway.gatewayInfo().session_start_limit).to.include({ remaining: 0, reset_after: 86_400_000 })
    expect(await identify()).to.equal(GatewayCloseCodes.AuthenticationFailed)
    clock.advance(86_400_000)
    expect(await identify()).to.equal('ready')
  })

  it('has Discord’s limits by default', async () => {
    const sandbox = await harness.sandbox()
    const { session_start_limit: limit, shards } = sandbox.gateway.gatewayInfo()
    expect(limit).to.deep.equal({ total: 1_000, remaining: 1_000, reset_after: 0, max_concurrency: 1 })
    expect(shards).to.equal(1)
  })

  it('answers a member request in chunks of exactly 1,000, and the next within 30 s with RATE_LIMITED', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock })
    const guild = sandbox.people.createGuild({ name: 'large' })
    for (let index = 0; index < 2_100; index += 1) guild.addMember({ username: `member${index}` })
    const socket = await harness.socket(sandbox)
    socket.send(Identify, identifyData(sandbox, { intents: GatewayIntentBits.Guilds | GatewayIntentBits.GuildMembers }))
    await socket.dispatch('READY')
    const request = { guild_id: guild.id, query: '', limit: 0, nonce: 'n' }
    socket.send(RequestGuildMembers, request)
    const last = await socket.frame(({ t, d }) => t === 'GUILD_MEMBERS_CHUNK' && d['chunk_index'] === 2)
    const sizes = socket.frames.filter(({ t }) => t === 'GUILD_MEMBERS_CHUNK').map(({ d }) => (d['members'] as unknown[]).length)
    expect(sizes).to.deep.equal([1_000, 1_000, 102])
    expect(last.d).to.include({ chunk_count: 3, nonce: 'n' })
    clock.advance(10_000)
    socket.send(RequestGuildMembers, request)
    const limited = await socket.dispatch('RATE_LIMITED')
    expect(limited.d).to.deep.include({ opcode: 8, retry_after: 20, meta: { guild_id: guild.id, nonce: 'n' } })
    socket.send(RequestGuildMembers, { guild_id: guild.id, user_ids: [guild.owner().userId, '1'] })
    const byId = await socket.frame(({ t, d }) => t === 'GUILD_MEMBERS_CHUNK' && d['not_found'] !== undefined)
    expect(byId.d['not_found']).to.deep.equal(['1'])
  })
})
