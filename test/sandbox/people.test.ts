import {
  ApplicationCommandOptionType,
  ButtonStyle,
  ChannelType,
  ComponentType,
  GatewayDispatchEvents,
  MessageFlags,
  PermissionFlagsBits,
  TextInputStyle,
} from 'discord-api-types/v10'
import type { APIApplicationCommandOption, APIInteraction } from 'discord-api-types/v10'
import { expect } from 'chai'
import type { Interactions } from '../../sandbox/interactions/registry.ts'
import { createInteractions } from '../../sandbox/interactions/registry.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import { createPeople } from '../../sandbox/people/people.ts'
import { PeopleRefused } from '../../sandbox/people/refused.ts'
import type { World } from '../../sandbox/world/world.ts'
import { createWorld } from '../../sandbox/world/world.ts'
import { createManualClock } from '../support/manual-clock.ts'

describe('sandbox people: what a client allows and what it refuses', () => {
  let world: World
  let interactions: Interactions
  let guild: GuildDriver
  let sent: APIInteraction[]

  beforeEach(() => {
    const clock = createManualClock()
    world = createWorld({ clock })
    let tokens = 0
    interactions = createInteractions({ world, clock, newToken: () => `token-${(tokens += 1)}` })
    guild = createPeople({ world, interactions, clock, voiceLog: () => [] }).createGuild({ name: 'one', voiceChannels: ['V'] })
    sent = []
    world.onDispatch((dispatch) => {
      if (dispatch.t === GatewayDispatchEvents.InteractionCreate) sent.push(dispatch.d)
    })
  })
  afterEach(() => interactions.stop())

  function refusal(act: () => unknown): string {
    try {
      act()
    } catch (error) {
      if (error instanceof PeopleRefused) return error.code
      throw error
    }
    return 'allowed'
  }
  const register = (options: APIApplicationCommandOption[], patch: object = {}): void => {
    world.commands.upsert(null, { name: 'do', description: 'd', options, ...patch })
  }

  it('refuses every command in a guild the bot has left', () => {
    register([])
    expect(refusal(() => guild.owner().slash('do'))).to.equal('allowed')
    guild.removeBot()
    expect(refusal(() => guild.owner().slash('do'))).to.equal('command-not-registered')
  })

  it('refuses a command that is not registered, and one that belongs to another guild', () => {
    world.commands.upsert('1', { name: 'theirs', description: 'd' })
    expect(refusal(() => guild.owner().slash('nothing'))).to.equal('command-not-registered')
    expect(refusal(() => guild.owner().slash('theirs'))).to.equal('command-not-registered')
  })

  it('refuses a command to who lacks its permissions, and every command closed to all but administrators', () => {
    register([], { default_member_permissions: String(PermissionFlagsBits.ManageGuild) })
    const manager = guild.createRole({ name: 'manager', permissions: String(PermissionFlagsBits.ManageGuild) })
    const ada = guild.addMember({ username: 'ada' })
    expect(refusal(() => ada.slash('do'))).to.equal('command-not-permitted')
    guild.owner().giveRole(ada.userId, manager.id)
    expect(refusal(() => ada.slash('do'))).to.equal('allowed')
    register([], { default_member_permissions: '0' })
    expect(refusal(() => ada.slash('do'))).to.equal('command-not-permitted')
    expect(refusal(() => guild.owner().slash('do'))).to.equal('allowed')
  })

  const String_ = { type: ApplicationCommandOptionType.String, name: 'text', description: 'd' } as const
  const cases: [what: string, option: APIApplicationCommandOption, value: string | number | boolean | undefined, code: string][] = [
    ['a required option left out', { ...String_, required: true }, undefined, 'option-missing'],
    ['an optional one left out', String_, undefined, 'allowed'],
    ['a number where a text is asked', String_, 3, 'option-invalid'],
    ['a text that is too short', { ...String_, min_length: 3 }, 'ab', 'option-invalid'],
    ['a text that is too long', { ...String_, max_length: 3 }, 'abcd', 'option-invalid'],
    ['a text of the right length', { ...String_, min_length: 3, max_length: 3 }, 'abc', 'allowed'],
    ['what is not among the choices', { ...String_, choices: [{ name: 'A', value: 'a' }] }, 'b', 'option-invalid'],
    ['a choice', { ...String_, choices: [{ name: 'A', value: 'a' }] }, 'a', 'allowed'],
    ['a fraction where a whole number is asked', { ...String_, type: ApplicationCommandOptionType.Integer }, 1.5, 'option-invalid'],
    ['a number below the least', { ...String_, type: ApplicationCommandOptionType.Number, min_value: 2 }, 1, 'option-invalid'],
    ['a number above the most', { ...String_, type: ApplicationCommandOptionType.Integer, max_value: 2 }, 3, 'option-invalid'],
    ['a word where yes or no is asked', { ...String_, type: ApplicationCommandOptionType.Boolean }, 'yes', 'option-invalid'],
    ['a user nobody knows', { ...String_, type: ApplicationCommandOptionType.User }, '1', 'unknown-user'],
    ['a role of nowhere', { ...String_, type: ApplicationCommandOptionType.Role }, '1', 'unknown-role'],
    ['a channel of nowhere', { ...String_, type: ApplicationCommandOptionType.Channel }, '1', 'unknown-channel'],
  ]
  for (const [what, option, value, code] of cases) {
    it(`answers ${code} to ${what}`, () => {
      register([option])
      expect(refusal(() => guild.owner().slash('do', value === undefined ? {} : { text: value }))).to.equal(code)
    })
  }

  it('refuses an option the command does not have', () => {
    register([])
    expect(refusal(() => guild.owner().slash('do', { other: 1 }))).to.equal('option-unknown')
  })

  it('walks subcommands and groups, and refuses a path that ends early or goes astray', () => {
    const mode: APIApplicationCommandOption = { ...String_, name: 'mode', required: true }
    const leaf = { type: ApplicationCommandOptionType.Subcommand as const, name: 'set', description: 'd', options: [mode] as never }
    register([{ type: ApplicationCommandOptionType.SubcommandGroup, name: 'tracking', description: 'd', options: [leaf] }])
    expect(refusal(() => guild.owner().slash('do'))).to.equal('subcommand-missing')
    expect(refusal(() => guild.owner().slash('do tracking gone'))).to.equal('subcommand-missing')
    guild.owner().slash('do tracking set', { mode: 'on' })
    const data = sent.at(-1)?.data as { options: unknown }
    expect(data.options).to.deep.equal([
      { name: 'tracking', type: 2, options: [{ name: 'set', type: 1, options: [{ name: 'mode', type: 3, value: 'on' }] }] },
    ])
  })

  it('resolves users, roles and channels as Discord does', () => {
    register([
      { ...String_, name: 'who', type: ApplicationCommandOptionType.User },
      { ...String_, name: 'where', type: ApplicationCommandOptionType.Channel },
    ])
    const ada = guild.addMember({ username: 'ada' })
    guild.owner().slash('do', { who: ada.userId, where: guild.channel('V').id })
    const data: unknown = sent.at(-1)?.data
    const { resolved } = data as { resolved: Record<string, Record<string, Record<string, unknown>>> }
    expect(resolved['users']?.[ada.userId]?.['username']).to.equal('ada')
    expect(resolved['members']?.[ada.userId]).to.include.keys('permissions', 'roles').and.not.include.keys('user')
    expect(resolved['channels']?.[guild.channel('V').id]?.['name']).to.equal('V')
  })

  it('offers autocomplete for the option being typed, and only where the command has it', async () => {
    register([{ ...String_, autocomplete: true }, { ...String_, name: 'plain' }])
    expect(refusal(() => guild.owner().autocomplete('do', {}, 'plain'))).to.equal('option-invalid')
    const handle = guild.owner().autocomplete('do', { text: 'ab' }, 'text')
    const { id, token, data } = sent.at(-1)!
    expect((data as { options: unknown[] }).options).to.deep.equal([{ name: 'text', type: 3, value: 'ab', focused: true }])
    interactions.acknowledge(id, token, { type: 8, choices: [{ name: 'Abc', value: 'abc' }] })
    expect(await handle.reply()).to.deep.equal({ kind: 'choices', choices: [{ name: 'Abc', value: 'abc' }] })
  })

  it('presses a button only when it is there, visible and enabled, wherever it sits', () => {
    const button = { type: ComponentType.Button, style: ButtonStyle.Primary, label: 'x' } as const
    const components = [
      {
        type: ComponentType.Container as const,
        components: [
          {
            type: ComponentType.ActionRow as const,
            components: [
              { ...button, custom_id: 'live' },
              { ...button, custom_id: 'dead', disabled: true },
            ],
          },
        ],
      },
    ]
    const channel = guild.channel('general').id
    const message = world.messages.create(channel, { authorId: world.state.botId, components })
    const hidden = world.messages.create(channel, { authorId: world.state.botId, components, visibleTo: '1', flags: MessageFlags.Ephemeral })
    const owner = guild.owner()
    expect(refusal(() => owner.click(message, 'gone'))).to.equal('component-not-found')
    expect(refusal(() => owner.click(message, 'dead'))).to.equal('component-disabled')
    expect(refusal(() => owner.click(hidden, 'live'))).to.equal('unknown-message')
    expect(refusal(() => owner.click(message, 'live'))).to.equal('allowed')
    expect(sent.at(-1)).to.deep.include({ type: 3, data: { custom_id: 'live', component_type: 2 } })
    expect(sent.at(-1)?.message?.id).to.equal(message.id)
  })

  it('chooses from a menu only what it offers, and as many as it takes', () => {
    const menu = {
      type: ComponentType.StringSelect as const,
      custom_id: 'menu',
      max_values: 2,
      options: ['a', 'b', 'c'].map((value) => ({ label: value, value })),
    }
    const row = { type: ComponentType.ActionRow as const, components: [menu] }
    const message = world.messages.create(guild.channel('general').id, { authorId: world.state.botId, components: [row] })
    const owner = guild.owner()
    expect(refusal(() => owner.select(message, 'menu', []))).to.equal('component-invalid')
    expect(refusal(() => owner.select(message, 'menu', ['a', 'b', 'c']))).to.equal('component-invalid')
    expect(refusal(() => owner.select(message, 'menu', ['z']))).to.equal('component-invalid')
    expect(refusal(() => owner.select(message, 'menu', ['a', 'c']))).to.equal('allowed')
    expect(sent.at(-1)?.data).to.deep.equal({ custom_id: 'menu', component_type: 3, values: ['a', 'c'] })
  })

  it('submits a modal that was opened, with its fields checked', async () => {
    register([])
    const owner = guild.owner()
    const handle = owner.slash('do')
    const input = { type: ComponentType.TextInput as const, custom_id: 'why', style: TextInputStyle.Short, label: 'Why', max_length: 5 }
    const modal = { custom_id: 'form', title: 'T', components: [{ type: ComponentType.ActionRow as const, components: [input] }] }
    expect(refusal(() => owner.submit(handle, { why: 'x' }))).to.equal('modal-not-open')
    interactions.acknowledge(sent.at(-1)!.id, sent.at(-1)!.token, { type: 9, modal })
    expect((await handle.reply()).kind).to.equal('modal')
    expect(refusal(() => owner.submit(handle, {}))).to.equal('field-invalid')
    expect(refusal(() => owner.submit(handle, { why: 'too long' }))).to.equal('field-invalid')
    expect(refusal(() => owner.submit(handle, { why: 'ok', other: 'x' }))).to.equal('field-invalid')
    expect(refusal(() => guild.addMember({ username: 'ada' }).submit(handle, { why: 'ok' }))).to.equal('modal-not-open')
    owner.submit(handle, { why: 'ok' })
    expect(sent.at(-1)?.type).to.equal(5)
    const filled = sent.at(-1)?.data as { components: { components: { value: string }[] }[] } | undefined
    expect(filled?.components[0]?.components[0]?.value).to.equal('ok')
  })

  it('keeps members out of channels that are full, closed to them, or not voice', () => {
    const small = guild.createChannel({ name: 'small', type: ChannelType.GuildVoice, user_limit: 1 })
    const deny = { id: guild.id, type: 0 as const, allow: '0', deny: String(PermissionFlagsBits.Connect) }
    const closed = guild.createChannel({ name: 'closed', type: ChannelType.GuildVoice, permission_overwrites: [deny] })
    const [ada, bob] = [guild.addMember({ username: 'ada' }), guild.addMember({ username: 'bob' })]
    ada.joinVoice(small.id)
    expect(refusal(() => bob.joinVoice(small.id))).to.equal('channel-full')
    expect(refusal(() => bob.joinVoice(closed.id))).to.equal('missing-permission')
    expect(refusal(() => bob.joinVoice(guild.channel('general').id))).to.equal('not-a-voice-channel')
    expect(refusal(() => bob.leaveVoice())).to.equal('not-in-voice')
    expect(refusal(() => bob.moveVoice(guild.channel('V').id))).to.equal('not-in-voice')
    expect(refusal(() => guild.owner().joinVoice(small.id)), 'who may move members may overfill').to.equal('allowed')
  })

  it('lets only moderators moderate, and writes down what they did', () => {
    const [ada, bob] = [guild.addMember({ username: 'ada' }), guild.addMember({ username: 'bob' })]
    bob.joinVoice(guild.channel('V').id)
    expect(refusal(() => ada.serverMute(bob.userId, true))).to.equal('missing-permission')
    expect(refusal(() => ada.kick(bob.userId))).to.equal('missing-permission')
    guild.owner().serverMute(bob.userId, true)
    expect(world.voice.get(guild.id, bob.userId)?.mute).to.equal(true)
    guild.owner().ban(bob.userId, 'spam')
    expect(world.voice.get(guild.id, bob.userId)).to.equal(undefined)
    expect(refusal(() => bob.join())).to.equal('banned')
    expect(refusal(() => bob.leave())).to.equal('unknown-member')
    expect(world.auditLog.list(guild.id).map(({ action_type, reason }) => [action_type, reason])).to.deep.equal([
      [22, 'spam'],
      [24, undefined],
    ])
  })

  it('hides channels a member may not view, with all that is in them', () => {
    const deny = { id: guild.id, type: 0 as const, allow: '0', deny: String(PermissionFlagsBits.ViewChannel) }
    const secret = guild.createChannel({ name: 'secret', permission_overwrites: [deny] })
    const ada = guild.addMember({ username: 'ada' })
    guild.owner().post({ channel: secret.id, content: 'hidden' })
    expect(ada.channels().map(({ name }) => name)).to.deep.equal(['general', 'V'])
    expect(refusal(() => ada.messages(secret.id))).to.equal('unknown-channel')
    expect(guild.owner().messages(secret.id)).to.have.length(1)
  })

  it('silences a member who is timed out', () => {
    const ada = guild.addMember({ username: 'ada' })
    const until = new Date(world.nowMs() + 60_000).toISOString()
    world.members.update(guild.id, ada.userId, { communication_disabled_until: until })
    const channel = guild.channel('general').id
    expect(refusal(() => ada.post({ channel, content: 'x' }))).to.equal('missing-permission')
    expect(refusal(() => ada.joinVoice(guild.channel('V').id))).to.equal('missing-permission')
    expect(refusal(() => ada.messages(channel))).to.equal('allowed')
  })
})
