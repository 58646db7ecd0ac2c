/**
 * `/attendance report`: how each student attended over a range of days, as a table and as a file.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { ReportedStudent } from '../../actors/protocol/attendance-reads.ts'
import { readAsStaff, refusalText, wordsFor } from '../attendance/ask-attendance.ts'
import { csvText } from '../attendance/export-csv.ts'
import { dayOf, isDay, percentageOf, renderTable } from '../attendance/report-table.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import type { AdminSubcommand } from './admin-subcommand.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'

const dayMs = 24 * 3_600_000
const daysDefault = 30
const text = ApplicationCommandOptionType.String as const
/** As many as a guild may register, and then some who never did: 2 MB of file. */
const studentsMax = 30_000

export const reportSubcommand: AdminSubcommand = {
  definition: {
    ...attendanceWordsOf('attendance.report'),
    type: ApplicationCommandOptionType.Subcommand,
    options: [
      { ...attendanceWordsOf('attendance.report.from'), type: text, max_length: 10 },
      { ...attendanceWordsOf('attendance.report.to'), type: text, max_length: 10 },
    ],
  },
  async answer(context) {
    const texts = wordsFor(context)
    const { attendance } = texts
    const read = await readAsStaff(context)
    if ('refusal' in read) return read.refusal
    const options = readOptions(context.interaction)
    const { timeZone } = read.reply.settings
    const to = options.text('to')?.trim() ?? dayOf(context.receivedAt, timeZone)
    const from = options.text('from')?.trim() ?? dayOf(context.receivedAt - daysDefault * dayMs, timeZone)
    if (!isDay(from) || !isDay(to)) return ephemeral(refusalText(texts, { kind: 'attendance-refused', reason: 'bad-date' }))
    if (from > to) return ephemeral(attendance.reportBackwards)
    const { sessions, students } = await context.attendance.report({ guildId: context.guildId, from, to, limit: studentsMax })
    if (students.length === 0) return ephemeral(attendance.reportNobody)
    const data = Buffer.from(reportCsv(students), 'utf8')
    const words = `**${attendance.reportTitle(from, to, sessions)}**\n${renderTable(attendance, students)}`
    return { ...ephemeral(words), files: [{ name: `attendance_report_${from}_${to}.csv`, data, contentType: 'text/csv' }] }
  },
}

const columns = ['student_id', 'student_name', 'discord_username', 'user_id', 'present', 'late', 'excused', 'absent', 'percentage'] as const

function reportCsv(students: readonly ReportedStudent[]): string {
  const rows = students.map((student) => {
    const { studentId, studentName, username, userId, present, late, excused, absent } = student
    return [studentId ?? '', studentName ?? '', username, userId, ...[present, late, excused, absent].map(String), percentageOf(student)]
  })
  return csvText([columns, ...rows])
}
