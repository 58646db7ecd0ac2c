/**
 * The option `student` and its suggestions. A suggestion's value is a mention: names are shared, and a student id could be
 * chosen to look like somebody else's Discord id.
 */
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { FoundStudent } from '../../actors/protocol/attendance-reads.ts'
import { truncateText, wellFormedText } from '../../kernel/text.ts'
import type { Choices, TypingContext } from '../commands/slash-command.ts'
import { typedText } from '../interactions/typed-text.ts'
import type { AttendancePath } from '../texts/attendance-words.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { isStaffOf } from './staff-check.ts'

/** https://docs.discord.com/developers/interactions/application-commands#autocomplete */
const suggestionsMax = 25
const labelLengthMax = 100

export function studentOption(path: AttendancePath) {
  return { ...attendanceWordsOf(path), type: ApplicationCommandOptionType.String, required: true, autocomplete: true, max_length: labelLengthMax } as const
}

/** For staff only: who is on the list is nobody else's business. */
export async function suggestStudents(context: TypingContext): Promise<Choices> {
  if (!(await isStaffOf(context))) return []
  const typed = truncateText(wellFormedText(typedText(context.interaction).trim()), labelLengthMax)
  const found = await context.attendance.students.suggest(context.guildId, typed, suggestionsMax)
  return found.map((student) => ({ name: truncateText(labelOf(student), labelLengthMax), value: `<@${student.userId}>` }))
}

function labelOf({ studentId, studentName, username, userId }: FoundStudent): string {
  const parts = [studentName, studentId, username === '' ? null : `@${username}`].filter((part) => part !== null)
  return parts.length === 0 ? userId : parts.join(' · ')
}
