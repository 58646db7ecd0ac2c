/**
 * How each student attended over a range of days: counted in Postgres, one row a student.
 *
 * A student is missed from the day they are known on: they registered, or stood in a record. Only classes are missed;
 * a record that staff made for a day without one adds to its own member and to nobody else.
 */
import type { AttendanceReport, ReportedStudent } from '../actors/protocol/attendance-reads.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

interface Row {
  readonly user_id: string
  readonly username: string
  readonly student_id: string | null
  readonly student_name: string | null
  readonly present: number
  readonly late: number
  readonly excused: number
  readonly absent: number
}

const statement = `
  WITH classes AS (
    SELECT session_id, closed_at FROM attendance_session
    WHERE guild_id = $1 AND kind = 'code' AND closed_at IS NOT NULL AND date_id BETWEEN $2 AND $3),
  entries AS (
    SELECT a.user_id, a.username, a.session_id, a.status, a.at FROM attendance a
    JOIN attendance_session s ON s.guild_id = a.guild_id AND s.session_id = a.session_id AND s.closed_at IS NOT NULL
    WHERE a.guild_id = $1 AND a.date_id BETWEEN $2 AND $3 AND a.status <> 'removed'),
  roster AS (
    SELECT user_id, max(username) AS username, max(student_id) AS student_id, max(student_name) AS student_name, min(since) AS since FROM (
      SELECT user_id, username, student_id, student_name, registered_at AS since FROM student WHERE guild_id = $1
      UNION ALL
      SELECT e.user_id, e.username, NULL, NULL, (SELECT min(f.at) FROM attendance f WHERE f.guild_id = $1 AND f.user_id = e.user_id)
      FROM (SELECT user_id, max(username) AS username FROM entries GROUP BY user_id) e) known
    GROUP BY user_id)
  SELECT r.user_id, r.username, r.student_id, r.student_name,
    (count(e.session_id) FILTER (WHERE e.status = 'present'))::int4 AS present,
    (count(e.session_id) FILTER (WHERE e.status = 'late'))::int4 AS late,
    (count(e.session_id) FILTER (WHERE e.status = 'excused'))::int4 AS excused,
    (count(e.session_id) FILTER (WHERE e.status = 'absent')
      + (SELECT count(*) FROM classes c WHERE c.closed_at >= r.since AND NOT EXISTS (
          SELECT FROM entries o WHERE o.user_id = r.user_id AND o.session_id = c.session_id)))::int4 AS absent
  FROM roster r LEFT JOIN entries e ON e.user_id = r.user_id
  GROUP BY r.user_id, r.username, r.student_id, r.student_name, r.since
  ORDER BY lower(coalesce(r.student_name, r.username)), r.user_id LIMIT $4`

const countStatement = `
  SELECT count(*)::int4 AS sessions FROM attendance_session
  WHERE guild_id = $1 AND kind = 'code' AND closed_at IS NOT NULL AND date_id BETWEEN $2 AND $3`

export function createAttendanceReport(pool: PostgresPool): AttendanceReport {
  return ({ guildId, from, to, limit }) =>
    askPostgres('report attendance', { guildId }, async () => {
      const { rows } = await pool.query<Row>(statement, [guildId, from, to, limit])
      const counted = await pool.query<{ sessions: number }>(countStatement, [guildId, from, to])
      return { sessions: counted.rows[0]?.sessions ?? 0, students: rows.map(reportedStudent) }
    })
}

function reportedStudent(row: Row): ReportedStudent {
  const { user_id: userId, username, student_id: studentId, student_name: studentName, present, late, excused, absent } = row
  return { userId, username, studentId, studentName, present, late, excused, absent }
}
