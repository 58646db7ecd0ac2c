/**
 * `/excuse` and `/mark_present`: staff says how somebody attended.
 */
import type { APIApplicationCommandBasicOption } from 'discord-api-types/v10'
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import type { AttendanceReply } from '../../actors/protocol/attendance.ts'
import type { AttendanceStatus } from '../../actors/protocol/record.ts'
import { askWithFacts, findStudent, readAsStaff, wordsFor } from '../attendance/ask-attendance.ts'
import { studentOption, suggestStudents } from '../attendance/student-option.ts'
import type { Texts } from '../texts/texts.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { CommandContext, MessageAnswer, SlashCommand } from './slash-command.ts'

const text = ApplicationCommandOptionType.String as const
export const dateLengthMax = 10
export const sessionIdLengthMax = 100

export const excuse = statusCommand('excuse', 'excused', [{ ...attendanceWordsOf('excuse.date'), type: text, max_length: dateLengthMax }])

export const markPresent = statusCommand('mark_present', 'present', [
  { ...attendanceWordsOf('mark_present.date'), type: text, max_length: dateLengthMax },
  { ...attendanceWordsOf('mark_present.session_id'), type: text, max_length: sessionIdLengthMax },
])

function statusCommand(name: 'excuse' | 'mark_present', status: AttendanceStatus, options: readonly APIApplicationCommandBasicOption[]): SlashCommand {
  return {
    definition: {
      ...attendanceWordsOf(name),
      type: ApplicationCommandType.ChatInput,
      contexts: [InteractionContextType.Guild],
      options: [studentOption(`${name}.student`), ...options],
    },
    answer: (context) => setStatus(context, status),
    offer: suggestStudents,
  }
}

async function setStatus(context: CommandContext, status: AttendanceStatus): Promise<MessageAnswer> {
  const read = await readAsStaff(context)
  if ('refusal' in read) return read.refusal
  const options = readOptions(context.interaction)
  const student = await findStudent(context, options.text('student') ?? '')
  if ('refusal' in student) return student.refusal
  const asked = await askWithFacts(context, {
    command: {
      feature: 'code-attendance',
      kind: 'record-attendance',
      member: { userId: student.userId },
      sessionId: options.text('session_id')?.trim() ?? null,
      dateId: options.text('date')?.trim() ?? null,
      status,
      at: context.receivedAt,
      source: 'staff',
      byUserId: context.byUserId,
      reason: null,
      secretHash: null,
      asker: read.asker,
      facts: null,
    },
    wanted: 'attendance-recorded',
  })
  return 'refusal' in asked ? asked.refusal : ephemeral(describe(wordsFor(context), student.label, asked.reply))
}

function describe({ attendance }: Texts, who: string, reply: Extract<AttendanceReply, { kind: 'attendance-recorded' }>): string {
  const { status, previous, sessionId } = reply
  const before = previous === null ? attendance.statusNew : `${attendance.statusWas(previous)}${previous === status ? attendance.statusSame : ''}`
  return `${attendance.statusSet(who, status, sessionId)}${before}`
}
