/**
 * Membership: who is in which guild, with which roles, nick and time-out.
 *
 * GUILD_MEMBER_UPDATE needs the members intent, except the bot's own, which everybody gets. Leaving ends a member's
 * voice state first: the disconnect is told before the departure, as Discord does.
 */
import type { APIGuildMember } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'
import { noFlags } from './core.ts'
import type { MemberState } from './state.ts'
import type { Voice } from './voice.ts'

export type MemberPatch = Partial<
  Pick<MemberState, 'nick' | 'roles' | 'avatar' | 'communication_disabled_until' | 'flags' | 'pending' | 'premium_since'>
>

export interface Members {
  /** As the API shows it, or undefined when not a member. */
  get(guildId: string, userId: string): APIGuildMember | undefined
  has(guildId: string, userId: string): boolean
  /** By user id, ascending, as the API lists them. */
  list(guildId: string): APIGuildMember[]
  add(guildId: string, userId: string, patch?: MemberPatch): APIGuildMember
  update(guildId: string, userId: string, patch: MemberPatch): APIGuildMember
  addRole(guildId: string, userId: string, roleId: string): void
  removeRole(guildId: string, userId: string, roleId: string): void
  remove(guildId: string, userId: string): void
}

export function blankMember(joinedAt: string): MemberState {
  return {
    nick: null,
    avatar: null,
    banner: null,
    roles: [],
    joined_at: joinedAt,
    premium_since: null,
    deaf: false,
    mute: false,
    flags: noFlags,
    pending: false,
    communication_disabled_until: null,
  }
}

export function createMembers(core: WorldCore, voice: Pick<Voice, 'get' | 'leave'>): Members {
  const { hub, state } = core
  const has = (guildId: string, userId: string): boolean => core.guild(guildId).members.has(userId)
  const update = (guildId: string, userId: string, patch: MemberPatch): APIGuildMember => {
    const changed = { ...core.member(guildId, userId), ...patch }
    core.guild(guildId).members.set(userId, changed)
    const member = { ...changed, user: core.user(userId) }
    const intent = userId === state.botId ? 0 : GatewayIntentBits.GuildMembers
    // Discord leaves voice and join time in the update; discord.js patches whatever is present.
    hub.emit({ t: GatewayDispatchEvents.GuildMemberUpdate, d: { ...member, guild_id: guildId } }, { guildId, intent })
    return member
  }
  return {
    get: (guildId, userId) => (has(guildId, userId) ? core.apiMember(guildId, userId) : undefined),
    has,
    list: (guildId) =>
      [...core.guild(guildId).members.keys()].sort(byNumber).map((userId) => core.apiMember(guildId, userId)),
    add(guildId, userId, patch = {}) {
      core.guild(guildId).members.set(userId, { ...blankMember(core.now()), ...patch })
      const member = core.apiMember(guildId, userId)
      const audience = { guildId, intent: GatewayIntentBits.GuildMembers }
      hub.emit({ t: GatewayDispatchEvents.GuildMemberAdd, d: { ...member, guild_id: guildId } }, audience)
      return member
    },
    update,
    addRole(guildId, userId, roleId) {
      const { roles } = core.member(guildId, userId)
      // Giving what is already held is answered 204 by Discord and told to nobody.
      if (!roles.includes(roleId)) update(guildId, userId, { roles: [...roles, roleId] })
    },
    removeRole(guildId, userId, roleId) {
      const { roles } = core.member(guildId, userId)
      if (roles.includes(roleId)) update(guildId, userId, { roles: roles.filter((id) => id !== roleId) })
    },
    remove(guildId, userId) {
      core.member(guildId, userId)
      if (voice.get(guildId, userId) !== undefined) voice.leave(guildId, userId)
      core.guild(guildId).members.delete(userId)
      const audience = { guildId, intent: GatewayIntentBits.GuildMembers }
      hub.emit(
        { t: GatewayDispatchEvents.GuildMemberRemove, d: { guild_id: guildId, user: core.user(userId) } },
        audience,
      )
    },
  }
}

function byNumber(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1)
}
