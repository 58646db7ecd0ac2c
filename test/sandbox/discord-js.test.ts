/**
 * The unmodified discord.js against the whole sandbox. What a bot's author would rely on, and how the library
 * behaves when the gateway misbehaves.
 */
import { once } from 'node:events'
import { expect } from 'chai'
import type { ChatInputCommandInteraction, Client, Interaction } from 'discord.js'
import { ButtonStyle, ComponentType, Events, GatewayIntentBits, GuildMember, MessageFlags } from 'discord.js'
import type { Sandbox } from '../../sandbox/server.ts'
import { createHarness } from './harness.ts'

describe('sandbox: the unmodified discord.js', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  /** A sandbox with one guild, a ready bot in it, and a command whose interactions go to `answer`. */
  async function world(answer: (interaction: ChatInputCommandInteraction) => Promise<unknown> = async () => undefined) {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const client = await harness.client(sandbox)
    client.on(Events.InteractionCreate, (interaction: Interaction) => {
      if (interaction.isChatInputCommand()) void answer(interaction)
    })
    await client.application.commands.set([{ name: 'ping', description: 'p' }])
    return { sandbox, guild, client, ada: guild.addMember({ username: 'ada' }) }
  }
  const noViolations = (sandbox: Sandbox): void => {
    expect(sandbox.requestLog.violations()).to.deep.equal([])
  }

  it('becomes ready with its guilds available and their voice states known', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    guild.owner().joinVoice(guild.channel('V').id, { selfMute: true })
    const client = await harness.client(sandbox)
    const seen = client.guilds.cache.get(guild.id)!
    expect([seen.available, seen.memberCount, seen.members.cache.size]).to.deep.equal([true, 2, 2])
    const state = seen.voiceStates.cache.get(guild.owner().userId)
    expect([state?.channel?.name, state?.selfMute]).to.deep.equal(['V', true])
    noViolations(sandbox)
  })

  it('hears members come, move, mute and go in voice, in order', async () => {
    const { guild, client, ada, sandbox } = await world()
    const other = guild.createChannel({ name: 'W', type: 2 })
    const heard: string[] = []
    client.on(Events.VoiceStateUpdate, (before, after) => {
      const name = (id: string | null) => (id === null ? '-' : (client.channels.cache.get(id) as { name: string }).name)
      heard.push(`${after.member?.user.username} ${name(before.channelId)} ${name(after.channelId)} ${String(after.mute)}`)
    })
    ada.joinVoice(guild.channel('V').id)
    ada.moveVoice(other.id)
    guild.owner().serverMute(ada.userId, true)
    ada.leaveVoice()
    while (heard.length < 4) await once(client, Events.VoiceStateUpdate)
    expect(heard).to.deep.equal(['ada - V false', 'ada V W false', 'ada W W true', 'ada W - true'])
    noViolations(sandbox)
  })

  it('replies, defers and edits, follows up, and a member reads it', async () => {
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const { sandbox, guild, ada } = await world(async (interaction) => {
      expect(interaction.member).to.be.instanceOf(GuildMember)
      await interaction.deferReply()
      await interaction.editReply({ content: 'done', embeds: [{ title: 'T' }] })
      await interaction.followUp({ content: 'psst', flags: MessageFlags.Ephemeral })
      finish()
    })
    const handle = ada.slash('ping')
    const reply = await handle.reply()
    expect(reply.kind === 'message' && [reply.message.content, reply.message.embeds[0]?.title]).to.deep.equal(['done', 'T'])
    await finished
    expect(handle.followups()).to.have.length(1)
    const channel = guild.channel('general').id
    expect(ada.messages(channel).map(({ content }) => content)).to.deep.equal(['done', 'psst'])
    expect(guild.owner().messages(channel).map(({ content }) => content)).to.deep.equal(['done'])
    noViolations(sandbox)
  })

  it('opens a modal from a button and takes what was written', async () => {
    const { sandbox, client, guild, ada } = await world(async (interaction) => {
      const button = { type: ComponentType.Button, style: ButtonStyle.Primary, customId: 'open', label: 'Open' } as const
      await interaction.reply({ content: 'press', components: [{ type: ComponentType.ActionRow, components: [button] }] })
    })
    client.on(Events.InteractionCreate, (interaction: Interaction) => {
      if (interaction.isButton()) {
        const input = { type: ComponentType.TextInput, customId: 'why', label: 'Why', style: 1 } as const
        const components = [{ type: ComponentType.ActionRow, components: [input] } as const]
        void interaction.showModal({ customId: 'form', title: 'Form', components })
      } else if (interaction.isModalSubmit() && interaction.isFromMessage()) {
        void interaction.update({ content: `because ${interaction.fields.getTextInputValue('why')}`, components: [] })
      }
    })
    const pressed = await ada.slash('ping').reply()
    const message = pressed.kind === 'message' ? pressed.message : undefined
    const clicked = ada.click(message!, 'open')
    expect((await clicked.reply()).kind).to.equal('modal')
    await ada.submit(clicked, { why: 'I can' }).reply()
    expect(ada.messages(guild.channel('general').id).map(({ content }) => content)).to.deep.equal(['because I can'])
    noViolations(sandbox)
  })

  it('says that the application did not respond when a bot answers nothing', async function () {
    this.timeout(8_000)
    const { ada } = await world()
    expect(await ada.slash('ping').reply()).to.deep.include({ kind: 'failed', reason: 'no-answer-in-time' })
  })

  async function shardEvent(client: Client, event: 'shardResume' | 'shardReady'): Promise<unknown> {
    return (await once(client, event))[0]
  }

  for (const [what, fault] of [
    ['a cut socket', (sandbox: Sandbox) => sandbox.faults.dropConnections({ shard: 0 })],
    ['close 4000', (sandbox: Sandbox) => sandbox.faults.closeConnections({ shard: 0, code: 4000 })],
    ['close 1001 of the server', (sandbox: Sandbox) => sandbox.faults.closeConnections({ shard: 0, code: 1001 })],
    ['op 7', (sandbox: Sandbox) => sandbox.faults.requestReconnect({ shard: 0 })],
    ['op 9 true', (sandbox: Sandbox) => sandbox.faults.invalidateSessions({ shard: 0, resumable: true })],
  ] as const) {
    it(`resumes after ${what} and hears what it missed`, async () => {
      const { sandbox, guild, client, ada } = await world()
      const resumed = shardEvent(client, 'shardResume')
      const heard = once(client, Events.VoiceStateUpdate)
      expect(fault(sandbox)).to.equal(1)
      ada.joinVoice(guild.channel('V').id)
      await Promise.all([resumed, heard])
      expect(client.guilds.cache.get(guild.id)?.voiceStates.cache.get(ada.userId)?.channelId).to.equal(guild.channel('V').id)
      expect(sandbox.requestLog.entries().filter((entry) => entry.kind === 'gateway' && entry.event === 'identified')).to.have.length(1)
    })
  }

  it('identifies anew after op 9 false, and learns of changes meanwhile only from GUILD_CREATE (no identify interval)', async function () {
    // discord.js waits out the identify interval of its own throttler, 5 s, before it identifies again.
    this.timeout(20_000)
    const sandbox = await harness.sandbox({ gatewayLimits: { identifyIntervalMs: 0 } })
    const guild = sandbox.people.createGuild({ name: 'one', voiceChannels: ['V'] })
    const ada = guild.addMember({ username: 'ada' })
    ada.joinVoice(guild.channel('V').id)
    const client = await harness.client(sandbox)
    const heard: unknown[] = []
    client.on(Events.VoiceStateUpdate, (...states) => heard.push(states))
    const again = shardEvent(client, 'shardReady')
    sandbox.faults.invalidateSessions({ shard: 0, resumable: false })
    ada.leaveVoice()
    await again
    expect(client.guilds.cache.get(guild.id)?.voiceStates.cache.size).to.equal(0)
    expect(heard).to.deep.equal([])
  })

  it('identifies in the second try when two processes collide in one bucket', async function () {
    this.timeout(20_000)
    const sandbox = await harness.sandbox()
    sandbox.people.createGuild({ name: 'one' })
    const options = { shardCount: 2, waitGuildTimeout: 100 }
    await Promise.all([harness.client(sandbox, { ...options, shards: [0] }), harness.client(sandbox, { ...options, shards: [1] })])
    const events = sandbox.requestLog.entries().filter((entry) => entry.kind === 'gateway')
    expect(events.filter(({ event }) => event === 'refused')).to.have.length.at.least(1)
    expect(events.filter(({ event }) => event === 'identified')).to.have.length(2)
  })

  for (const [what, options, message] of [
    ['a wrong token', { token: 'another.token.that-is-long-enough' }, /invalid token/i],
    ['an intent that is not enabled', { privilegedIntents: 0 }, /disallowed intents/i],
  ] as const) {
    it(`rejects the login with a clear error for ${what}`, async () => {
      const sandbox = await harness.sandbox(options)
      const { sandboxToken } = await import('../../sandbox/options.ts')
      const intents = [GatewayIntentBits.Guilds, GatewayIntentBits.MessageContent]
      const login = harness.client({ ...sandbox, token: sandboxToken }, { intents })
      const error = await login.then(
        () => undefined,
        (reason: Error) => reason,
      )
      expect(error?.message).to.match(message)
    })
  }

  it('fetches all of 1,500 members in one request of the gateway', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'large' })
    for (let index = 0; index < 1_500; index += 1) guild.addMember({ username: `member${index}` })
    const client = await harness.client(sandbox, { intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers] })
    const members = await client.guilds.cache.get(guild.id)!.members.fetch()
    expect(members.size).to.equal(1_502)
  })

  it('sends twice what a server error made it repeat: the first POST had taken effect', async () => {
    const { sandbox, guild, client } = await world()
    const channel = guild.channel('general')
    sandbox.faults.failNext({ method: 'POST', route: '/channels/{channel_id}/messages', status: 502, afterEffect: true })
    const text = client.channels.cache.get(channel.id)
    if (text?.isSendable()) await text.send('once?')
    expect(guild.owner().messages(channel.id).map(({ content }) => content)).to.deep.equal(['once?', 'once?'])
  })

  it('hears a duplicated dispatch twice and a delayed one late', async () => {
    const { sandbox, guild, client, ada } = await world()
    const heard: string[] = []
    client.on('raw', (packet: { t: string; d: { content?: string } }) => {
      if (packet.t === 'MESSAGE_CREATE') heard.push(packet.d.content ?? '')
    })
    const allHeard = (async () => {
      while (heard.length < 4) await once(client, 'raw')
    })()
    sandbox.faults.delayDispatch({ t: 'MESSAGE_CREATE', guildId: guild.id, delayMs: 60 })
    sandbox.faults.duplicateDispatch({ t: 'MESSAGE_CREATE', guildId: guild.id, copies: 1 })
    sandbox.faults.duplicateDispatch({ t: 'MESSAGE_CREATE', guildId: guild.id })
    const channel = guild.channel('general').id
    const mention = `<@${client.user.id}>`
    for (const word of ['late', 'twice', 'last']) ada.post({ channel, content: `${mention} ${word}` })
    await allHeard
    expect(heard.map((content) => content.split(' ')[1])).to.deep.equal(['twice', 'twice', 'last', 'late'])
  })
})
