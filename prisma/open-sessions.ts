/**
 * Classes that are open: which guilds a process must have in memory to show their codes, and how many edits all of the
 * cluster's classes take.
 */
import type { OpenSessionsReader } from '../actors/protocol/attendance-reads.ts'
import type { GuildId } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export function createOpenSessionsReader(pool: PostgresPool): OpenSessionsReader {
  return {
    guildsIn: (slots) =>
      askPostgres('find open classes', { slots: slots.length }, async () => {
        const { rows } = await pool.query<{ guild_id: string }>(
          `SELECT s.guild_id FROM attendance_session s JOIN actor a ON a.guild_id = s.guild_id
           WHERE s.closed_at IS NULL AND a.slot = ANY($1::int4[])`,
          [slots],
        )
        return rows.map(({ guild_id: guild }) => guild as GuildId)
      }),
    rotations: () =>
      askPostgres('read the rotations of open classes', {}, async () => {
        const { rows } = await pool.query<{ interval_ms: string; rotates_from: string }>(
          'SELECT interval_ms, rotates_from FROM attendance_session WHERE closed_at IS NULL AND interval_ms > 0',
        )
        return rows.map((row) => ({ intervalMs: Number(row.interval_ms), rotatesFrom: Number(row.rotates_from) }))
      }),
  }
}
