/**
 * Roles. `@everyone` has the guild's id and position 0; the bot's own role is managed, as after an invitation.
 */
import type { APIRole } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'
import { noFlags } from './core.ts'
import { assert } from '../../kernel/assert.ts'

export type RolePatch = Partial<Omit<APIRole, 'id' | 'position'>>

export interface Roles {
  get(guildId: string, roleId: string): APIRole | undefined
  /** Sorted by position, as the API lists them. */
  list(guildId: string): APIRole[]
  create(guildId: string, patch?: RolePatch): APIRole
  update(guildId: string, roleId: string, patch: RolePatch): APIRole
  setPosition(guildId: string, roleId: string, position: number): void
  /** Also takes it from every member, without a member update, as Discord does. */
  remove(guildId: string, roleId: string): void
}

/** A role with the given id and no permissions, in the full form the API shows. */
export function blankRole(id: string, name: string, position: number): APIRole {
  return {
    id,
    name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position,
    permissions: '0',
    managed: false,
    mentionable: false,
    flags: noFlags,
  }
}

export function createRoles(core: WorldCore): Roles {
  const { Guilds: intent } = GatewayIntentBits
  const find = (guildId: string, roleId: string): APIRole => {
    const role = core.guild(guildId).roles.get(roleId)
    assert(role !== undefined, `no role ${roleId} in guild ${guildId}`)
    return role
  }
  const replace = (guildId: string, role: APIRole): APIRole => {
    core.guild(guildId).roles.set(role.id, role)
    core.hub.emit({ t: GatewayDispatchEvents.GuildRoleUpdate, d: { guild_id: guildId, role } }, { guildId, intent })
    return role
  }
  return {
    get: (guildId, roleId) => core.guild(guildId).roles.get(roleId),
    list: (guildId) => [...core.guild(guildId).roles.values()].sort((a, b) => a.position - b.position),
    create(guildId, patch = {}) {
      const guild = core.guild(guildId)
      // Discord puts a new role at position 1, just above @everyone, and moves the others up, each told by itself.
      for (const role of guild.roles.values()) if (role.position >= 1) replace(guildId, { ...role, position: role.position + 1 })
      const role = { ...blankRole(core.ids.next(), 'new role', 1), ...patch }
      guild.roles.set(role.id, role)
      core.hub.emit({ t: GatewayDispatchEvents.GuildRoleCreate, d: { guild_id: guildId, role } }, { guildId, intent })
      return role
    },
    update: (guildId, roleId, patch) => replace(guildId, { ...find(guildId, roleId), ...patch }),
    setPosition(guildId, roleId, position) {
      replace(guildId, { ...find(guildId, roleId), position })
    },
    remove(guildId, roleId) {
      const guild = core.guild(guildId)
      find(guildId, roleId)
      guild.roles.delete(roleId)
      for (const member of guild.members.values()) member.roles = member.roles.filter((id) => id !== roleId)
      core.hub.emit(
        { t: GatewayDispatchEvents.GuildRoleDelete, d: { guild_id: guildId, role_id: roleId } },
        { guildId, intent },
      )
    },
  }
}
