/**
 * What every moderator's act begins and ends with: the permission it needs, and the audit log under their name.
 */
import type { AuditLogEvent } from 'discord-api-types/v10'
import type { World } from '../world/world.ts'
import { PeopleRefused } from './refused.ts'

export interface Deeds {
  need(permission: bigint): void
  note(action: AuditLogEvent, targetId: string | null, reason?: string): void
}

export function createDeeds(world: World, who: { guildId: string; userId: string }): Deeds {
  return {
    need(permission) {
      if ((world.permissions(who) & permission) === 0n) {
        throw new PeopleRefused('missing-permission', 'the member may not do this')
      }
    },
    note(action, targetId, reason) {
      const entry = { action_type: action, user_id: who.userId, target_id: targetId }
      world.auditLog.add(who.guildId, { ...entry, ...(reason === undefined ? {} : { reason }) })
    },
  }
}
