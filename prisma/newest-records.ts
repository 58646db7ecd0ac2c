/**
 * A member's newest signed sessions: what `/mytime` links to.
 */
import type { GuildId, UserId } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export type ReadNewestRecords = (wanted: { readonly guildId: GuildId; readonly userId: UserId; readonly count: number }) => Promise<readonly string[]>

/** Record ids, newest first. */
export function createNewestRecordsReader(pool: PostgresPool): ReadNewestRecords {
  return ({ guildId, userId, count }) =>
    askPostgres('read the newest records of a member', { guildId }, async () => {
      const { rows } = await pool.query<{ record_id: string }>(
        `SELECT record_id FROM receipt
         WHERE guild_id = $1 AND type = 'voice-session' AND subject = $2
         ORDER BY sequence DESC LIMIT $3`,
        [guildId, userId, count],
      )
      return rows.map((row) => row.record_id)
    })
}
