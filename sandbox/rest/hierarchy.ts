/**
 * Who stands above whom.
 *
 * Two rules that are often taken for one. Giving or taking a role compares that role with the actor's highest role.
 * Acting on a person (kick, ban, timeout, nickname) compares the two persons' highest roles. The owner stands above
 * everyone and is beyond everyone's reach. Of two roles at the same position the older one (smaller id) is higher.
 * https://docs.discord.com/developers/topics/permissions#permission-hierarchy
 */
import type { APIRole } from 'discord-api-types/v10'

type RankedRole = Pick<APIRole, 'id' | 'position' | 'managed'>

export interface HierarchyGuild {
  readonly id: string
  readonly owner_id: string
  readonly roles: readonly RankedRole[]
}

export interface HierarchyMember {
  readonly userId: string
  readonly roles: readonly string[]
}

/** True when the actor may act on the target as a person. Acting on oneself is not decided here. */
export function isAbove(guild: HierarchyGuild, actor: HierarchyMember, target: HierarchyMember): boolean {
  if (target.userId === guild.owner_id) return false
  if (actor.userId === guild.owner_id) return true
  return compareRoles(highestRole(guild, actor), highestRole(guild, target)) > 0
}

/** True when the actor may edit or delete the role: it lies strictly below the actor's highest. */
export function isRoleBelow(guild: HierarchyGuild, actor: HierarchyMember, role: RankedRole): boolean {
  if (actor.userId === guild.owner_id) return true
  return compareRoles(highestRole(guild, actor), role) > 0
}

/** True when the actor may give or take the role; nobody gives or takes @everyone or an integration's role. */
export function isRoleGrantable(guild: HierarchyGuild, actor: HierarchyMember, role: RankedRole): boolean {
  return role.id !== guild.id && !role.managed && isRoleBelow(guild, actor, role)
}

function highestRole(guild: HierarchyGuild, member: HierarchyMember): RankedRole | undefined {
  let highest: RankedRole | undefined
  for (const role of guild.roles) {
    if (member.roles.includes(role.id) && compareRoles(role, highest) > 0) highest = role
  }
  return highest
}

/** Positive when `a` is higher. Nobody's role (undefined) is lowest, as is @everyone at position 0. */
function compareRoles(a: RankedRole | undefined, b: RankedRole | undefined): number {
  const byPosition = (a?.position ?? 0) - (b?.position ?? 0)
  if (byPosition !== 0 || a === undefined || b === undefined) return byPosition
  return BigInt(a.id) < BigInt(b.id) ? 1 : a.id === b.id ? 0 : -1
}
