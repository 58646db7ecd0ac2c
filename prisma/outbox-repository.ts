/**
 * What an operator sees and does of the outbox: dead letters, and rows that have been waiting for long.
 *
 * A dead letter is driven again by making it pending with a fresh age: its owner finds it at its next sweep. A dismissed
 * one is done with; the journal keeps that it was wished for and that it died.
 */
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export interface OutboxLetter {
  readonly guildId: string
  readonly seq: number
  readonly ordinal: number
  readonly kind: string
  readonly target: string
  readonly attempts: number
  readonly lastError: string | null
  readonly createdAt: Date
}

export interface OutboxLetterName {
  readonly guildId: string
  readonly seq: number
  readonly ordinal: number
}

export interface OutboxRepository {
  /** Newest first, at most `limit`; of one guild or of all. */
  listDeadLetters(options: { readonly guildId: string | null; readonly limit: number }): Promise<readonly OutboxLetter[]>
  /** False: there is no such dead letter. */
  redrive(name: OutboxLetterName): Promise<boolean>
  dismiss(name: OutboxLetterName): Promise<boolean>
}

interface Row {
  readonly guild_id: string
  readonly seq: string
  readonly ordinal: number
  readonly kind: string
  readonly target: string
  readonly attempts: number
  readonly last_error: string | null
  readonly created_at: Date
}

export function createOutboxRepository(pool: PostgresPool): OutboxRepository {
  const change = async (what: string, set: string, { guildId, seq, ordinal }: OutboxLetterName): Promise<boolean> => {
    const { rowCount } = await askPostgres(what, { guildId, seq, ordinal }, () =>
      pool.query(`UPDATE outbox SET ${set} WHERE guild_id = $1 AND seq = $2 AND ordinal = $3 AND state = 'dead'`, [
        guildId,
        seq,
        ordinal,
      ]),
    )
    return rowCount === 1
  }
  return {
    async listDeadLetters({ guildId, limit }) {
      const { rows } = await askPostgres('list dead letters', { limit }, () =>
        pool.query<Row>(
          `SELECT guild_id, seq, ordinal, kind, target, attempts, last_error, created_at FROM outbox
           WHERE state = 'dead' AND ($1::int8 IS NULL OR guild_id = $1) ORDER BY created_at DESC LIMIT $2`,
          [guildId, limit],
        ),
      )
      return rows.map((row) => ({
        guildId: row.guild_id,
        seq: Number(row.seq),
        ordinal: row.ordinal,
        kind: row.kind,
        target: row.target,
        attempts: row.attempts,
        lastError: row.last_error,
        createdAt: row.created_at,
      }))
    },
    redrive: (name) =>
      change('drive a dead letter again', "state = 'pending', attempts = 0, created_at = now(), settled_at = NULL", name),
    dismiss: (name) => change('dismiss a dead letter', "state = 'done', settled_at = now()", name),
  }
}
