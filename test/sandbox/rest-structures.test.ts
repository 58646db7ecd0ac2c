/**
 * discord.js builds its own objects out of our answers. Goal: whatever a bot does through them works, and the world is
 * then as the bot believes. Method: a whole client on a whole sandbox; afterwards the log knows of no violation.
 */
import { expect } from 'chai'
import {
  ActionRowBuilder,
  ApplicationCommandType,
  AttachmentBuilder,
  AuditLogEvent,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  ContainerBuilder,
  EmbedBuilder,
  Events,
  MessageFlags,
  ModalBuilder,
  PermissionFlagsBits,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import type { ChatInputCommandInteraction, Client, Guild, TextChannel } from 'discord.js'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { Sandbox } from '../../sandbox/server.ts'
import { createHarness } from './harness.ts'

const loose = { globalPerSecond: 10_000, bucketFactor: 1_000 }

describe('sandbox/rest: the structures of discord.js (limits loosened)', () => {
  const harness = createHarness()
  let sandbox: Sandbox
  let client: Client<true>
  let driver: GuildDriver
  let guild: Guild
  let channel: TextChannel
  beforeEach(async () => {
    sandbox = await harness.sandbox({ restLimits: loose })
    driver = sandbox.people.createGuild({ name: 'Guild', voiceChannels: ['Voice'] })
    client = await harness.client(sandbox, { rest: { globalRequestsPerSecond: Infinity } })
    guild = await client.guilds.fetch(driver.id)
    channel = (await guild.channels.fetch(driver.channel('general').id)) as TextChannel
  })
  afterEach(async () => {
    const violations = sandbox.requestLog.violations()
    await harness.stopAll()
    expect(violations).to.deep.equal([])
  })
  /** The next command interaction, after a member has typed it. */
  const typed = async (): Promise<ChatInputCommandInteraction> => {
    await client.application.commands.set([{ name: 'ping', description: 'Ping' }], driver.id)
    const arrived = new Promise<ChatInputCommandInteraction>((resolve) => {
      client.once(Events.InteractionCreate, (interaction) => resolve(interaction as ChatInputCommandInteraction))
    })
    driver.owner().slash('ping')
    return arrived
  }

  it('messages: rich ones, files, replies, edits, reactions, pins, deletion', async () => {
    const row = new ActionRowBuilder<ButtonBuilder>().addComponents(
      new ButtonBuilder().setCustomId('go').setLabel('Go').setStyle(ButtonStyle.Primary).setEmoji('👍'),
      new ButtonBuilder().setURL('https://example.org').setLabel('Site').setStyle(ButtonStyle.Link),
    )
    const menu = new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(
      new StringSelectMenuBuilder().setCustomId('pick').addOptions({ label: 'A', value: 'a', emoji: '🅰️' }),
    )
    const file = new AttachmentBuilder(Buffer.from('picture'), { name: 'card.png', description: 'card' })
    const embed = new EmbedBuilder().setTitle('T').setTimestamp().setImage('attachment://card.png').addFields({ name: 'n', value: 'v' })
    const sent = await channel.send({ content: 'hi', embeds: [embed], components: [row, menu], files: [file], nonce: '1', enforceNonce: true })
    expect(sent.embeds[0]?.image?.url).to.equal(sent.attachments.first()?.url)
    const reply = await sent.reply('reply')
    expect((await reply.fetchReference()).id).to.equal(sent.id)
    const edited = await sent.edit({ content: 'edited', attachments: [] })
    expect([edited.content, edited.attachments.size]).to.deep.equal(['edited', 0])
    await sent.react('🎉')
    await sent.pin()
    expect((await channel.messages.fetchPins()).items[0]?.message.id).to.equal(sent.id)
    await sent.unpin()
    const layout = new ContainerBuilder().addTextDisplayComponents((text) => text.setContent('# new'))
    const modern = await channel.send({ components: [layout], flags: MessageFlags.IsComponentsV2 })
    expect(modern.components[0]?.type).to.equal(17)
    await channel.bulkDelete([reply, modern])
    await sent.delete()
    expect((await channel.messages.fetch()).size).to.equal(0)
  })

  it('commands: deferral, edit with a file, followups, deletion', async () => {
    const interaction = await typed()
    const deferred = await interaction.deferReply({ withResponse: true, flags: MessageFlags.Ephemeral })
    expect(deferred.interaction.responseMessageLoading).to.equal(true)
    const edited = await interaction.editReply({ content: 'done', files: [{ attachment: Buffer.from('x'), name: 'x.txt' }] })
    expect(edited.attachments.size).to.equal(1)
    const followup = await interaction.followUp({ content: 'more', flags: MessageFlags.Ephemeral })
    await interaction.editReply({ message: followup, content: 'less' })
    await interaction.deleteReply(followup)
    expect((await interaction.fetchReply()).content).to.equal('done')
    await interaction.deleteReply()
  })

  it('commands: a reply with response, and a modal', async () => {
    const first = await typed()
    const answered = await first.reply({ content: 'pong', withResponse: true })
    expect(answered.resource?.message?.content).to.equal('pong')
    const second = await typed()
    const input = new TextInputBuilder().setCustomId('text').setLabel('Text').setStyle(TextInputStyle.Short)
    const modal = new ModalBuilder().setCustomId('m').setTitle('T')
    modal.addComponents(new ActionRowBuilder<TextInputBuilder>().addComponents(input))
    const shown = await second.showModal(modal, { withResponse: true })
    expect(shown?.interaction.id).to.equal(second.id)
  })

  it('commands: registered, listed, edited, deleted', async () => {
    const { commands } = client.application
    const set = await commands.set([
      { name: 'ping', description: 'Ping', defaultMemberPermissions: PermissionFlagsBits.ManageGuild },
      { name: 'Inspect', type: ApplicationCommandType.User },
    ])
    expect([...(await commands.fetch()).keys()]).to.deep.equal([...set.keys()])
    const ping = set.find((command) => command.name === 'ping')!
    expect((await commands.edit(ping, { description: 'Other' })).description).to.equal('Other')
    await commands.delete(ping)
    expect((await commands.fetch()).size).to.equal(1)
  })

  it('members: fetched, searched, given roles, renamed, timed out, moved, kicked, banned', async () => {
    const role = await guild.roles.create({ name: 'Helper', colors: { primaryColor: 'Red' }, permissions: ['SendMessages'] })
    const ada = driver.addMember({ username: 'ada' })
    const member = await guild.members.fetch(ada.userId)
    expect((await guild.members.search({ query: 'ad' })).has(ada.userId)).to.equal(true)
    expect((await guild.members.list({ limit: 10 })).size).to.equal(3)
    await member.roles.add(role, 'because')
    expect(ada.member().roles).to.deep.equal([role.id])
    await member.roles.set([])
    await member.setNickname('Ada')
    await member.timeout(60_000)
    await member.timeout(null)
    expect(ada.member()).to.include({ nick: 'Ada', communication_disabled_until: null })
    const voice = guild.channels.cache.find((one) => one.type === ChannelType.GuildVoice)!
    const next = await guild.channels.create({ name: 'Next', type: ChannelType.GuildVoice, userLimit: 3 })
    ada.joinVoice(voice.id)
    expect((await member.voice.fetch()).channelId).to.equal(voice.id)
    await member.edit({ channel: next.id, mute: true })
    expect(sandbox.world.voice.get(guild.id, ada.userId)).to.include({ channel_id: next.id, mute: true })
    await member.kick('bye')
    await guild.bans.create(ada.userId, { deleteMessageSeconds: 60 })
    expect((await guild.bans.fetch()).has(ada.userId)).to.equal(true)
    await guild.bans.remove(ada.userId)
    expect((await guild.members.bulkBan([ada.userId])).bannedUsers).to.deep.equal([ada.userId])
    const log = await guild.fetchAuditLogs({ type: AuditLogEvent.MemberKick })
    expect(log.entries.first()?.reason).to.equal('bye')
  })

  it('channels and roles: made, changed, overwritten, deleted; and direct messages', async () => {
    const made = await guild.channels.create({
      name: 'Quiet Room',
      topic: 'hush',
      permissionOverwrites: [{ id: guild.id, deny: [PermissionFlagsBits.SendMessages] }],
    })
    expect(made.name).to.equal('quiet-room')
    await made.permissionOverwrites.edit(client.user, { SendMessages: true })
    await made.permissionOverwrites.delete(client.user)
    await made.setTopic('louder')
    await made.sendTyping()
    await made.delete()
    const role = await guild.roles.create({ name: 'r' })
    await role.edit({ name: 'renamed', hoist: true })
    await role.setPosition(1)
    await role.delete()
    const owner = await client.users.fetch(driver.state().ownerId)
    expect((await owner.send('hello')).content).to.equal('hello')
    expect(owner.displayAvatarURL()).to.include('avatars')
    await client.application.fetch()
  })
})
