import { ButtonStyle, ComponentType, GatewayDispatchEvents, MessageFlags } from 'discord-api-types/v10'
import type { APIInteraction } from 'discord-api-types/v10'
import { expect } from 'chai'
import type { Interactions } from '../../sandbox/interactions/registry.ts'
import { createInteractions } from '../../sandbox/interactions/registry.ts'
import type { GuildDriver, People } from '../../sandbox/people/people.ts'
import { createPeople } from '../../sandbox/people/people.ts'
import { messagesPerChannelMax } from '../../sandbox/world/state.ts'
import type { World } from '../../sandbox/world/world.ts'
import { createWorld } from '../../sandbox/world/world.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { createManualClock } from '../support/manual-clock.ts'

describe('sandbox interactions: clocks and answers', () => {
  let clock: ManualClock
  let world: World
  let interactions: Interactions
  let people: People
  let guild: GuildDriver
  /** What the bot was sent, newest last. */
  let sent: APIInteraction[]

  beforeEach(() => {
    clock = createManualClock()
    world = createWorld({ clock })
    let tokens = 0
    interactions = createInteractions({ world, clock, newToken: () => `token-${(tokens += 1)}` })
    people = createPeople({ world, interactions, clock, voiceLog: () => [] })
    guild = people.createGuild({ name: 'one' })
    world.commands.upsert(null, { name: 'ping', description: 'p' })
    sent = []
    world.onDispatch((dispatch) => {
      if (dispatch.t === GatewayDispatchEvents.InteractionCreate) sent.push(dispatch.d)
    })
  })
  afterEach(() => interactions.stop())

  const last = (): APIInteraction => sent.at(-1)!
  const acknowledge = (response: Parameters<Interactions['acknowledge']>[2]) =>
    interactions.acknowledge(last().id, last().token, response)
  const codeOf = (outcome: { ok: boolean; code?: number; status?: number }) => [outcome.status, outcome.code]

  it('accepts an answer within 3 s', async () => {
    const handle = guild.owner().slash('ping')
    clock.advance(2_999)
    expect(acknowledge({ type: 4, message: { content: 'pong' } }).ok).to.equal(true)
    const reply = await handle.reply()
    expect(reply).to.deep.include({ kind: 'message', ephemeral: false })
  })

  it('fails for the member when nothing came within 3 s, and refuses the late answer with 10062', async () => {
    const handle = guild.owner().slash('ping')
    clock.advance(3_000)
    expect(await handle.reply()).to.deep.include({ kind: 'failed', text: 'The application did not respond' })
    expect(codeOf(acknowledge({ type: 4, message: { content: 'late' } }))).to.deep.equal([404, 10_062])
    expect(codeOf(interactions.followup(last().token, { content: 'late' }))).to.deep.equal([404, 10_015])
  })

  it('refuses a second acknowledgement with 40060', () => {
    guild.owner().slash('ping')
    acknowledge({ type: 5, ephemeral: false })
    expect(codeOf(acknowledge({ type: 4, message: { content: 'twice' } }))).to.deep.equal([400, 40_060])
  })

  it('refuses a token that belongs to another interaction with 10062', () => {
    guild.owner().slash('ping')
    const outcome = interactions.acknowledge('1', last().token, { type: 6 })
    expect(codeOf(outcome)).to.deep.equal([404, 10_062])
  })

  it('takes followups for 15 minutes, then answers 50027', () => {
    guild.owner().slash('ping')
    acknowledge({ type: 4, message: { content: 'pong' } })
    clock.advance(15 * 60_000 - 1)
    expect(interactions.followup(last().token, { content: 'in time' }).ok).to.equal(true)
    clock.advance(1)
    expect(codeOf(interactions.followup(last().token, { content: 'late' }))).to.deep.equal([401, 50_027])
    expect(codeOf(interactions.editOriginal(last().token, { content: 'late' }))).to.deep.equal([401, 50_027])
  })

  it('fails a deferred answer that never comes when the token expires', async () => {
    const handle = guild.owner().slash('ping')
    acknowledge({ type: 5, ephemeral: true })
    const reply = handle.reply({ timeoutMs: 20 * 60_000 })
    clock.advance(15 * 60_000)
    expect(await reply).to.deep.include({ kind: 'failed', reason: 'token-expired' })
  })

  it('finishes the loading message with the first followup, and makes a new one of the second', async () => {
    const owner = guild.owner()
    const handle = owner.slash('ping')
    acknowledge({ type: 5, ephemeral: false })
    const channel = guild.channel('general').id
    expect(owner.messages(channel).map(({ flags }) => flags)).to.deep.equal([MessageFlags.Loading])
    interactions.followup(last().token, { content: 'first' })
    interactions.followup(last().token, { content: 'second' })
    expect(owner.messages(channel).map(({ content, flags }) => [content, flags])).to.deep.equal([
      ['first', 0],
      ['second', 0],
    ])
    expect(handle.followups().map(({ content }) => content)).to.deep.equal(['second'])
  })

  it('waits for the finished message of a deferred answer, not for the loading one', async () => {
    const handle = guild.owner().slash('ping')
    acknowledge({ type: 5, ephemeral: false })
    expect(await handle.acknowledged()).to.equal('loading')
    const reply = handle.reply()
    interactions.editOriginal(last().token, { content: 'done' })
    const done = await reply
    expect(done.kind === 'message' && done.message.content).to.equal('done')
    expect(done.kind === 'message' && done.message.edited_timestamp).to.equal(null)
  })

  it('shows an ephemeral answer to its member only, and dispatches nothing of it', async () => {
    const dispatched: string[] = []
    world.onDispatch(({ t }) => dispatched.push(t))
    const ada = guild.addMember({ username: 'ada' })
    ada.slash('ping')
    acknowledge({ type: 4, message: { content: 'psst', flags: MessageFlags.Ephemeral } })
    const channel = guild.channel('general').id
    expect(ada.messages(channel)).to.have.length(1)
    expect(guild.owner().messages(channel)).to.have.length(0)
    expect(dispatched).not.to.include('MESSAGE_CREATE')
  })

  it('thousands of ephemeral answers push no message out that all can see; of those the oldest goes first', () => {
    const ada = guild.addMember({ username: 'ada' })
    const channelId = guild.channel('general').id
    const say = (visibleTo: string | null) => world.messages.create(channelId, { authorId: world.state.botId, visibleTo, content: 'x' }).id
    const [first, second] = [say(null), say(null)]
    for (let count = 0; count < 2 * messagesPerChannelMax; count += 1) say(ada.userId)
    expect(guild.owner().messages(channelId).map(({ id }) => id)).to.deep.equal([first, second])
    expect(world.messages.list(channelId)).to.have.length(messagesPerChannelMax)
    for (let count = 0; count < messagesPerChannelMax - 1; count += 1) say(null)
    expect(world.messages.get(channelId, first)).to.equal(undefined)
    expect(world.messages.get(channelId, second)).not.to.equal(undefined)
    expect(ada.messages(channelId)).to.have.length(messagesPerChannelMax)
  })

  it('keeps an answer ephemeral whatever flags an edit brings', () => {
    const ada = guild.addMember({ username: 'ada' })
    ada.slash('ping')
    acknowledge({ type: 5, ephemeral: true })
    interactions.editOriginal(last().token, { content: 'psst', flags: MessageFlags.SuppressEmbeds })
    const [message] = ada.messages(guild.channel('general').id)
    expect(message?.flags).to.equal(MessageFlags.Ephemeral | MessageFlags.SuppressEmbeds)
  })

  it('answers 10008 for an original that was deleted, and reaches no message of another interaction', () => {
    guild.owner().slash('ping')
    acknowledge({ type: 4, message: { content: 'one' } })
    const first = last()
    const original = interactions.getOriginal(first.token)
    guild.owner().slash('ping')
    acknowledge({ type: 4, message: { content: 'two' } })
    const id = original.ok ? original.message.id : ''
    expect(codeOf(interactions.editMessage(last().token, id, { content: 'stolen' }))).to.deep.equal([404, 10_008])
    interactions.deleteOriginal(first.token)
    expect(codeOf(interactions.getOriginal(first.token))).to.deep.equal([404, 10_008])
  })

  it('lets only component interactions update their message, and autocomplete only offer choices', async () => {
    const owner = guild.owner()
    owner.slash('ping')
    expect(codeOf(acknowledge({ type: 7, message: { content: 'x' } }))).to.deep.equal([400, 50_035])
    const button = { type: ComponentType.Button, style: ButtonStyle.Primary, custom_id: 'go', label: 'Go' } as const
    const row = { type: ComponentType.ActionRow as const, components: [button] }
    const message = world.messages.create(guild.channel('general').id, { authorId: world.state.botId, components: [row] })
    const handle = owner.click(message, 'go')
    acknowledge({ type: 7, message: { content: 'pressed', components: [] } })
    const reply = await handle.reply()
    expect(reply.kind === 'message' && reply.message.id).to.equal(message.id)
    expect(owner.messages(message.channel_id).at(0)?.content).to.equal('pressed')
  })

  it('sends the interaction complete: member with permissions, channel, app permissions, owners, entitlements', () => {
    const owner = guild.owner()
    owner.slash('ping')
    const interaction = last()
    expect(interaction.guild_id).to.equal(guild.id)
    expect(interaction.member?.user.id).to.equal(owner.userId)
    expect(interaction.member?.permissions).to.match(/^\d+$/)
    expect(interaction.channel?.id).to.equal(guild.channel('general').id)
    expect(interaction.entitlements).to.deep.equal([])
    expect(interaction.authorizing_integration_owners).to.deep.equal({ 0: guild.id })
    expect(BigInt(interaction.app_permissions)).to.not.equal(0n)
    expect(interaction.context).to.equal(0)
  })
})
