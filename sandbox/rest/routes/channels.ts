/**
 * Channels: reading, making, changing, deleting, their permission overwrites, and typing.
 *
 * A change of name or topic falls under a limit of its own, 2 in 10 minutes a channel. Whoever edits overwrites may
 * hand out or deny only what they have themselves, administrators excepted.
 */
import type { APIAuditLogOptions, APIOverwrite, AuditLogOptionsType } from 'discord-api-types/v10'
import type { RESTPatchAPIChannelJSONBody, RESTPostAPIGuildChannelJSONBody } from 'discord-api-types/v10'
import type { RESTPutAPIChannelPermissionJSONBody } from 'discord-api-types/v10'
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import { OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { GuildChannelKind } from '../../world/channels.ts'
import { requireBits, requireChannel, requireGuild, requireGuildChannel, requireGuildPermission } from '../access.ts'
import { requireMessageChannel, requireRole } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { readChannelPatch, readOverwrites } from '../channel-form.ts'
import { refuseField } from '../form-errors.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeChannel } from '../shapes.ts'

export const channelRoutes: readonly Route[] = [
  route('GET /channels/{channel_id}', { bucket: 'channel-read', handle: (call) => ok(shapeChannel(requireChannel(call).channel)) }),
  route('PATCH /channels/{channel_id}', { bucket: 'channel-write', handle: edit }),
  route('DELETE /channels/{channel_id}', { bucket: 'channel-write', handle: remove }),
  route('PUT /channels/{channel_id}/permissions/{overwrite_id}', { bucket: 'channel-permissions', handle: setOverwrite }),
  route('DELETE /channels/{channel_id}/permissions/{overwrite_id}', {
    bucket: 'channel-permissions',
    handle: removeOverwrite,
  }),
  route('POST /channels/{channel_id}/typing', { bucket: 'channel-typing', handle: startTyping }),
  route('GET /guilds/{guild_id}/channels', { bucket: 'guild-read', handle: list }),
  route('POST /guilds/{guild_id}/channels', { bucket: 'guild-channel-create', handle: create }),
]

const { ManageChannels, ManageRoles, SendMessages, ViewChannel } = PermissionFlagsBits
const channelsMax = 500

const kinds: readonly number[] = [
  ChannelType.GuildText,
  ChannelType.GuildAnnouncement,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
  ChannelType.GuildCategory,
]

function list(call: RouteCall): Answer {
  const guild = requireGuild(call)
  return ok(call.world.channels.list(guild.id).map(shapeChannel))
}

function create(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, ManageChannels)
  const body = call.body as RESTPostAPIGuildChannelJSONBody
  if (guild.channels.size >= channelsMax) throw refuse('tooManyChannels')
  const kind = body.type ?? ChannelType.GuildText
  if (!kinds.includes(kind)) {
    call.noteNotBuilt(`channels of type ${kind}`)
    throw refuseField(['type'], 'BASE_TYPE_CHOICES', `Value must be one of {${kinds.join(', ')}}.`)
  }
  const permissions = call.world.permissions({ guildId: guild.id, userId: call.world.bot().id })
  const patch = readChannelPatch(call, { kind, guild, permissions })
  const type = kind as GuildChannelKind
  const channel = call.world.channels.create(guild.id, { ...patch, name: patch.name ?? body.name, type })
  const changes = { name: [undefined, channel.name], type: [undefined, channel.type] } as const
  noteAudit(call, guild.id, { action: 'ChannelCreate', targetId: channel.id, changes })
  return { status: 201, body: shapeChannel(channel) }
}

function edit(call: RouteCall): Answer {
  const { channel: before, guild, permissions } = requireGuildChannel(call, ManageChannels)
  const body = call.body as RESTPatchAPIChannelJSONBody
  if (body.name !== undefined || body.topic !== undefined) call.takeSublimit('channel-rename', before.id)
  const patch = readChannelPatch(call, { kind: before.type, guild, permissions })
  const channel = call.world.channels.update(before.id, patch)
  const changes = Object.fromEntries(
    Object.entries(patch).map(([key, value]) => [key, [(before as unknown as Record<string, unknown>)[key], value] as const]),
  )
  noteAudit(call, guild.id, { action: 'ChannelUpdate', targetId: channel.id, changes })
  return ok(shapeChannel(channel))
}

function remove(call: RouteCall): Answer {
  if (requireChannel(call).guildId === null) {
    // Closing a direct message channel deletes nothing.
    return ok(shapeChannel(requireChannel(call).channel))
  }
  const { channel, guild } = requireGuildChannel(call, ManageChannels)
  const answer = shapeChannel(call.world.channels.remove(channel.id))
  noteAudit(call, guild.id, { action: 'ChannelDelete', targetId: channel.id, changes: { name: [channel.name, undefined] } })
  return ok(answer)
}

function setOverwrite(call: RouteCall): Answer {
  const { channel, guild, permissions } = requireGuildChannel(call, ManageRoles)
  const body = call.body as RESTPutAPIChannelPermissionJSONBody
  const id = param(call, 'overwrite_id')
  const known = (channel.permission_overwrites ?? []).find((one) => one.id === id)
  const type = body.type ?? known?.type
  if (type === undefined) throw refuseField(['type'], 'BASE_TYPE_REQUIRED', 'This field is required')
  if (type === OverwriteType.Role) requireRole(guild, id)
  else if (call.world.users.get(id) === undefined) throw refuse('unknownUser')
  const [overwrite] = readOverwrites([{ id, type, allow: body.allow ?? '0', deny: body.deny ?? '0' }], permissions)
  call.world.channels.setOverwrite(channel.id, overwrite as APIOverwrite)
  const action = known ? 'ChannelOverwriteUpdate' : 'ChannelOverwriteCreate'
  noteAudit(call, guild.id, { action, targetId: channel.id, options: overwriteOptions(id, type) })
  return noContent
}

function removeOverwrite(call: RouteCall): Answer {
  const { channel, guild } = requireGuildChannel(call, ManageRoles)
  const id = param(call, 'overwrite_id')
  const known = (channel.permission_overwrites ?? []).find((one) => one.id === id)
  if (known === undefined) throw refuse('unknownOverwrite')
  call.world.channels.removeOverwrite(channel.id, id)
  const options = overwriteOptions(id, known.type)
  noteAudit(call, guild.id, { action: 'ChannelOverwriteDelete', targetId: channel.id, options })
  return noContent
}

function overwriteOptions(id: string, type: OverwriteType): APIAuditLogOptions {
  return { id, type: String(type) as AuditLogOptionsType }
}

function startTyping(call: RouteCall): Answer {
  const { channel, guildId, permissions } = requireMessageChannel(call, ViewChannel)
  requireBits(permissions, SendMessages)
  const user_id = call.world.bot().id
  const d = { channel_id: channel.id, user_id, timestamp: Math.floor(call.world.nowMs() / 1_000) }
  const t = GatewayDispatchEvents.TypingStart
  if (guildId === null) call.world.emit({ t, d }, { intent: GatewayIntentBits.DirectMessageTyping })
  else {
    const member = call.world.apiMember(guildId, user_id)
    const inGuild = { ...d, guild_id: guildId, member }
    call.world.emit({ t, d: inGuild }, { guildId, intent: GatewayIntentBits.GuildMessageTyping })
  }
  return noContent
}
