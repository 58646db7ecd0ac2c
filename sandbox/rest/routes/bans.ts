/**
 * Bans: listing, making (also of people who are not members), lifting, and many at once.
 */
import type { RESTPostAPIGuildBulkBanJSONBody, RESTPutAPIGuildBanJSONBody } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { GuildState } from '../../world/state.ts'
import { requireGuildPermission } from '../access.ts'
import { noteAudit } from '../audit.ts'
import { isAbove } from '../hierarchy.ts'
import { readLimit, readSnowflake } from '../query.ts'
import { refuse } from '../refusals.ts'
import { noContent, ok, param, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeUser } from '../shapes.ts'

export const banRoutes: readonly Route[] = [
  route('GET /guilds/{guild_id}/bans', { bucket: 'guild-bans', handle: list }),
  route('GET /guilds/{guild_id}/bans/{user_id}', { bucket: 'guild-bans', handle: read }),
  route('PUT /guilds/{guild_id}/bans/{user_id}', { bucket: 'guild-bans', handle: ban }),
  route('DELETE /guilds/{guild_id}/bans/{user_id}', { bucket: 'guild-bans', handle: unban }),
  route('POST /guilds/{guild_id}/bulk-ban', { bucket: 'guild-bans', handle: banMany }),
]

const { BanMembers, ManageGuild } = PermissionFlagsBits

function list(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, BanMembers)
  const limit = readLimit(call.query, { max: 1_000, preset: 1_000 })
  const after = readSnowflake(call.query, 'after')
  const before = readSnowflake(call.query, 'before')
  const bans = call.world.bans
    .list(guild.id)
    .filter(({ user }) => after === undefined || BigInt(user.id) > BigInt(after))
    .filter(({ user }) => before === undefined || BigInt(user.id) < BigInt(before))
    .toSorted((a, b) => (BigInt(a.user.id) < BigInt(b.user.id) ? -1 : 1))
  const page = before !== undefined && after === undefined ? bans.slice(-limit) : bans.slice(0, limit)
  return ok(page.map((one) => ({ ...one, user: shapeUser(one.user) })))
}

function read(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, BanMembers)
  const found = call.world.bans.get(guild.id, param(call, 'user_id'))
  if (found === undefined) throw refuse('unknownBan')
  return ok({ ...found, user: shapeUser(found.user) })
}

function ban(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, BanMembers)
  const userId = param(call, 'user_id')
  if (call.world.users.get(userId) === undefined) throw refuse('unknownUser')
  if (!isBannable(call, guild, userId)) throw refuse('missingPermissions')
  const body = call.body as RESTPutAPIGuildBanJSONBody & { delete_message_days?: number | null }
  const seconds = body.delete_message_seconds ?? (body.delete_message_days ?? 0) * 86_400
  applyBan(call, guild, userId, seconds)
  return noContent
}

function banMany(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, BanMembers | ManageGuild)
  const body = call.body as RESTPostAPIGuildBulkBanJSONBody
  const userIds = [...new Set(body.user_ids)]
  const isPossible = (id: string): boolean =>
    call.world.users.get(id) !== undefined && !guild.bans.has(id) && isBannable(call, guild, id)
  const banned = userIds.filter(isPossible)
  if (banned.length === 0) throw refuse('bulkBanFailed')
  const failed = userIds.filter((id) => !banned.includes(id))
  for (const id of banned) applyBan(call, guild, id, body.delete_message_seconds ?? 0)
  return ok({ banned_users: banned, failed_users: failed })
}

function unban(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, BanMembers)
  const userId = param(call, 'user_id')
  if (call.world.bans.get(guild.id, userId) === undefined) throw refuse('unknownBan')
  call.world.bans.remove(guild.id, userId)
  noteAudit(call, guild.id, { action: 'MemberBanRemove', targetId: userId })
  return noContent
}

/** Somebody who is not a member stands below everyone, except the bot itself and the owner. */
function isBannable(call: RouteCall, guild: GuildState, userId: string): boolean {
  const botId = call.world.bot().id
  return userId !== botId && (guild.members.has(userId) ? isAbove(guild, botId, userId) : userId !== guild.ownerId)
}

function applyBan(call: RouteCall, guild: GuildState, userId: string, deleteSeconds: number): void {
  if (guild.bans.has(userId)) return
  call.world.bans.add(guild.id, userId, call.reason ?? null)
  noteAudit(call, guild.id, { action: 'MemberBanAdd', targetId: userId })
  if (deleteSeconds <= 0) return
  const oldestMs = call.world.nowMs() - deleteSeconds * 1_000
  for (const channelId of guild.channels.keys()) {
    const written = call.world.messages
      .list(channelId)
      .filter(({ message }) => message.author.id === userId && Date.parse(message.timestamp) >= oldestMs)
    call.world.messages.removeBulk(channelId, written.map(({ message }) => message.id))
  }
}
