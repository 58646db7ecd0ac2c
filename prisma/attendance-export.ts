/**
 * Reads a guild's entries for an export, page by page: session by session, newest first, each in order of time. What a
 * page holds is all that is in memory, however many years a guild has.
 */
import type { AttendanceExport, ExportedEntry } from '../actors/protocol/attendance-reads.ts'
import type { AttendanceStatus } from '../actors/protocol/record.ts'
import type { GuildId } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

const pageRows = 2_000

interface Row {
  readonly student_id: string | null
  readonly student_name: string | null
  readonly username: string
  readonly user_id: string
  readonly local_time: string
  readonly date_id: string
  readonly session_id: string
  readonly status: string
  readonly record_id: string
  readonly opened_at: string
  readonly at: string
}

/** After the last row of the page before: keys of the order, all of them, so that equal times are not met twice. */
const pageStatement = `
  SELECT t.student_id, t.student_name, a.username, a.user_id, a.local_time, a.date_id, a.session_id, a.status, a.record_id,
    s.opened_at, a.at
  FROM attendance a
  JOIN attendance_session s ON s.guild_id = a.guild_id AND s.session_id = a.session_id AND s.closed_at IS NOT NULL
  LEFT JOIN student t ON t.guild_id = a.guild_id AND t.user_id = a.user_id
  WHERE a.guild_id = $1 AND a.session_id = $2 AND a.status <> 'removed'
    AND ($3::int8 IS NULL OR (a.at, a.user_id) > ($3, $4::int8))
  ORDER BY a.at, a.user_id LIMIT ${pageRows}`

const sessionsStatement = `
  SELECT session_id, opened_at FROM attendance_session
  WHERE guild_id = $1 AND closed_at IS NOT NULL AND ($2::int8 IS NULL OR (opened_at, session_id) < ($2, $3))
  ORDER BY opened_at DESC, session_id DESC LIMIT ${pageRows}`

export function createAttendanceExport(pool: PostgresPool): AttendanceExport {
  return {
    pages: ({ guildId, sessionId }) => (sessionId === null ? allPages(pool, guildId) : sessionPages(pool, guildId, sessionId)),
    hasSession: (guildId, sessionId) =>
      askPostgres('find a session', { guildId }, async () => {
        const { rowCount } = await pool.query(
          'SELECT FROM attendance_session WHERE guild_id = $1 AND session_id = $2 AND closed_at IS NOT NULL',
          [guildId, sessionId],
        )
        return rowCount === 1
      }),
  }
}

async function* allPages(pool: PostgresPool, guildId: GuildId): AsyncGenerator<readonly ExportedEntry[]> {
  let after: { readonly opened_at: string; readonly session_id: string } | null = null
  let gathered: ExportedEntry[] = []
  for (;;) {
    const values: readonly unknown[] = [guildId, after?.opened_at ?? null, after?.session_id ?? null]
    const { rows } = await askPostgres('list sessions', { guildId }, () =>
      pool.query<{ session_id: string; opened_at: string }>(sessionsStatement, [...values]),
    )
    for (const { session_id: session } of rows) {
      for await (const page of sessionPages(pool, guildId, session)) {
        gathered.push(...page)
        if (gathered.length < pageRows) continue
        yield gathered
        gathered = []
      }
    }
    after = rows.at(-1) ?? null
    if (rows.length < pageRows) break
  }
  if (gathered.length > 0) yield gathered
}

async function* sessionPages(pool: PostgresPool, guildId: GuildId, sessionId: string): AsyncGenerator<readonly ExportedEntry[]> {
  let last: Row | null = null
  for (;;) {
    const values: readonly unknown[] = [guildId, sessionId, last?.at ?? null, last?.user_id ?? null]
    const { rows } = await askPostgres('read a page of entries', { guildId }, () => pool.query<Row>(pageStatement, [...values]))
    if (rows.length > 0) yield rows.map(exportedEntry)
    last = rows.at(-1) ?? null
    if (rows.length < pageRows) return
  }
}

function exportedEntry(row: Row): ExportedEntry {
  return {
    studentId: row.student_id,
    studentName: row.student_name,
    username: row.username,
    userId: row.user_id,
    localTime: row.local_time,
    dateId: row.date_id,
    sessionId: row.session_id,
    status: row.status as AttendanceStatus,
    recordId: row.record_id,
  }
}
