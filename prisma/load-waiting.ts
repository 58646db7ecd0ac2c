/**
 * Records that wait to be signed: what the journal says of each, beside its row.
 *
 * One statement, so that both are of one instant. The rows are found through the journal and not the other way round: a
 * row that somebody removed must show as missing.
 */
import type { GuildStore, StoredWaitingRecord } from '../actors/runtime/ports.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

interface Row {
  readonly seq: string
  readonly journaled: string
  readonly record_id: string | null
  readonly type: string | null
  readonly payload: string | null
}

/** A journal text begins with its event's fields in an order of ours; the kind is looked for anywhere in it. */
const statement = `
  SELECT j.seq, j.payload AS journaled, w.record_id, w.type, w.payload
  FROM journal j LEFT JOIN waiting_record w ON w.guild_id = j.guild_id AND w.seq = j.seq
  WHERE j.guild_id = $1 AND j.seq BETWEEN $2 AND $3 AND position('"kind":"record-waiting"' IN j.payload) > 0
  ORDER BY j.seq`

export async function loadWaiting(
  pool: PostgresPool,
  { guildId, fromSeq, toSeq }: Parameters<GuildStore['loadWaiting']>[0],
): Promise<readonly StoredWaitingRecord[]> {
  const { rows } = await askPostgres('load waiting records', { guildId, fromSeq, toSeq }, () =>
    pool.query<Row>(statement, [guildId, fromSeq, toSeq]),
  )
  return rows.map(({ seq, journaled, record_id: recordId, type, payload }) => ({
    seq: Number(seq),
    journaled,
    row: recordId === null || type === null || payload === null ? null : { recordId, type, payload },
  }))
}
