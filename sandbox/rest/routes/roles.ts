/**
 * Roles of a guild: reading, making, changing, ordering, deleting.
 *
 * The bot touches only roles below its own highest, and gives a role only permissions it has itself. Roles of
 * integrations and @everyone cannot be deleted. 250 roles a guild.
 */
import type { APIRole, RESTPatchAPIGuildRolePositionsJSONBody, RESTPostAPIGuildRoleJSONBody } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { allPermissions } from '../../world/permissions.ts'
import type { RolePatch } from '../../world/roles.ts'
import type { GuildState } from '../../world/state.ts'
import { requireBits, requireGuild, requireGuildPermission, requireRole } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { isRoleBelow } from '../hierarchy.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'

export const roleRoutes: readonly Route[] = [
  route('GET /guilds/{guild_id}/roles', {
    bucket: 'guild-read',
    handle: (call) => ok(call.world.roles.list(requireGuild(call).id)),
  }),
  route('POST /guilds/{guild_id}/roles', { bucket: 'guild-role-write', handle: create }),
  route('PATCH /guilds/{guild_id}/roles', { bucket: 'guild-role-write', handle: reorder }),
  route('GET /guilds/{guild_id}/roles/{role_id}', {
    bucket: 'guild-read',
    handle: (call) => ok(requireRole(requireGuild(call), param(call, 'role_id'))),
  }),
  route('PATCH /guilds/{guild_id}/roles/{role_id}', { bucket: 'guild-role-write', handle: edit }),
  route('DELETE /guilds/{guild_id}/roles/{role_id}', { bucket: 'guild-role-write', handle: remove }),
]

const rolesMax = 250
const { ManageRoles } = PermissionFlagsBits

function create(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, ManageRoles)
  if (guild.roles.size >= rolesMax) throw refuse('tooManyRoles')
  const everyone = requireRole(guild, guild.id)
  const role = call.world.roles.create(guild.id, { permissions: everyone.permissions, ...readRolePatch(call, guild) })
  noteAudit(call, guild.id, { action: 'RoleCreate', targetId: role.id, changes: { name: [undefined, role.name] } })
  return ok(role)
}

function edit(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, ManageRoles)
  const before = requireReachableRole(call, guild, param(call, 'role_id'))
  const patch = readRolePatch(call, guild)
  const role = call.world.roles.update(guild.id, before.id, patch)
  const keys = Object.keys(patch) as (keyof RolePatch)[]
  const changes = Object.fromEntries(keys.map((key) => [key, [before[key], role[key]] as const]))
  noteAudit(call, guild.id, { action: 'RoleUpdate', targetId: role.id, changes })
  return ok(role)
}

function reorder(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, ManageRoles)
  const wishes = call.body as RESTPatchAPIGuildRolePositionsJSONBody
  // Clients send the whole order; only what moves must be in reach, and must not be lifted out of it.
  const moves = wishes.flatMap(({ id, position }) => {
    const role = requireRole(guild, id)
    if (id === guild.id) return [] // @everyone is always the lowest
    return typeof position === 'number' && position !== role.position ? [{ role, position }] : []
  })
  for (const { role, position } of moves) {
    requireReachableRole(call, guild, role.id)
    if (!isRoleBelow(guild, call.world.bot().id, { ...role, position })) throw refuse('missingPermissions')
  }
  for (const { role, position } of moves) call.world.roles.setPosition(guild.id, role.id, position)
  return ok(call.world.roles.list(guild.id))
}

function remove(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, ManageRoles)
  const role = requireReachableRole(call, guild, param(call, 'role_id'))
  if (role.managed || role.id === guild.id) throw refuse('invalidRole')
  call.world.roles.remove(guild.id, role.id)
  noteAudit(call, guild.id, { action: 'RoleDelete', targetId: role.id, changes: { name: [role.name, undefined] } })
  return noContent
}

function requireReachableRole(call: RouteCall, guild: GuildState, roleId: string): APIRole {
  const role = requireRole(guild, roleId)
  if (!isRoleBelow(guild, call.world.bot().id, role)) throw refuse('missingPermissions')
  return role
}

function readRolePatch(call: RouteCall, guild: GuildState): RolePatch {
  const body = call.body as RESTPostAPIGuildRoleJSONBody & { permissions?: string | number | null }
  if (body.icon) call.noteNotBuilt('role icons')
  const patch: RolePatch = {}
  if (typeof body.name === 'string') patch.name = body.name
  if (typeof body.hoist === 'boolean') patch.hoist = body.hoist
  if (typeof body.mentionable === 'boolean') patch.mentionable = body.mentionable
  if (body.unicode_emoji !== undefined) patch.unicode_emoji = body.unicode_emoji
  const color = body.colors?.primary_color ?? body.color
  if (typeof color === 'number') {
    patch.color = color
    const { secondary_color = null, tertiary_color = null } = body.colors ?? {}
    patch.colors = { primary_color: color, secondary_color, tertiary_color }
  }
  if (body.permissions !== undefined && body.permissions !== null) {
    const wanted = BigInt(body.permissions)
    const own = call.world.permissions({ guildId: guild.id, userId: call.world.bot().id })
    if (own !== allPermissions) requireBits(own, wanted)
    patch.permissions = String(wanted)
  }
  return patch
}
