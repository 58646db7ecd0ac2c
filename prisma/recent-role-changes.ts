/**
 * Guilds whose members got or lost a role lately: after a change of owner these are looked at again.
 */
import type { GuildId, Slot } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export type FindRecentRoleChanges = (wanted: { readonly slots: readonly Slot[]; readonly withinMs: number }) => Promise<readonly GuildId[]>

export function createRecentRoleChanges(pool: PostgresPool): FindRecentRoleChanges {
  return ({ slots, withinMs }) =>
    askPostgres('find recent role changes', { slots: slots.length }, async () => {
      const { rows } = await pool.query<{ guild_id: string }>(
        `SELECT DISTINCT guild_id FROM outbox
         WHERE slot = ANY($1) AND state = 'done' AND kind IN ('add-role', 'remove-role')
           AND settled_at > now() - $2 * interval '1 millisecond'`,
        [slots, withinMs],
      )
      return rows.map((row) => row.guild_id as GuildId)
    })
}
