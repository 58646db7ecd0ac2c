/**
 * Records that may be erased: those of a member or one by its id, signed or waiting, whose bytes are there and of which no
 * erasure waits already.
 *
 * Periods are not among them: their bytes are everybody's. An amendment is erased with nothing: it says no more than what
 * became of a record.
 */
import type { GuildId, UserId } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export type ErasableSubject = { readonly userId: UserId } | { readonly recordId: string }

/** Where the page before ended: a sequence of the chain, then of the journal for those that wait. */
export interface ErasableCursor {
  readonly sequence: string
  readonly waitingSeq: string
}

export interface ErasablePage {
  readonly signed: readonly string[]
  readonly waiting: readonly string[]
  /** null: there is nothing after this page. */
  readonly next: ErasableCursor | null
}

export type ListErasable = (wanted: {
  readonly guildId: GuildId
  readonly subject: ErasableSubject
  readonly after: ErasableCursor | null
  readonly limit: number
}) => Promise<ErasablePage>

const noErasureWaits = `NOT EXISTS (
  SELECT 1 FROM waiting_record e WHERE e.record_id = r.record_id AND e.guild_id = r.guild_id AND e.type = 'amendment'
    AND position('"change":"erased"' IN e.payload) > 0)`

/** `$2` a member's id or null, `$3` a record's id or null. */
const statement = `
  (SELECT 'signed' AS kind, r.record_id::text, r.sequence::text AS place FROM receipt r
   WHERE r.guild_id = $1 AND r.type IN ('voice-session', 'attendance') AND r.signed IS NOT NULL AND r.sequence > $4
     AND ($2::text IS NULL OR r.subject = $2) AND ($3::uuid IS NULL OR r.record_id = $3) AND ${noErasureWaits}
   ORDER BY r.sequence LIMIT $6)
  UNION ALL
  (SELECT 'waiting', r.record_id::text, r.seq::text FROM waiting_record r
   WHERE r.guild_id = $1 AND r.type IN ('voice-session', 'attendance') AND r.seq > $5
     AND ($2::text IS NULL OR position('"user_id":"' || $2 || '"' IN r.payload) > 0)
     AND ($3::uuid IS NULL OR r.record_id = $3) AND ${noErasureWaits}
   ORDER BY r.seq LIMIT $6)`

interface Row {
  readonly kind: 'signed' | 'waiting'
  readonly record_id: string
  readonly place: string
}

export function createErasableReader(pool: PostgresPool): ListErasable {
  return ({ guildId, subject, after, limit }) =>
    askPostgres('list records to erase', { guildId }, async () => {
      const user = 'userId' in subject ? subject.userId : null
      const record = 'recordId' in subject ? subject.recordId : null
      const values = [guildId, user, record, after?.sequence ?? '0', after?.waitingSeq ?? '0', limit]
      const { rows } = await pool.query<Row>(statement, values)
      // One page of both kinds together, as long as a command may be: signed ones first.
      const page = rows.slice(0, limit)
      const of = (kind: Row['kind']): readonly Row[] => page.filter((row) => row.kind === kind)
      return {
        signed: of('signed').map((row) => row.record_id),
        waiting: of('waiting').map((row) => row.record_id),
        next:
          page.length < limit
            ? null
            : {
                sequence: of('signed').at(-1)?.place ?? after?.sequence ?? '0',
                waitingSeq: of('waiting').at(-1)?.place ?? after?.waitingSeq ?? '0',
              },
      }
    })
}
