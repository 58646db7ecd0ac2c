/**
 * A report as a table in a message, as many rows as a message holds. Pure.
 */
import type { ReportedStudent } from '../../actors/protocol/attendance-reads.ts'
import { truncateText } from '../../kernel/text.ts'
import type { Texts } from '../texts/texts.ts'

/** A message holds 2000 characters; the rest is for what stands around the table. */
const tableLengthMax = 1_700
const nameWidth = 20

/** Present or late of all that were not excused, in whole percent; empty where there was nothing to attend. */
export function percentageOf({ present, late, absent }: Pick<ReportedStudent, 'present' | 'late' | 'absent'>): string {
  const all = present + late + absent
  return all === 0 ? '' : String(Math.round(((present + late) * 100) / all))
}

export function renderTable({ reportColumns, reportMore }: Texts['attendance'], students: readonly ReportedStudent[]): string {
  const { student, present, late, excused, absent, percentage } = reportColumns
  const heads = [present, late, excused, absent, percentage]
  const widths = heads.map((head) => Math.max(head.length, 4))
  const line = (name: string, cells: readonly string[]): string =>
    [pad(truncateText(name, nameWidth), nameWidth), ...cells.map((cell, at) => cell.padStart(widths[at] ?? 0))].join(' ')
  const lines = [line(student, heads)]
  let length = lines[0]?.length ?? 0
  for (const one of students) {
    const row = line(nameOf(one), [...[one.present, one.late, one.excused, one.absent].map(String), percentageOf(one)])
    if (length + row.length + 1 > tableLengthMax) break
    length += row.length + 1
    lines.push(row)
  }
  const left = students.length - (lines.length - 1)
  return `\`\`\`\n${lines.join('\n')}\n\`\`\`${left === 0 ? '' : reportMore(left)}`
}

/** What would end the block, or break a row, is taken out. */
const nameOf = ({ studentName, username, studentId, userId }: ReportedStudent): string =>
  (studentName ?? (username === '' ? (studentId ?? userId) : username)).replaceAll(/[`\r\n\t]/g, ' ')

const pad = (name: string, width: number): string => name + ' '.repeat(Math.max(0, width - Array.from(name).length))

/** A day of the calendar. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** `YYYY-MM-DD` in the zone. */
export function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}
