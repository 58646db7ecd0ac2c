/**
 * `/remove_attendance`: staff takes a record out, by session or by day.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { askWithFacts, findStudent, readAsStaff, wordsFor } from '../attendance/ask-attendance.ts'
import { studentOption, suggestStudents } from '../attendance/student-option.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import { dateLengthMax, sessionIdLengthMax } from './excuse.ts'
import { readOptions } from './options.ts'
import type { SlashCommand } from './slash-command.ts'

const text = ApplicationCommandOptionType.String as const

export const removeAttendance: SlashCommand = {
  definition: {
    ...attendanceWordsOf('remove_attendance'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      studentOption('remove_attendance.student'),
      { ...attendanceWordsOf('remove_attendance.date'), type: text, max_length: dateLengthMax },
      { ...attendanceWordsOf('remove_attendance.session_id'), type: text, max_length: sessionIdLengthMax },
    ],
  },
  offer: suggestStudents,
  async answer(context) {
    const { attendance } = wordsFor(context)
    const read = await readAsStaff(context)
    if ('refusal' in read) return read.refusal
    const options = readOptions(context.interaction)
    const sessionId = options.text('session_id')?.trim() ?? null
    const dateId = options.text('date')?.trim() ?? null
    if (sessionId === null && dateId === null) return ephemeral(attendance.dateOrSessionNeeded)
    const student = await findStudent(context, options.text('student') ?? '')
    if ('refusal' in student) return student.refusal
    const asked = await askWithFacts(context, {
      command: {
        feature: 'code-attendance',
        kind: 'remove-attendance',
        asker: read.asker,
        byUserId: context.byUserId,
        userId: student.userId,
        sessionId,
        dateId: sessionId === null ? dateId : null,
        facts: null,
      },
      wanted: 'attendance-removed',
    })
    if ('refusal' in asked) return asked.refusal
    const { sessions, from } = asked.reply
    return ephemeral(attendance.removed(student.label, sessions.map((session) => `\`${session}\``).join(', '), from))
  },
}
