/**
 * Who stands above whom.
 *
 * Two rules that are often taken for one. Giving or taking a role compares that role with the actor's highest role.
 * Acting on a person (kick, ban, timeout, nickname) compares the two persons' highest roles. The owner stands above
 * everyone and is beyond everyone's reach. Of two roles at the same position the older one (smaller id) is higher.
 * https://docs.discord.com/developers/topics/permissions#permission-hierarchy
 */
import type { APIRole } from 'discord-api-types/v10'
import type { GuildState } from '../world/state.ts'

type RankedRole = Pick<APIRole, 'id' | 'position' | 'managed'>

export interface RankedGuild extends Pick<GuildState, 'id' | 'ownerId'> {
  readonly roles: ReadonlyMap<string, RankedRole>
  readonly members: ReadonlyMap<string, { readonly roles: readonly string[] }>
}

/** True when the actor may act on the target as a person. Acting on oneself is not decided here. */
export function isAbove(guild: RankedGuild, actorId: string, targetId: string): boolean {
  if (targetId === guild.ownerId) return false
  if (actorId === guild.ownerId) return true
  return compareRoles(highestRole(guild, actorId), highestRole(guild, targetId)) > 0
}

/** True when the actor may edit or delete the role: it lies strictly below the actor's highest. */
export function isRoleBelow(guild: RankedGuild, actorId: string, role: RankedRole): boolean {
  if (actorId === guild.ownerId) return true
  return compareRoles(highestRole(guild, actorId), role) > 0
}

/** True when the actor may give or take the role; nobody gives or takes @everyone or an integration's role. */
export function isRoleGrantable(guild: RankedGuild, actorId: string, role: RankedRole): boolean {
  return role.id !== guild.id && !role.managed && isRoleBelow(guild, actorId, role)
}

function highestRole(guild: RankedGuild, userId: string): RankedRole | undefined {
  let highest = guild.roles.get(guild.id)
  for (const roleId of guild.members.get(userId)?.roles ?? []) {
    const role = guild.roles.get(roleId)
    if (role !== undefined && compareRoles(role, highest) > 0) highest = role
  }
  return highest
}

/** Positive when `a` is higher; no role at all is lowest. */
function compareRoles(a: RankedRole | undefined, b: RankedRole | undefined): number {
  const byPosition = (a?.position ?? -1) - (b?.position ?? -1)
  if (byPosition !== 0 || a === undefined || b === undefined || a.id === b.id) return byPosition
  return BigInt(a.id) < BigInt(b.id) ? 1 : -1
}
