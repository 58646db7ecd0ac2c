/**
 * What the bot did, for the guild's audit log, with the reason it gave.
 */
import type { APIAuditLogChange, APIAuditLogEntry, APIAuditLogOptions } from 'discord-api-types/v10'
import { AuditLogEvent } from 'discord-api-types/v10'
import type { RouteCall } from './route.ts'

export interface AuditNote {
  readonly action: keyof typeof AuditLogEvent
  readonly targetId: string | null
  /** Key → before and after; entries whose values are the same are left out. */
  readonly changes?: Readonly<Record<string, readonly [before: unknown, after: unknown]>>
  readonly options?: APIAuditLogOptions
}

export function noteAudit(call: RouteCall, guildId: string, note: AuditNote): void {
  const changes = Object.entries(note.changes ?? {})
    .filter(([, [before, after]]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([key, [before, after]]) => ({ key, old_value: before, new_value: after }) as APIAuditLogChange)
  const entry: Omit<APIAuditLogEntry, 'id'> = {
    action_type: AuditLogEvent[note.action],
    user_id: call.world.bot().id,
    target_id: note.targetId,
    ...(changes.length > 0 ? { changes } : {}),
    ...(note.options ? { options: note.options } : {}),
    ...(call.reason === undefined ? {} : { reason: call.reason.slice(0, 512) }),
  }
  call.world.auditLog.add(guildId, entry)
}
