/**
 * Who may do what to whom: the codes for not seeing (50001), not being permitted (50013) and not existing, and the two
 * rules of the hierarchy.
 */
import { expect } from 'chai'
import { ChannelType, OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10'
import { createManualClock } from '../support/manual-clock.ts'
import { expectNoViolations, startRest } from './rest-harness.ts'
import type { RestHarness } from './rest-harness.ts'

const loose = { globalPerSecond: 10_000, bucketFactor: 1_000 }
const { Administrator, ManageRoles, KickMembers, BanMembers, ModerateMembers, ManageNicknames } = PermissionFlagsBits
const { MoveMembers, MuteMembers, Connect, ManageMessages, ViewChannel, SendMessages } = PermissionFlagsBits

describe('sandbox/rest: permissions and hierarchy (limits loosened)', () => {
  const clock = createManualClock()
  let rest: RestHarness
  const start = async (botPermissions: bigint): Promise<void> => {
    rest = await startRest({ clock, limits: loose, botPermissions })
  }
  afterEach(async () => {
    expectNoViolations(rest)
    await rest.stop()
  })
  const refusal = async (method: string, path: string, body?: unknown): Promise<[number, number]> => {
    const answer = await rest.call(method, path, body)
    return [answer.status, answer.body.code]
  }
  /** Status and code of a change that answered without an error. */
  const done = async (method: string, path: string, body?: unknown): Promise<number> => (await rest.call(method, path, body)).status
  const botRole = () => rest.world.roles.list(rest.guildId).find((role) => role.tags?.bot_id !== undefined)!

  it('what does not exist is 404 with the code of its kind', async () => {
    await start(Administrator)
    const none = '100000000000000001'
    const guild = `/guilds/${rest.guildId}`
    expect(await refusal('GET', `/channels/${none}`)).to.deep.equal([404, 10003])
    expect(await refusal('GET', `/guilds/${none}`)).to.deep.equal([404, 10004])
    expect(await refusal('GET', `/channels/${rest.channelId}/messages/${none}`)).to.deep.equal([404, 10008])
    expect(await refusal('GET', `${guild}/roles/${none}`)).to.deep.equal([404, 10011])
    expect(await refusal('GET', `/users/${none}`)).to.deep.equal([404, 10013])
    expect(await refusal('GET', `${guild}/members/${none}`)).to.deep.equal([404, 10013])
    const stranger = rest.world.users.create({ username: 'stranger' }).id
    expect(await refusal('GET', `${guild}/members/${stranger}`)).to.deep.equal([404, 10007])
    expect(await refusal('GET', `${guild}/bans/${stranger}`)).to.deep.equal([404, 10026])
    const commands = `/applications/${rest.world.application.id}/commands`
    expect(await refusal('GET', `${commands}/${none}`)).to.deep.equal([404, 10063])
    expect(await refusal('GET', `/webhooks/${rest.world.application.id}/nothing/messages/@original`)).to.deep.equal([404, 10015])
  })

  it('a bad token is 401 with code 0', async () => {
    await start(Administrator)
    const answer = await rest.call('GET', '/users/@me', undefined, { authorization: 'Bot wrong' })
    expect([answer.status, answer.body]).to.deep.equal([401, { message: '401: Unauthorized', code: 0 }])
  })

  it('an id that is none is 50035 at its name', async () => {
    await start(Administrator)
    const answer = await rest.call('GET', '/channels/general')
    expect(answer.body.code).to.equal(50035)
    expect(answer.body.errors.channel_id._errors[0].code).to.equal('NUMBER_TYPE_COERCE')
  })

  it('a guild without the bot is 50001, for its commands too', async () => {
    await start(Administrator)
    const other = rest.world.guilds.create({ name: 'other', ownerId: rest.ownerId, inviteBot: false }).id
    expect(await refusal('GET', `/guilds/${other}`)).to.deep.equal([403, 50001])
    const commands = `/applications/${rest.world.application.id}/guilds/${other}/commands`
    expect(await refusal('PUT', commands, [])).to.deep.equal([403, 50001])
  })

  it('a channel that cannot be viewed is 50001, one that cannot be written to 50013', async () => {
    await start(ViewChannel | SendMessages)
    const { world, guildId, channelId } = rest
    const path = `/channels/${channelId}/messages`
    const deny = (bits: bigint) =>
      world.channels.setOverwrite(channelId, { id: guildId, type: OverwriteType.Role, allow: '0', deny: String(bits) })
    deny(SendMessages)
    expect(await refusal('POST', path, { content: 'x' })).to.deep.equal([403, 50013])
    deny(ViewChannel)
    expect(await refusal('POST', path, { content: 'x' })).to.deep.equal([403, 50001])
    // The member's own overwrite comes last and wins.
    const bits = String(ViewChannel | SendMessages)
    world.channels.setOverwrite(channelId, { id: world.bot().id, type: OverwriteType.Member, allow: bits, deny: '0' })
    expect(await done('POST', path, { content: 'x' })).to.equal(200)
  })

  it('a timed-out bot reads and cannot write, until the time is over', async () => {
    await start(SendMessages | ViewChannel)
    const until = new Date(clock.wallMs() + 60_000).toISOString()
    rest.world.members.update(rest.guildId, rest.world.bot().id, { communication_disabled_until: until })
    const path = `/channels/${rest.channelId}/messages`
    expect(await done('GET', path)).to.equal(200)
    expect(await refusal('POST', path, { content: 'x' })).to.deep.equal([403, 50013])
    clock.advance(60_000)
    expect(await done('POST', path, { content: 'x' })).to.equal(200)
  })

  it('a role at or above the bot’s own, a managed one and @everyone cannot be given', async () => {
    await start(ManageRoles)
    const { world, guildId } = rest
    const ada = rest.member('ada')
    const low = world.roles.create(guildId, { name: 'low' })
    const high = world.roles.create(guildId, { name: 'high' })
    const managed = world.roles.create(guildId, { name: 'managed', managed: true })
    world.roles.setPosition(guildId, high.id, botRole().position + 1)
    const give = (roleId: string): string => `/guilds/${guildId}/members/${ada}/roles/${roleId}`
    expect(await done('PUT', give(low.id))).to.equal(204)
    for (const id of [high.id, managed.id, guildId]) expect(await refusal('PUT', give(id))).to.deep.equal([403, 50013])
    // The whole list may keep what it cannot give.
    world.members.addRole(guildId, ada, high.id)
    const member = `/guilds/${guildId}/members/${ada}`
    expect(await done('PATCH', member, { roles: [high.id] })).to.equal(200)
    expect(await refusal('PATCH', member, { roles: [] })).to.deep.equal([403, 50013])
  })

  it('of two roles at the same position the older one is higher', async () => {
    await start(ManageRoles)
    const younger = rest.world.roles.create(rest.guildId, { name: 'younger' })
    rest.world.roles.setPosition(rest.guildId, younger.id, botRole().position)
    const path = `/guilds/${rest.guildId}/members/${rest.member('ada')}/roles/${younger.id}`
    expect(await done('PUT', path)).to.equal(204)
  })

  it('kick, ban, timeout and nickname compare the persons’ highest roles; the owner is out of reach', async () => {
    await start(KickMembers | BanMembers | ModerateMembers | ManageNicknames)
    const { world, guildId, ownerId } = rest
    const high = world.roles.create(guildId, { name: 'high' })
    world.roles.setPosition(guildId, high.id, botRole().position + 1)
    const until = new Date(clock.wallMs() + 60_000).toISOString()
    for (const target of [rest.member('boss', [high.id]), ownerId]) {
      const member = `/guilds/${guildId}/members/${target}`
      expect(await refusal('DELETE', member)).to.deep.equal([403, 50013])
      expect(await refusal('PUT', `/guilds/${guildId}/bans/${target}`, {})).to.deep.equal([403, 50013])
      expect(await refusal('PATCH', member, { nick: 'x' })).to.deep.equal([403, 50013])
      expect(await refusal('PATCH', member, { communication_disabled_until: until })).to.deep.equal([403, 50013])
    }
    const low = `/guilds/${guildId}/members/${rest.member('low')}`
    expect(await done('PATCH', low, { nick: 'x', communication_disabled_until: until })).to.equal(200)
    expect(await done('DELETE', low)).to.equal(204)
  })

  it('an administrator below the bot can be kicked but not timed out; 28 days are the most', async () => {
    await start(Administrator)
    const { world, guildId } = rest
    const admin = world.roles.create(guildId, { name: 'admin', permissions: String(Administrator) })
    const member = `/guilds/${guildId}/members/${rest.member('admin', [admin.id])}`
    const inDays = (days: number) => ({ communication_disabled_until: new Date(clock.wallMs() + days * 86_400_000).toISOString() })
    expect(await refusal('PATCH', member, inDays(1))).to.deep.equal([403, 50013])
    expect(await done('DELETE', member)).to.equal(204)
    const plain = `/guilds/${guildId}/members/${rest.member('plain')}`
    expect(await refusal('PATCH', plain, inDays(28.1))).to.deep.equal([400, 50035])
    expect(await done('PATCH', plain, inDays(28))).to.equal(200)
  })

  it('moving and muting need the member in voice (40032) and the bot’s permission there', async () => {
    await start(MoveMembers | MuteMembers | Connect | ViewChannel)
    const { world, guildId, channelId } = rest
    const from = world.channels.create(guildId, { name: 'from', type: ChannelType.GuildVoice })
    const to = world.channels.create(guildId, { name: 'to', type: ChannelType.GuildVoice })
    const ada = rest.member('ada')
    const member = `/guilds/${guildId}/members/${ada}`
    expect(await refusal('PATCH', member, { channel_id: to.id })).to.deep.equal([400, 40032])
    world.voice.join(guildId, ada, from.id)
    expect(await refusal('PATCH', member, { deaf: true })).to.deep.equal([403, 50013])
    expect(await refusal('PATCH', member, { channel_id: channelId })).to.deep.equal([404, 10003])
    expect(await done('PATCH', member, { channel_id: to.id, mute: true })).to.equal(200)
    expect(world.voice.get(guildId, ada)).to.include({ channel_id: to.id, mute: true })
    expect(await done('PATCH', member, { channel_id: null })).to.equal(200)
    expect(world.voice.get(guildId, ada)).to.equal(undefined)
  })

  it('nothing of an edit happens when one of its fields is refused', async () => {
    await start(ManageNicknames)
    const ada = rest.member('ada')
    const edit = { nick: 'changed', communication_disabled_until: new Date(clock.wallMs() + 1_000).toISOString() }
    expect(await refusal('PATCH', `/guilds/${rest.guildId}/members/${ada}`, edit)).to.deep.equal([403, 50013])
    expect(rest.world.members.get(rest.guildId, ada)?.nick).to.equal(null)
  })

  it('the bot gives roles and overwrites only permissions it has', async () => {
    await start(ManageRoles | ViewChannel)
    expect(await refusal('POST', `/guilds/${rest.guildId}/roles`, { permissions: '8' })).to.deep.equal([403, 50013])
    expect(await done('POST', `/guilds/${rest.guildId}/roles`, { permissions: String(ViewChannel) })).to.equal(200)
    const overwrite = `/channels/${rest.channelId}/permissions/${rest.guildId}`
    expect(await refusal('PUT', overwrite, { type: 0, deny: String(BanMembers) })).to.deep.equal([403, 50013])
    expect(await done('PUT', overwrite, { type: 0, allow: String(ViewChannel) })).to.equal(204)
  })

  it('a guild has 250 roles at most (30005)', async () => {
    await start(Administrator)
    while (rest.world.roles.list(rest.guildId).length < 250) rest.world.roles.create(rest.guildId)
    expect(await refusal('POST', `/guilds/${rest.guildId}/roles`, {})).to.deep.equal([400, 30005])
  })

  it('listing members needs the intent in the portal', async () => {
    rest = await startRest({ clock, membersIntent: false })
    expect(await refusal('GET', `/guilds/${rest.guildId}/members`)).to.deep.equal([403, 50001])
  })

  it('another’s message can be deleted with the permission but never edited (50005)', async () => {
    await start(ManageMessages | ViewChannel)
    const { world, channelId, ownerId } = rest
    const { id } = world.messages.create(channelId, { authorId: ownerId, content: 'mine' })
    const path = `/channels/${channelId}/messages/${id}`
    expect(await refusal('PATCH', path, { content: 'yours' })).to.deep.equal([403, 50005])
    expect(await done('PATCH', path, { flags: 4 })).to.equal(200)
    expect(await done('DELETE', path)).to.equal(204)
  })

  it('people who are no members can be banned; a reason arrives decoded in the audit log', async () => {
    await start(Administrator)
    const { world, guildId } = rest
    const stranger = world.users.create({ username: 'stranger' }).id
    const reason = { 'x-audit-log-reason': encodeURIComponent('spam – ünd mehr') }
    expect((await rest.call('PUT', `/guilds/${guildId}/bans/${stranger}`, {}, reason)).status).to.equal(204)
    expect((await rest.call('GET', `/guilds/${guildId}/bans/${stranger}`)).body.reason).to.equal('spam – ünd mehr')
    const log = (await rest.call('GET', `/guilds/${guildId}/audit-logs?action_type=22`)).body
    expect(log.audit_log_entries).to.have.length(1)
    expect(log.audit_log_entries[0]).to.include({ target_id: stranger, user_id: world.bot().id, reason: 'spam – ünd mehr' })
  })

  it('a ban takes the messages of the given time with it, in one dispatch a channel', async () => {
    await start(Administrator)
    const { world, guildId, channelId } = rest
    const ada = rest.member('ada')
    const old = world.messages.create(channelId, { authorId: ada, content: 'old' })
    clock.advance(60_000)
    const young = world.messages.create(channelId, { authorId: ada, content: 'young' })
    await done('PUT', `/guilds/${guildId}/bans/${ada}`, { delete_message_seconds: 30 })
    expect(world.messages.get(channelId, young.id)).to.equal(undefined)
    expect(world.messages.get(channelId, old.id)).to.not.equal(undefined)
    expect(rest.dispatches.filter((one) => one.t === 'MESSAGE_DELETE_BULK')).to.have.length(1)
  })

  it('deleting a channel needs the permission, and a direct message cannot be edited', async () => {
    await start(ViewChannel)
    expect(await refusal('DELETE', `/channels/${rest.channelId}`)).to.deep.equal([403, 50013])
    const dm = rest.world.users.openDm(rest.ownerId)
    expect(await refusal('PATCH', `/channels/${dm.id}`, { name: 'x' })).to.deep.equal([400, 50003])
  })
})
