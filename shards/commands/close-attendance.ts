/**
 * `/close_attendance`: the class is over; its entries are records now.
 */
import { ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { snowflakeTimeMs } from '../../kernel/ids.ts'
import { askAttendance, askerOf, wordsFor } from '../attendance/ask-attendance.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import type { SlashCommand } from './slash-command.ts'

export const closeAttendance: SlashCommand = {
  definition: {
    ...attendanceWordsOf('close_attendance'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
  },
  async answer(context) {
    const { attendance } = wordsFor(context)
    const asked = await askAttendance(context, {
      command: {
        feature: 'code-attendance',
        kind: 'close-session',
        asker: askerOf(context),
        byUserId: context.byUserId,
        typedAt: snowflakeTimeMs(context.interaction.id),
      },
      wanted: 'code-session-closed',
    })
    if ('refusal' in asked) return asked.refusal
    const { sessionId, entryCount, lateCount } = asked.reply
    return ephemeral([attendance.closed(sessionId), attendance.totals(entryCount, lateCount), attendance.closedHint(sessionId)].join('\n'))
  },
}
