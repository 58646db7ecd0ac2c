/**
 * Bans and the audit log.
 *
 * The order of GUILD_BAN_ADD and GUILD_MEMBER_REMOVE is not documented by Discord; here the ban comes first.
 */
import type { APIAuditLogEntry, APIBan } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'
import type { Members } from './members.ts'
import { auditLogEntriesMax } from './state.ts'

export interface Bans {
  get(guildId: string, userId: string): APIBan | undefined
  list(guildId: string): APIBan[]
  /** Bans anybody, member or not; a member is removed. */
  add(guildId: string, userId: string, reason: string | null): void
  remove(guildId: string, userId: string): void
}

export interface AuditLog {
  add(guildId: string, entry: Omit<APIAuditLogEntry, 'id'>): APIAuditLogEntry
  /** Newest first, as the API lists them. */
  list(guildId: string): APIAuditLogEntry[]
}

export function createBans(core: WorldCore, members: Pick<Members, 'has' | 'remove'>): Bans {
  const intent = GatewayIntentBits.GuildModeration
  const toApi = (userId: string, reason: string | null): APIBan => ({ user: core.user(userId), reason })
  return {
    get(guildId, userId) {
      const ban = core.guild(guildId).bans.get(userId)
      return ban === undefined ? undefined : toApi(userId, ban.reason)
    },
    list: (guildId) => [...core.guild(guildId).bans.values()].map((ban) => toApi(ban.userId, ban.reason)),
    add(guildId, userId, reason) {
      core.guild(guildId).bans.set(userId, { userId, reason })
      const d = { guild_id: guildId, user: core.user(userId) }
      core.hub.emit({ t: GatewayDispatchEvents.GuildBanAdd, d }, { guildId, intent })
      if (members.has(guildId, userId)) members.remove(guildId, userId)
    },
    remove(guildId, userId) {
      if (!core.guild(guildId).bans.delete(userId)) return
      const d = { guild_id: guildId, user: core.user(userId) }
      core.hub.emit({ t: GatewayDispatchEvents.GuildBanRemove, d }, { guildId, intent })
    },
  }
}

export function createAuditLog(core: WorldCore): AuditLog {
  return {
    add(guildId, entry) {
      const { auditLog } = core.guild(guildId)
      const added: APIAuditLogEntry = { id: core.ids.next(), ...entry }
      auditLog.push(added)
      if (auditLog.length > auditLogEntriesMax) auditLog.shift()
      const audience = { guildId, intent: GatewayIntentBits.GuildModeration }
      core.hub.emit({ t: GatewayDispatchEvents.GuildAuditLogEntryCreate, d: { ...added, guild_id: guildId } }, audience)
      return added
    },
    list: (guildId) => core.guild(guildId).auditLog.toReversed(),
  }
}
