import { expect } from 'chai'
import type { Interaction } from 'discord.js'
import { Events } from 'discord.js'
import { createPeopleClient } from '../../sandbox/people/client.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import { createHarness } from './harness.ts'

describe('sandbox people: over HTTP', () => {
  const harness = createHarness()
  afterEach(() => harness.stopAll())

  const refusal = (act: Promise<unknown>): Promise<string> =>
    act.then(
      () => 'allowed',
      (error: unknown) => {
        if (error instanceof PeopleRefused) return error.code
        throw error
      },
    )

  it('makes guilds and members, acts as them, and reads what each sees', async () => {
    const sandbox = await harness.sandbox()
    const people = createPeopleClient(sandbox.url())
    const made = await people.createGuild({ name: 'Tower', voiceChannels: ['Watch'] })
    const guild = people.guild(made.id)
    const ada = await guild.addMember({ username: 'ada' })
    const bob = await guild.addMember({ username: 'bob' })
    const [general, watch] = ['general', 'Watch'].map((name) => made.channels.find((one) => one.name === name)!.id)
    const bot = await harness.client(sandbox)
    bot.on(Events.InteractionCreate, (interaction: Interaction) => {
      if (interaction.isChatInputCommand()) void interaction.reply({ content: interaction.options.getString('x')!, ephemeral: true })
    })
    await bot.application.commands.set([{ name: 'say', description: 's', options: [{ type: 3, name: 'x', description: 'x' }] }])

    const handle = await ada.slash('say', { x: 'hi' })
    expect(await handle.acknowledged()).to.equal('answered')
    expect(await handle.reply()).to.deep.include({ kind: 'message', ephemeral: true })
    expect((await ada.messages(general!)).map(({ content }) => content)).to.deep.equal(['hi'])
    expect(await bob.messages(general!)).to.deep.equal([])

    await ada.joinVoice(watch!, { selfMute: true })
    expect((await ada.member()).voiceChannel).to.equal(watch)
    await guild.user(made.ownerId).serverMute(ada.userId, true)
    await ada.leaveVoice()
    const log = await people.voiceLog()
    expect(log.map(({ kind }) => kind)).to.deep.equal(['sandbox-started', 'join', 'flags', 'leave'])
    expect((await people.voiceLog(3)).map(({ n }) => n)).to.deep.equal([4])
    await bob.post({ channel: general!, content: 'bye' })
    await bob.leave()
    expect((await guild.describe()).members.map(({ user }) => user.username)).to.have.members(['owner', 'ada', 'Muster'])
    expect(sandbox.requestLog.violations()).to.deep.equal([])
  })

  it('answers a slash with its reply in one request, for curl', async () => {
    const sandbox = await harness.sandbox()
    const guild = sandbox.people.createGuild({ name: 'one' })
    const bot = await harness.client(sandbox)
    bot.on(Events.InteractionCreate, (interaction: Interaction) => {
      if (interaction.isChatInputCommand()) void interaction.reply('pong')
    })
    await bot.application.commands.set([{ name: 'ping', description: 'p' }])
    const path = `/people/guilds/${guild.id}/members/${guild.owner().userId}/slash`
    const response = await fetch(`${sandbox.url()}${path}`, { method: 'POST', body: '{"name":"ping"}' })
    const answer = (await response.json()) as { reply: { message: { content: string } } }
    expect(answer.reply.message.content).to.equal('pong')
  })

  it('rethrows refusals under their code', async () => {
    const sandbox = await harness.sandbox()
    const people = createPeopleClient(sandbox.url())
    const { id, ownerId, channels } = await people.createGuild({ name: 'one' })
    const owner = people.guild(id).user(ownerId)
    expect(await refusal(owner.slash('nothing'))).to.equal('command-not-registered')
    expect(await refusal(owner.joinVoice(channels[0]!.id))).to.equal('not-a-voice-channel')
    expect(await refusal(people.guild('1').describe())).to.equal('unknown-guild')
    expect(await refusal(people.guild(id).user('1').leave())).to.equal('unknown-user')
    expect(await refusal(owner.post({ channel: 'general', content: 'x' }))).to.equal('request-invalid')
  })

  it('says that a reply did not come in time, and leaves the interaction to its own clock', async () => {
    const sandbox = await harness.sandbox()
    const people = createPeopleClient(sandbox.url())
    sandbox.world.commands.upsert(null, { name: 'ping', description: 'p' })
    const { id, ownerId } = await people.createGuild({ name: 'one' })
    const handle = await people.guild(id).user(ownerId).slash('ping')
    expect(await refusal(handle.reply({ timeoutMs: 1 }))).to.equal('reply-timeout')
    expect(await handle.reply()).to.deep.include({ kind: 'failed' })
  }).timeout(6_000)

  it('tells a sandbox that is away from one that refuses', async () => {
    const error = await createPeopleClient('http://127.0.0.1:9').guilds().then(
      () => undefined,
      (reason: { code?: string }) => reason.code,
    )
    expect(error).to.equal('discord-unavailable')
  })
})
