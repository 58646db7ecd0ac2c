/**
 * Members: reading one, listing all, searching by name, kicking, and where they are in voice.
 *
 * Listing needs the members intent in the developer portal; reading one member does not.
 */
import type { APIGuildMember } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { requireGuild, requireGuildPermission, requireMember } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { refuseField } from '../form-errors.ts'
import { isAbove } from '../hierarchy.ts'
import { readLimit, readSnowflake } from '../query.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeMember } from '../shapes.ts'

export const memberRoutes: readonly Route[] = [
  route('GET /guilds/{guild_id}/members', { bucket: 'member-list', handle: list }),
  route('GET /guilds/{guild_id}/members/search', { bucket: 'member-list', handle: search }),
  route('GET /guilds/{guild_id}/members/{user_id}', { bucket: 'member-read', handle: read }),
  route('DELETE /guilds/{guild_id}/members/{user_id}', { bucket: 'member-remove', handle: kick }),
  route('GET /guilds/{guild_id}/voice-states/@me', {
    bucket: 'member-read',
    handle: (call) => readVoiceState(call, call.world.bot().id),
  }),
  route('GET /guilds/{guild_id}/voice-states/{user_id}', {
    bucket: 'member-read',
    handle: (call) => readVoiceState(call, param(call, 'user_id')),
  }),
]

function read(call: RouteCall): Answer {
  return ok(shapeMember(requireMember(call, requireGuild(call).id, param(call, 'user_id'))))
}

function list(call: RouteCall): Answer {
  const guild = requireGuild(call)
  if (!call.portal.membersIntent) throw refuse('missingAccess')
  const limit = readLimit(call.query, { max: 1_000, preset: 1 })
  const after = BigInt(readSnowflake(call.query, 'after') ?? '0')
  const members = call.world.members.list(guild.id).filter((member) => BigInt(member.user.id) > after)
  return ok(members.slice(0, limit).map(shapeMember))
}

function search(call: RouteCall): Answer {
  const guild = requireGuild(call)
  const wanted = call.query.get('query')?.toLowerCase()
  if (!wanted) throw refuseField(['query'], 'BASE_TYPE_REQUIRED', 'This field is required')
  const limit = readLimit(call.query, { max: 1_000, preset: 1 })
  const found = call.world.members.list(guild.id).filter((member) => namesOf(member).some((name) => name.startsWith(wanted)))
  return ok(found.slice(0, limit).map(shapeMember))
}

function namesOf(member: APIGuildMember): string[] {
  return [member.user.username, member.user.global_name, member.nick].flatMap((name) => name?.toLowerCase() ?? [])
}

function kick(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, PermissionFlagsBits.KickMembers)
  const { user } = requireMember(call, guild.id, param(call, 'user_id'))
  if (!isAbove(guild, call.world.bot().id, user.id)) throw refuse('missingPermissions')
  call.world.members.remove(guild.id, user.id)
  noteAudit(call, guild.id, { action: 'MemberKick', targetId: user.id })
  return noContent
}

function readVoiceState(call: RouteCall, userId: string): Answer {
  const guild = requireGuild(call)
  const state = call.world.voice.get(guild.id, userId)
  if (state === undefined) throw refuse('unknownVoiceState')
  const member = shapeMember(call.world.apiMember(guild.id, userId))
  return ok({ ...state, self_stream: state.self_stream ?? false, guild_id: guild.id, member })
}
