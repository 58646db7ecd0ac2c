/**
 * `/register student_id student_name?`: which student id belongs to this account.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { truncateText, wellFormedText } from '../../kernel/text.ts'
import { askAttendance, usernameOf, wordsFor } from '../attendance/ask-attendance.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { SlashCommand } from './slash-command.ts'

const idLengthMax = 64
const nameLengthMax = 100
const text = ApplicationCommandOptionType.String as const

export const registerStudent: SlashCommand = {
  definition: {
    ...attendanceWordsOf('register'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      { ...attendanceWordsOf('register.student_id'), type: text, required: true, max_length: idLengthMax },
      { ...attendanceWordsOf('register.student_name'), type: text, max_length: nameLengthMax },
    ],
  },
  async answer(context) {
    const { attendance } = wordsFor(context)
    const options = readOptions(context.interaction)
    const read = (name: string, lengthMax: number): string => truncateText(wellFormedText(options.text(name) ?? '').trim(), lengthMax)
    const studentId = read('student_id', idLengthMax)
    const studentName = read('student_name', nameLengthMax)
    if (studentId === '') return ephemeral(attendance.studentIdNeeded)
    const asked = await askAttendance(context, {
      command: {
        feature: 'code-attendance',
        kind: 'register-student',
        userId: context.byUserId,
        username: usernameOf(context),
        studentId,
        studentName: studentName === '' ? null : studentName,
      },
      wanted: 'student-registered',
    })
    if ('refusal' in asked) return asked.refusal
    return ephemeral(asked.reply.isFirst ? attendance.registered(studentId) : attendance.updated(studentId))
  },
}
