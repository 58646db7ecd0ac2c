/**
 * What a member may do, by Discord's algorithm and in its order.
 *
 * Base: owner has everything; else @everyone and the member's roles together; ADMINISTRATOR has everything.
 * Channel: @everyone's overwrite, then all role overwrites together, then the member's own; at each step what is
 * denied goes first and what is allowed comes after. A timed-out member keeps only VIEW_CHANNEL and
 * READ_MESSAGE_HISTORY, owner and administrators excepted. Pure: the time is an argument.
 * https://docs.discord.com/developers/topics/permissions#permission-overwrites
 */
import { OverwriteType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { APIOverwrite, APIRole } from 'discord-api-types/v10'

export interface PermissionGuild {
  readonly id: string
  readonly owner_id: string
  readonly roles: readonly Pick<APIRole, 'id' | 'permissions'>[]
}

export interface PermissionMember {
  readonly userId: string
  readonly roles: readonly string[]
  readonly communication_disabled_until?: string | null | undefined
}

export const allPermissions: bigint = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n)

const keptInTimeout = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory

/** The bits a member has in the guild as a whole. */
export function guildPermissions(guild: PermissionGuild, member: PermissionMember, nowMs: number): bigint {
  const base = basePermissions(guild, member)
  return base === allPermissions ? base : withTimeout(base, member, nowMs)
}

/** The bits a member has in one channel. */
export function channelPermissions(
  guild: PermissionGuild,
  member: PermissionMember,
  overwrites: readonly APIOverwrite[],
  nowMs: number,
): bigint {
  const base = basePermissions(guild, member)
  if (base === allPermissions) return base
  return withTimeout(applyOverwrites(base, guild, member, overwrites), member, nowMs)
}

export function hasPermission(bits: bigint, wanted: bigint): boolean {
  return (bits & wanted) === wanted
}

/** Owner or holder of ADMINISTRATOR: whom neither overwrites nor timeouts touch. */
export function isAdministrator(guild: PermissionGuild, member: PermissionMember): boolean {
  return basePermissions(guild, member) === allPermissions
}

function basePermissions(guild: PermissionGuild, member: PermissionMember): bigint {
  if (member.userId === guild.owner_id) return allPermissions
  let bits = 0n
  for (const role of guild.roles) {
    // The @everyone role has the id of its guild and no member lists it.
    if (role.id === guild.id || member.roles.includes(role.id)) bits |= BigInt(role.permissions)
  }
  return hasPermission(bits, PermissionFlagsBits.Administrator) ? allPermissions : bits
}

function applyOverwrites(
  base: bigint,
  guild: PermissionGuild,
  member: PermissionMember,
  overwrites: readonly APIOverwrite[],
): bigint {
  let bits = base
  const everyone = overwrites.find((one) => one.type === OverwriteType.Role && one.id === guild.id)
  if (everyone) bits = (bits & ~BigInt(everyone.deny)) | BigInt(everyone.allow)
  let denied = 0n
  let allowed = 0n
  for (const one of overwrites) {
    if (one.type !== OverwriteType.Role || one.id === guild.id || !member.roles.includes(one.id)) continue
    denied |= BigInt(one.deny)
    allowed |= BigInt(one.allow)
  }
  bits = (bits & ~denied) | allowed
  const own = overwrites.find((one) => one.type === OverwriteType.Member && one.id === member.userId)
  if (own) bits = (bits & ~BigInt(own.deny)) | BigInt(own.allow)
  return bits
}

function withTimeout(bits: bigint, member: PermissionMember, nowMs: number): bigint {
  const until = member.communication_disabled_until
  if (until === undefined || until === null || Date.parse(until) <= nowMs) return bits
  return bits & keptInTimeout
}
