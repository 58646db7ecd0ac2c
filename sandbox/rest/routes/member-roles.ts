/**
 * Giving one role to a member, or taking it: the pair of requests that does not lose others' updates.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { requireGuildPermission, requireMember, requireRole } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { isRoleGrantable } from '../hierarchy.ts'
import { refuse } from '../refusals.ts'
import { noContent, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'

const pattern = '/guilds/{guild_id}/members/{user_id}/roles/{role_id}'

export const memberRoleRoutes: readonly Route[] = [
  route(`PUT ${pattern}`, { bucket: 'member-roles', handle: (call) => change(call, 'give') }),
  route(`DELETE ${pattern}`, { bucket: 'member-roles', handle: (call) => change(call, 'take') }),
]

function change(call: RouteCall, way: 'give' | 'take'): Answer {
  const guild = requireGuildPermission(call, PermissionFlagsBits.ManageRoles)
  const { user, roles } = requireMember(call, guild.id, param(call, 'user_id'))
  const role = requireRole(guild, param(call, 'role_id'))
  if (!isRoleGrantable(guild, call.world.bot().id, role)) throw refuse('missingPermissions')
  // What is already so is answered like a change, and told to nobody.
  if (roles.includes(role.id) === (way === 'give')) return noContent
  if (way === 'give') call.world.members.addRole(guild.id, user.id, role.id)
  else call.world.members.removeRole(guild.id, user.id, role.id)
  const changed = [{ id: role.id, name: role.name }]
  const changes = { [way === 'give' ? '$add' : '$remove']: [undefined, changed] as const }
  noteAudit(call, guild.id, { action: 'MemberRoleUpdate', targetId: user.id, changes })
  return noContent
}
