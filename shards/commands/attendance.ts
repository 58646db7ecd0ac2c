/**
 * `/attendance setup` and `/attendance report`.
 */
import { ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { attendanceWordsOf } from '../texts/attendance-words.ts'
import { reportSubcommand } from './attendance-report.ts'
import { setupSubcommand } from './attendance-setup.ts'
import { readOptions } from './options.ts'
import type { Answer, SlashCommand } from './slash-command.ts'

export const attendance: SlashCommand = {
  definition: {
    ...attendanceWordsOf('attendance'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [setupSubcommand.definition, reportSubcommand.definition],
  },
  answer(context): Answer {
    const { subcommand } = readOptions(context.interaction)
    return subcommand === 'report' ? reportSubcommand.answer(context) : setupSubcommand.answer(context)
  },
}
