/**
 * The audit log, newest first. Every list of the answer is present, empty or not: discord.js throws otherwise.
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import { requireGuildPermission } from '../access.ts'
import { readLimit, readSnowflake } from '../query.ts'
import { ok, route } from '../route.ts'
import type { Answer, Route, RouteCall } from '../route.ts'
import { shapeUser } from '../shapes.ts'

export const auditLogRoutes: readonly Route[] = [
  route('GET /guilds/{guild_id}/audit-logs', { bucket: 'guild-audit-log', handle: list }),
]

function list(call: RouteCall): Answer {
  const guild = requireGuildPermission(call, PermissionFlagsBits.ViewAuditLog)
  const { query } = call
  const limit = readLimit(query, { max: 100, preset: 50 })
  const before = readSnowflake(query, 'before')
  const after = readSnowflake(query, 'after')
  const userId = readSnowflake(query, 'user_id')
  const targetId = readSnowflake(query, 'target_id')
  const action = query.get('action_type')
  const found = call.world.auditLog
    .list(guild.id)
    .filter((entry) => before === undefined || BigInt(entry.id) < BigInt(before))
    .filter((entry) => after === undefined || BigInt(entry.id) > BigInt(after))
    .filter((entry) => userId === undefined || entry.user_id === userId)
    .filter((entry) => targetId === undefined || entry.target_id === targetId)
    .filter((entry) => action === null || String(entry.action_type) === action)
  // With `after` Discord pages upwards, oldest first.
  const entries = after === undefined ? found.slice(0, limit) : found.toReversed().slice(0, limit)
  const people = new Set(entries.flatMap((entry) => [entry.user_id, entry.target_id]))
  return ok({
    audit_log_entries: entries,
    users: [...people].flatMap((id) => call.world.users.get(id ?? '') ?? []).map(shapeUser),
    integrations: [],
    webhooks: [],
    guild_scheduled_events: [],
    threads: [],
    application_commands: [],
    auto_moderation_rules: [],
  })
}
