import { GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10'
import { expect } from 'chai'
import { isOnShard } from '../../sandbox/gateway/shard-route.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import type { RawSocket } from './harness.ts'
import { createHarness, identifyData } from './harness.ts'

const { Guilds, GuildMembers, GuildMessages, MessageContent, GuildVoiceStates, GuildModeration } = GatewayIntentBits

describe('sandbox gateway: who is told what', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  /** A session without identify interval, past READY. */
  async function session(sandbox: Sandbox, patch: object): Promise<RawSocket> {
    const socket = await harness.socket(sandbox)
    socket.send(GatewayOpcodes.Identify, identifyData(sandbox, patch))
    await socket.dispatch('READY')
    return socket
  }
  const names = (socket: RawSocket): (string | null)[] =>
    socket.frames.filter(({ op, t }) => op === 0 && t !== 'READY' && t !== 'GUILD_CREATE').map(({ t }) => t)

  it('filters by intents: each session is told what it asked for, in the order it happened', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { identifyIntervalMs: 0 } })
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const intentsOfAll = Guilds | GuildMembers | GuildMessages | GuildVoiceStates | GuildModeration
    const all = await session(sandbox, { intents: intentsOfAll })
    const voice = await session(sandbox, { intents: GuildVoiceStates })
    const none = await session(sandbox, { intents: 0 })
    const ada = guild.addMember({ username: 'ada' })
    guild.createRole({ name: 'watch' })
    guild.createChannel({ name: 'tower' })
    ada.joinVoice(guild.channel('V').id)
    ada.post({ channel: guild.channel('general').id, content: 'hello' })
    guild.owner().kick(ada.userId)
    sandbox.world.members.update(guild.id, sandbox.world.state.botId, { nick: 'me' })
    const isOwn = (socket: RawSocket) => socket.dispatch('GUILD_MEMBER_UPDATE')
    await Promise.all([isOwn(all), isOwn(voice), isOwn(none)])
    expect(names(all)).to.deep.equal([
      'GUILD_MEMBER_ADD',
      // The bot's own role makes room for the new one.
      'GUILD_ROLE_UPDATE',
      'GUILD_ROLE_CREATE',
      'CHANNEL_CREATE',
      'VOICE_STATE_UPDATE',
      'MESSAGE_CREATE',
      'VOICE_STATE_UPDATE',
      'GUILD_MEMBER_REMOVE',
      'GUILD_AUDIT_LOG_ENTRY_CREATE',
      'GUILD_MEMBER_UPDATE',
    ])
    expect(names(voice)).to.deep.equal(['VOICE_STATE_UPDATE', 'VOICE_STATE_UPDATE', 'GUILD_MEMBER_UPDATE'])
    expect(names(none)).to.deep.equal(['GUILD_MEMBER_UPDATE'])
  })

  it('carries the member in every voice state, also in the one that says the member left', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const ada = guild.addMember({ username: 'ada' })
    const socket = await session(sandbox, { intents: GuildVoiceStates })
    ada.joinVoice(guild.channel('V').id, { selfMute: true })
    ada.leaveVoice()
    const left = await socket.frame(({ t, d }) => t === 'VOICE_STATE_UPDATE' && d['channel_id'] === null)
    const joined = socket.frames.find(({ t }) => t === 'VOICE_STATE_UPDATE')
    expect(joined?.d).to.deep.include({ guild_id: guild.id, channel_id: guild.channel('V').id, self_mute: true })
    for (const frame of [joined, left]) {
      const member = frame?.d['member'] as { user: { id: string } } | undefined
      expect(member?.user.id).to.equal(ada.userId)
    }
  })

  it('blanks what others wrote without the content intent, except where the bot is mentioned', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { identifyIntervalMs: 0 } })
    const guild = sandbox.people.createGuild({ name: 'one' })
    const blind = await session(sandbox, { intents: Guilds | GuildMessages })
    const seeing = await session(sandbox, { intents: Guilds | GuildMessages | MessageContent })
    const channel = guild.channel('general').id
    const { botId } = sandbox.world.state
    guild.owner().post({ channel, content: 'secret' })
    guild.owner().post({ channel, content: `<@${botId}> hello` })
    sandbox.world.messages.create(channel, { authorId: botId, content: 'mine' })
    const contents = async (socket: RawSocket): Promise<unknown[]> => {
      await socket.frame(({ t, d }) => t === 'MESSAGE_CREATE' && d['content'] === 'mine')
      return socket.frames.filter(({ t }) => t === 'MESSAGE_CREATE').map(({ d }) => d['content'])
    }
    expect(await contents(blind)).to.deep.equal(['', `<@${botId}> hello`, 'mine'])
    expect(await contents(seeing)).to.deep.equal(['secret', `<@${botId}> hello`, 'mine'])
  })

  it('routes by the time bits of the guild id, each guild to exactly one of the shards', async () => {
    const sandbox = await harness.sandbox({ gatewayLimits: { maxConcurrency: 4 } })
    const guilds = Array.from({ length: 8 }, (_, index) => sandbox.people.createGuild({ name: `guild ${index}` }))
    const sockets = await Promise.all(
      [0, 1, 2, 3].map((shard) => session(sandbox, { shard: [shard, 4], intents: Guilds | GuildMessages })),
    )
    for (const guild of guilds) guild.owner().post({ channel: guild.channel('general').id, content: 'x' })
    for (const [shard, socket] of sockets.entries()) {
      const own = guilds.filter(({ id }) => isOnShard(id, [shard, 4])).map(({ id }) => id)
      expect(own, 'guilds spread over the shards').to.have.length(2)
      await socket.frame(({ t, d }) => t === 'MESSAGE_CREATE' && d['guild_id'] === own.at(-1))
      const told = socket.frames.filter(({ t }) => t === 'MESSAGE_CREATE').map(({ d }) => d['guild_id'])
      expect(told).to.deep.equal(own)
      expect(socket.frames.find(({ t }) => t === 'READY')?.d.guilds?.map(({ id }) => id)).to.deep.equal(own)
    }
  })

  it('says nothing of a guild the bot is not in, GUILD_CREATE when it comes, GUILD_DELETE when it goes', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'foreign', inviteBot: false })
    const socket = await session(sandbox, { intents: Guilds | GuildMessages })
    guild.owner().post({ channel: guild.channel('general').id, content: 'unheard' })
    guild.inviteBot()
    guild.removeBot()
    const gone = await socket.dispatch('GUILD_DELETE')
    expect(gone.d).to.deep.equal({ id: guild.id })
    expect(socket.frames.filter(({ op }) => op === 0).map(({ t }) => t)).to.deep.equal(['READY', 'GUILD_CREATE', 'GUILD_DELETE'])
  })

  it('tells an outage of a guild as unavailable, and its end as GUILD_CREATE', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one' })
    const socket = await session(sandbox, { intents: Guilds })
    guild.setAvailable(false)
    expect((await socket.dispatch('GUILD_DELETE')).d).to.deep.equal({ id: guild.id, unavailable: true })
    guild.setAvailable(true)
    await socket.frame(({ t, s }) => t === 'GUILD_CREATE' && s === 4)
  })
})
