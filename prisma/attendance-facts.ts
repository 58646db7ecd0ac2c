/**
 * What rows say about entries of closed sessions, for a command that changes one: one statement, so of one instant.
 */
import type { AttendanceFacts, AttendanceQuestion, KnownEntry, ReadAttendanceFacts } from '../actors/protocol/attendance-facts.ts'
import type { StoredStatus } from '../actors/protocol/attendance-rows.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

interface Row {
  readonly meant: string
  readonly is_known: boolean
  readonly as_of: string
  readonly chain_sequence: string
  readonly known_as: string | null
  readonly session_id: string | null
  readonly record_id: string
  readonly status: string
  readonly date_id: string
  readonly at: string
  readonly local_time: string
  readonly sequence: string | null
  readonly payload_hash: Buffer | null
}

/** Entries of one day that are looked at. */
const entriesMax = 100

const statement = `
  WITH meant AS (
    SELECT coalesce($3, (
      SELECT s.session_id FROM attendance_session s
      WHERE s.guild_id = $1 AND s.date_id = $4 AND s.kind = 'code' AND s.closed_at IS NOT NULL
      ORDER BY s.opened_at DESC LIMIT 1), 'manual_' || replace($4, '-', '')) AS session_id)
  SELECT m.session_id AS meant,
    EXISTS (SELECT FROM attendance_session s WHERE s.guild_id = $1 AND s.session_id = m.session_id) AS is_known,
    greatest(0, (SELECT max(change) FROM attendance WHERE guild_id = $1),
      (SELECT max(change) FROM attendance_session WHERE guild_id = $1)) AS as_of,
    coalesce((SELECT sequence FROM chain_head WHERE guild_id = $1), 0) AS chain_sequence,
    coalesce((SELECT username FROM student WHERE guild_id = $1 AND user_id = $2),
      (SELECT username FROM attendance WHERE guild_id = $1 AND user_id = $2 ORDER BY date_id DESC LIMIT 1)) AS known_as,
    e.session_id, e.record_id, e.status, e.date_id, e.at, e.local_time, r.sequence, r.payload_hash
  FROM meant m
  LEFT JOIN attendance e ON e.guild_id = $1 AND e.user_id = $2
    AND (CASE WHEN $5 = 'day' THEN e.date_id = $4 ELSE e.session_id = m.session_id END)
  LEFT JOIN LATERAL (
    SELECT sequence, payload_hash FROM receipt
    WHERE record_id = e.record_id AND guild_id = $1 AND type = 'attendance' ORDER BY sequence LIMIT 1) r ON true
  ORDER BY e.session_id LIMIT ${entriesMax}`

export function createAttendanceFactsReader(pool: PostgresPool): ReadAttendanceFacts {
  return (guildId, question) =>
    askPostgres('read attendance of a member', { guildId }, async () => {
      const { userId, sessionId, dateId, scope } = question
      const { rows } = await pool.query<Row>(statement, [guildId, userId, sessionId, dateId, scope])
      return assemble(question, rows)
    })
}

function assemble(question: AttendanceQuestion, rows: readonly Row[]): AttendanceFacts {
  const [first] = rows
  if (first === undefined) throw new Error('a question about attendance has one row at least')
  return {
    question,
    asOf: Number(first.as_of),
    chainSequence: Number(first.chain_sequence),
    sessionId: first.meant,
    isSessionKnown: first.is_known,
    username: first.known_as,
    entries: rows.filter(({ session_id: session }) => session !== null).map(knownEntry),
  }
}

function knownEntry(row: Row): KnownEntry {
  const { sequence, payload_hash: hash } = row
  return {
    sessionId: row.session_id ?? '',
    recordId: row.record_id,
    status: row.status as StoredStatus,
    dateId: row.date_id,
    at: Number(row.at),
    localTime: row.local_time,
    receipt: sequence === null || hash === null ? null : { sequence: Number(sequence), hash: hash.toString('hex') },
  }
}
