/**
 * A moderator and members: roles, nicks, kick, ban, each with the permission a client needs.
 *
 * Hierarchy is kept simple here: the permission decides, and nobody removes the owner. The bot's own hierarchy is
 * REST's business.
 */
import { AuditLogEvent, PermissionFlagsBits } from 'discord-api-types/v10'
import type { World } from '../world/world.ts'
import { createDeeds } from './deeds.ts'
import { PeopleRefused, known } from './refused.ts'

export interface MemberModeration {
  giveRole(userId: string, roleId: string): void
  takeRole(userId: string, roleId: string): void
  setNick(userId: string, nick: string | null): void
  kick(userId: string, reason?: string): void
  ban(userId: string, reason?: string): void
  unban(userId: string): void
}

export function createMemberModeration(world: World, who: { guildId: string; userId: string }): MemberModeration {
  const { guildId } = who
  const { need, note } = createDeeds(world, who)
  const member = (userId: string): void => {
    known(world.members.get(guildId, userId), 'unknown-member', `member ${userId} of guild ${guildId}`)
  }
  const refuseOwner = (userId: string): void => {
    if (world.guilds.get(guildId)?.ownerId === userId) throw new PeopleRefused('missing-permission', 'nobody removes the owner')
  }
  return {
    giveRole(userId, roleId) {
      need(PermissionFlagsBits.ManageRoles)
      member(userId)
      known(world.roles.get(guildId, roleId), 'unknown-role', `role ${roleId}`)
      world.members.addRole(guildId, userId, roleId)
      note(AuditLogEvent.MemberRoleUpdate, userId)
    },
    takeRole(userId, roleId) {
      need(PermissionFlagsBits.ManageRoles)
      member(userId)
      world.members.removeRole(guildId, userId, roleId)
      note(AuditLogEvent.MemberRoleUpdate, userId)
    },
    setNick(userId, nick) {
      need(userId === who.userId ? PermissionFlagsBits.ChangeNickname : PermissionFlagsBits.ManageNicknames)
      member(userId)
      world.members.update(guildId, userId, { nick })
      note(AuditLogEvent.MemberUpdate, userId)
    },
    kick(userId, reason) {
      need(PermissionFlagsBits.KickMembers)
      member(userId)
      refuseOwner(userId)
      world.members.remove(guildId, userId)
      note(AuditLogEvent.MemberKick, userId, reason)
    },
    ban(userId, reason) {
      need(PermissionFlagsBits.BanMembers)
      known(world.users.get(userId), 'unknown-user', `user ${userId}`)
      refuseOwner(userId)
      world.bans.add(guildId, userId, reason ?? null)
      note(AuditLogEvent.MemberBanAdd, userId, reason)
    },
    unban(userId) {
      need(PermissionFlagsBits.BanMembers)
      world.bans.remove(guildId, userId)
      note(AuditLogEvent.MemberBanRemove, userId)
    },
  }
}
