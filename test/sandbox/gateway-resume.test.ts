import { GatewayCloseCodes, GatewayOpcodes } from 'discord-api-types/v10'
import { expect } from 'chai'
import type { Sandbox } from '../../sandbox/server.ts'
import { createManualClock } from '../support/manual-clock.ts'
import type { RawSocket } from './harness.ts'
import { createHarness, identifyData } from './harness.ts'

const { Identify, Resume, InvalidSession } = GatewayOpcodes

describe('sandbox gateway: sessions and RESUME', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  async function identified(sandbox: Sandbox, patch: object = {}): Promise<{ socket: RawSocket; sessionId: string }> {
    const socket = await harness.socket(sandbox)
    socket.send(Identify, identifyData(sandbox, patch))
    const ready = await socket.dispatch('READY')
    return { socket, sessionId: ready.d.session_id ?? '' }
  }
  async function resumed(sandbox: Sandbox, data: { session_id: string; seq: number; token?: string }): Promise<RawSocket> {
    const socket = await harness.socket(sandbox)
    socket.send(Resume, { token: sandbox.token, ...data })
    return socket
  }
  const isVerdict = ({ op, t }: { op: number; t: string | null }): boolean => op === InvalidSession || t === 'RESUMED'

  it('replays what was missed under its old numbers, then says RESUMED under the next', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const ada = guild.addMember({ username: 'ada' })
    const { socket, sessionId } = await identified(sandbox)
    await socket.dispatch('GUILD_CREATE')
    socket.terminate()
    await socket.closed
    ada.joinVoice(guild.channel('V').id)
    ada.leaveVoice()
    const again = await resumed(sandbox, { session_id: sessionId, seq: 2 })
    await again.dispatch('RESUMED')
    const seen = again.frames.filter(({ op }) => op === 0).map(({ t, s }) => [t, s])
    expect(seen).to.deep.equal([
      ['VOICE_STATE_UPDATE', 3],
      ['VOICE_STATE_UPDATE', 4],
      ['RESUMED', 5],
    ])
  })

  it('replays also what the client had not acknowledged seeing: everything after its sequence', async () => {
    const sandbox = await harness.sandbox()
    sandbox.people.createGuild({ name: 'one' })
    const { socket, sessionId } = await identified(sandbox)
    await socket.dispatch('GUILD_CREATE')
    socket.terminate()
    const again = await resumed(sandbox, { session_id: sessionId, seq: 0 })
    await again.dispatch('RESUMED')
    expect(again.frames.filter(({ op }) => op === 0).map(({ t }) => t)).to.deep.equal(['READY', 'GUILD_CREATE', 'RESUMED'])
  })

  it('answers op 9 false for a session nobody knows, 4007 for a sequence from the future, 4004 for a wrong token', async () => {
    const sandbox = await harness.sandbox()
    const { sessionId } = await identified(sandbox)
    const unknown = await resumed(sandbox, { session_id: 'f'.repeat(32), seq: 1 })
    expect((await unknown.frame(isVerdict)).d).to.equal(false)
    const future = await resumed(sandbox, { session_id: sessionId, seq: 99 })
    expect(await future.closed).to.equal(GatewayCloseCodes.InvalidSeq)
    const stranger = await resumed(sandbox, { session_id: sessionId, seq: 1, token: 'wrong' })
    expect(await stranger.closed).to.equal(GatewayCloseCodes.AuthenticationFailed)
  })

  for (const code of [1000, 1001]) {
    it(`forgets a session whose client says goodbye with ${code}`, async () => {
      const sandbox = await harness.sandbox()
      const { socket, sessionId } = await identified(sandbox)
      socket.close(code)
      await socket.closed
      const again = await resumed(sandbox, { session_id: sessionId, seq: 1 })
      expect((await again.frame(isVerdict)).op).to.equal(InvalidSession)
    })
  }

  for (const code of [1001, 4000]) {
    it(`keeps a session that the server itself closed with ${code}`, async () => {
      const sandbox = await harness.sandbox()
      const { socket, sessionId } = await identified(sandbox)
      expect(sandbox.faults.closeConnections({ shard: 0, code })).to.equal(1)
      expect(await socket.closed).to.equal(code)
      const again = await resumed(sandbox, { session_id: sessionId, seq: 1 })
      expect((await again.frame(isVerdict)).t).to.equal('RESUMED')
    })
  }

  it('expires a session that stays without a socket', async () => {
    const clock = createManualClock()
    const sandbox = await harness.sandbox({ clock })
    const { sessionId } = await identified(sandbox)
    const lose = async (socketOf: string) => {
      sandbox.faults.closeConnections({ session: socketOf, code: 4000 })
    }
    await lose(sessionId)
    clock.advance(179_999)
    expect(sandbox.gateway.sessions()).to.have.length(1)
    clock.advance(1)
    const again = await resumed(sandbox, { session_id: sessionId, seq: 1 })
    expect((await again.frame(isVerdict)).op).to.equal(InvalidSession)
  })

  it('cannot be resumed once more was missed than is kept for replay (bound lowered to 10)', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { replayFramesMax: 10 } })
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const owner = guild.owner()
    const { sessionId } = await identified(sandbox)
    sandbox.faults.closeConnections({ code: 4000 })
    owner.joinVoice(guild.channel('V').id)
    for (let index = 0; index < 30; index += 1) owner.selfMute(index % 2 === 0)
    const again = await resumed(sandbox, { session_id: sessionId, seq: 2 })
    expect((await again.frame(isVerdict)).op).to.equal(InvalidSession)
  })

  it('lets two sessions of the same shard live side by side and tells both everything (no identify interval)', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { identifyIntervalMs: 0 } })
    const guild = sandbox.people.createGuild({ name: 'one' })
    const first = await identified(sandbox)
    const second = await identified(sandbox)
    guild.owner().post({ channel: guild.channel('general').id, content: 'hello' })
    await first.socket.dispatch('MESSAGE_CREATE')
    await second.socket.dispatch('MESSAGE_CREATE')
    expect(first.sessionId).not.to.equal(second.sessionId)
  })

  it('goes on over the newest socket and cuts the one before when a live session is resumed', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one' })
    const { socket, sessionId } = await identified(sandbox)
    const again = await resumed(sandbox, { session_id: sessionId, seq: 2 })
    await again.dispatch('RESUMED')
    expect(await socket.closed).to.equal(1006)
    guild.owner().post({ channel: guild.channel('general').id, content: 'hello' })
    expect((await again.dispatch('MESSAGE_CREATE')).s).to.equal(4)
  })
})
