/**
 * Changing a member: nickname, roles, server mute and deafening, voice channel, timeout.
 *
 * Each field has its permission and its own rule; all are checked before the first one is applied, and the member's
 * fields change in one update. The whole role list is replaced, so a list made from an old cache undoes what others
 * did meanwhile: that trap is Discord's and is kept.
 */
import type { RESTPatchAPIGuildMemberJSONBody } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { isVoiceChannel } from '../../world/channels.ts'
import type { MemberPatch } from '../../world/members.ts'
import { allPermissions } from '../../world/permissions.ts'
import type { GuildState } from '../../world/state.ts'
import { requireBits, requireGuild, requireMember, requireRole } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { refuseField } from '../form-errors.ts'
import { isAbove, isRoleGrantable } from '../hierarchy.ts'
import { refuse } from '../refusals.ts'
import { ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeMember } from '../shapes.ts'

export const memberEditRoutes: readonly Route[] = [
  route('PATCH /guilds/{guild_id}/members/@me', { bucket: 'member-edit', handle: editOwn }),
  route('PATCH /guilds/{guild_id}/members/{user_id}', { bucket: 'member-edit', handle: edit }),
]

const { ManageNicknames, ChangeNickname, ManageRoles, MuteMembers, DeafenMembers, MoveMembers } = PermissionFlagsBits
const { ModerateMembers, ManageGuild, Connect } = PermissionFlagsBits
const timeoutMaxMs = 28 * 24 * 3_600_000

interface Edit {
  readonly call: RouteCall
  readonly guild: GuildState
  readonly userId: string
  readonly body: RESTPatchAPIGuildMemberJSONBody
  /** The bot's, in the guild. */
  readonly permissions: bigint
}

function editOwn(call: RouteCall): Answer {
  const guild = requireGuild(call)
  const userId = call.world.bot().id
  const { nick, ...others } = call.body as { nick?: string | null }
  if (Object.keys(others).some((key) => ['avatar', 'banner', 'bio'].includes(key))) call.noteNotBuilt('member profiles')
  const permissions = call.world.permissions({ guildId: guild.id, userId })
  if (nick !== undefined) requireBits(permissions, ChangeNickname)
  const member = call.world.members.update(guild.id, userId, nick === undefined ? {} : { nick: emptyAsNull(nick) })
  return ok({ ...shapeMember(member), permissions: String(permissions) })
}

function edit(call: RouteCall): Answer {
  const guild = requireGuild(call)
  const userId = param(call, 'user_id')
  const before = requireMember(call, guild.id, userId)
  const permissions = call.world.permissions({ guildId: guild.id, userId: call.world.bot().id })
  const body = call.body as RESTPatchAPIGuildMemberJSONBody
  const at: Edit = { call, guild, userId, body, permissions }
  const patch: MemberPatch = { ...readNick(at), ...readRoles(at), ...readTimeout(at), ...readFlags(at) }
  requireVoiceChange(at)

  if (Object.keys(patch).length > 0) call.world.members.update(guild.id, userId, patch)
  applyVoiceChange(at)
  noteEdit(at, before, patch)
  return ok(shapeMember(requireMember(call, guild.id, userId)))
}

function readNick({ call, guild, userId, body, permissions }: Edit): MemberPatch {
  if (body.nick === undefined) return {}
  requireBits(permissions, ManageNicknames)
  if (!isAbove(guild, call.world.bot().id, userId)) throw refuse('missingPermissions')
  return { nick: emptyAsNull(body.nick) }
}

function readRoles({ call, guild, userId, body, permissions }: Edit): MemberPatch {
  if (!body.roles) return {}
  requireBits(permissions, ManageRoles)
  const before = new Set(guild.members.get(userId)?.roles)
  const after = new Set(body.roles)
  // Only what changes must be in reach; a role above the bot may stay where it is.
  for (const roleId of new Set([...before, ...after])) {
    if (before.has(roleId) && after.has(roleId)) continue
    if (!isRoleGrantable(guild, call.world.bot().id, requireRole(guild, roleId))) throw refuse('missingPermissions')
  }
  return { roles: [...after] }
}

function readTimeout({ call, guild, userId, body, permissions }: Edit): MemberPatch {
  const until = body.communication_disabled_until
  if (until === undefined) return {}
  requireBits(permissions, ModerateMembers)
  if (!isAbove(guild, call.world.bot().id, userId)) throw refuse('missingPermissions')
  if (until === null) return { communication_disabled_until: null }
  // An administrator cannot be silenced, whatever the hierarchy.
  if (call.world.permissions({ guildId: guild.id, userId }) === allPermissions) throw refuse('missingPermissions')
  if (Date.parse(until) > call.world.nowMs() + timeoutMaxMs) {
    const message = 'Timeout must be less than 28 days in the future'
    throw refuseField(['communication_disabled_until'], 'COMMUNICATION_DISABLED_UNTIL_MAX', message)
  }
  return { communication_disabled_until: new Date(until).toISOString() }
}

function readFlags({ body, permissions }: Edit): MemberPatch {
  if (typeof body.flags !== 'number') return {}
  requireBits(permissions, ManageGuild)
  return { flags: body.flags }
}

function requireVoiceChange({ call, guild, userId, body, permissions }: Edit): void {
  const isFlagged = typeof body.mute === 'boolean' || typeof body.deaf === 'boolean'
  if (typeof body.mute === 'boolean') requireBits(permissions, MuteMembers)
  if (typeof body.deaf === 'boolean') requireBits(permissions, DeafenMembers)
  if (body.channel_id !== undefined) requireBits(permissions, MoveMembers)
  if (!isFlagged && body.channel_id === undefined) return
  if (call.world.voice.get(guild.id, userId) === undefined) throw refuse('notInVoice')
  if (typeof body.channel_id !== 'string') return
  const channel = guild.channels.get(body.channel_id)
  if (!isVoiceChannel(channel)) throw refuse('unknownChannel')
  const own = call.world.permissions({ guildId: guild.id, userId: call.world.bot().id, channelId: channel.id })
  requireBits(own, Connect | MoveMembers)
}

function applyVoiceChange({ call, guild, userId, body }: Edit): void {
  const flags = {
    ...(typeof body.mute === 'boolean' ? { mute: body.mute } : {}),
    ...(typeof body.deaf === 'boolean' ? { deaf: body.deaf } : {}),
  }
  if (Object.keys(flags).length > 0) call.world.voice.setServerFlags(guild.id, userId, flags)
  if (body.channel_id === null) call.world.voice.leave(guild.id, userId)
  else if (body.channel_id !== undefined) call.world.voice.join(guild.id, userId, body.channel_id)
}

function noteEdit({ call, guild, userId, body }: Edit, before: object, patch: MemberPatch): void {
  const old = before as Record<string, unknown>
  const { roles, ...fields } = patch
  const voice = { mute: body.mute ?? undefined, deaf: body.deaf ?? undefined }
  const changed = Object.entries({ ...fields, ...voice }).filter(([, value]) => value !== undefined)
  const changes = Object.fromEntries(changed.map(([key, value]) => [key, [old[key], value] as const]))
  if (changed.length > 0) noteAudit(call, guild.id, { action: 'MemberUpdate', targetId: userId, changes })
  if (roles) noteRoles({ call, guild, userId }, old['roles'] as string[], roles)
  if (body.channel_id === null) noteAudit(call, guild.id, { action: 'MemberDisconnect', targetId: null, options: { count: '1' } })
  if (typeof body.channel_id === 'string') {
    const options = { count: '1', channel_id: body.channel_id }
    noteAudit(call, guild.id, { action: 'MemberMove', targetId: null, options })
  }
}

function noteRoles(
  { call, guild, userId }: Pick<Edit, 'call' | 'guild' | 'userId'>,
  before: readonly string[],
  after: readonly string[],
): void {
  const named = (ids: readonly string[]) => ids.map((id) => ({ id, name: guild.roles.get(id)?.name ?? '' }))
  const added = named(after.filter((id) => !before.includes(id)))
  const removed = named(before.filter((id) => !after.includes(id)))
  const changes = {
    ...(added.length > 0 ? { $add: [undefined, added] as const } : {}),
    ...(removed.length > 0 ? { $remove: [undefined, removed] as const } : {}),
  }
  noteAudit(call, guild.id, { action: 'MemberRoleUpdate', targetId: userId, changes })
}

function emptyAsNull(nick: string | null): string | null {
  return nick === '' ? null : nick
}
