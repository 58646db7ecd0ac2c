/**
 * Discord's permission algorithm: what a member may do in a guild, or in one of its channels.
 *
 * https://docs.discord.com/developers/topics/permissions#permission-overwrites . Owner and administrators may do
 * everything; a timed-out member keeps only viewing and reading history (owner and administrators are exempt).
 */
import type { APIOverwrite } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'

/** Every permission bit Discord has. */
export const allPermissions: bigint = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n)

const timedOutPermissions = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ReadMessageHistory

/** 0n for somebody who is not a member. Without a channel: the guild-wide permissions. */
export function computePermissions(
  core: Pick<WorldCore, 'state' | 'clock'>,
  target: { guildId: string; userId: string; channelId?: string | undefined },
): bigint {
  const guild = core.state.guilds.get(target.guildId)
  const member = guild?.members.get(target.userId)
  if (guild === undefined || member === undefined) return 0n
  if (guild.ownerId === target.userId) return allPermissions
  const ofRole = (roleId: string): bigint => BigInt(guild.roles.get(roleId)?.permissions ?? '0')
  const base = member.roles.reduce((all, roleId) => all | ofRole(roleId), ofRole(guild.id))
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return allPermissions

  const overwrites =
    target.channelId === undefined ? [] : (guild.channels.get(target.channelId)?.permission_overwrites ?? [])
  const inChannel = applyOverwrites(base, overwrites, { everyoneId: guild.id, roles: member.roles, userId: target.userId })
  const timedOutUntil = member.communication_disabled_until
  const isTimedOut = typeof timedOutUntil === 'string' && Date.parse(timedOutUntil) > core.clock.wallMs()
  return isTimedOut ? inChannel & timedOutPermissions : inChannel
}

function applyOverwrites(
  base: bigint,
  overwrites: readonly APIOverwrite[],
  who: { everyoneId: string; roles: readonly string[]; userId: string },
): bigint {
  const sum = (picked: readonly APIOverwrite[]): { allow: bigint; deny: bigint } => ({
    allow: picked.reduce((all, one) => all | BigInt(one.allow), 0n),
    deny: picked.reduce((all, one) => all | BigInt(one.deny), 0n),
  })
  const layers = [
    sum(overwrites.filter((one) => one.id === who.everyoneId)),
    sum(overwrites.filter((one) => who.roles.includes(one.id))),
    sum(overwrites.filter((one) => one.id === who.userId)),
  ]
  return layers.reduce((permissions, layer) => (permissions & ~layer.deny) | layer.allow, base)
}
