/**
 * Finds members by what staff types: over those who registered and those who are in a record.
 */
import type { FoundStudent, StudentFinder } from '../actors/protocol/attendance-reads.ts'
import type { UserId } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

interface Row {
  readonly user_id: string
  readonly username: string
  readonly student_id: string | null
  readonly student_name: string | null
}

/** Everybody who is known, registered or not: the newest name of those who are only in records. */
const known = `
  SELECT user_id, username, student_id, student_name FROM student WHERE guild_id = $1
  UNION ALL
  SELECT DISTINCT ON (a.user_id) a.user_id, a.username, NULL, NULL FROM attendance a
  WHERE a.guild_id = $1 AND NOT EXISTS (SELECT FROM student s WHERE s.guild_id = $1 AND s.user_id = a.user_id)`

const findStatement = `
  SELECT * FROM (
    SELECT k.*, CASE WHEN student_id = $2 THEN 1 WHEN lower(student_id) = lower($2) THEN 2 WHEN user_id::text = $2 THEN 3
      WHEN lower(student_name) = lower($2) OR lower(username) = lower($2) THEN 4 END AS place FROM (${known}) k) f
  WHERE place IS NOT NULL ORDER BY place, user_id LIMIT 100`

const suggestStatement = `
  SELECT * FROM (${known}) k
  WHERE $2 = '' OR position(lower($2) IN lower(coalesce(student_id, '') || ' ' || coalesce(student_name, '') || ' ' || username)) > 0
    OR user_id::text = $2
  ORDER BY (lower(coalesce(student_name, username)) LIKE lower($3) || '%' OR lower(coalesce(student_id, '')) LIKE lower($3) || '%') DESC,
    lower(coalesce(student_name, username)), user_id LIMIT $4`

export function createStudentFinder(pool: PostgresPool): StudentFinder {
  return {
    find: (guildId, text) =>
      askPostgres('find a student', { guildId }, async () => {
        const { rows } = await pool.query<Row & { readonly place: number }>(findStatement, [guildId, text])
        return rows.filter(({ place }) => place === rows[0]?.place).map(foundStudent)
      }),
    suggest: (guildId, text, limit) =>
      askPostgres('suggest students', { guildId }, async () => {
        const literal = text.replaceAll(/[\\%_]/g, (special) => `\\${special}`)
        const { rows } = await pool.query<Row>(suggestStatement, [guildId, text, literal, limit])
        return rows.map(foundStudent)
      }),
  }
}

function foundStudent({ user_id: userId, username, student_id: studentId, student_name: studentName }: Row): FoundStudent {
  return { userId: userId as UserId, username, studentId, studentName }
}
