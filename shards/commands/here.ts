/**
 * `/here code`: what a student types.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import type { AttendanceReply } from '../../actors/protocol/attendance.ts'
import { snowflakeTimeMs } from '../../kernel/ids.ts'
import { truncateText, wellFormedText } from '../../kernel/text.ts'
import { askWithFacts, askerOf, usernameOf, wordsFor } from '../attendance/ask-attendance.ts'
import type { Texts } from '../texts/texts.ts'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { ephemeral } from './ephemeral.ts'
import { readOptions } from './options.ts'
import type { SlashCommand } from './slash-command.ts'

/** Longer than any code, with room for blanks around it. */
const codeLengthMax = 40

export const here: SlashCommand = {
  definition: {
    ...attendanceWordsOf('here'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [{ ...attendanceWordsOf('here.code'), type: ApplicationCommandOptionType.String, required: true, max_length: codeLengthMax }],
  },
  mayWait: true,
  async answer(context) {
    const { interaction, attendance, byUserId: userId, guildId, receivedAt } = context
    const submittedAt = snowflakeTimeMs(interaction.id)
    const voiceChannelId = attendance.voiceChannelOf(guildId, userId)
    const asked = await askWithFacts(context, {
      command: {
        feature: 'code-attendance',
        kind: 'submit-code',
        asker: { ...askerOf(context), roleIds: [] },
        userId,
        username: usernameOf(context),
        code: truncateText(wellFormedText(readOptions(interaction).text('code') ?? ''), codeLengthMax),
        submittedAt,
        heardAt: receivedAt - attendance.discordTime.offsetMs(receivedAt - submittedAt),
        voiceChannelId,
        facts: null,
      },
      wanted: 'code-recorded',
    })
    return 'refusal' in asked ? asked.refusal : ephemeral(describe(wordsFor(context), asked.reply))
  },
}

function describe({ attendance }: Texts, { status, isRepeated, inVoice }: Extract<AttendanceReply, { kind: 'code-recorded' }>): string {
  const recorded = status === 'late' ? attendance.recordedLate : attendance.recorded
  const outside = inVoice === false ? attendance.recordedOutsideVoice : ''
  return `${isRepeated ? attendance.alreadyRecorded(status) : recorded}${outside}`
}
