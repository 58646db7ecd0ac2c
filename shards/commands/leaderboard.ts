/**
 * `/leaderboard`: counted voice time of the running or a closed period, ten members a page, and your own rank.
 */
import { ApplicationCommandOptionType, ApplicationCommandType, InteractionContextType } from 'discord-api-types/v10'
import { wordsOf } from '../texts/command-words.ts'
import { answerBoard } from '../voice/board-message.ts'
import { readOptions } from './options.ts'
import type { SlashCommand } from './slash-command.ts'

export const leaderboard: SlashCommand = {
  definition: {
    ...wordsOf('leaderboard'),
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      { ...wordsOf('leaderboard.page'), type: ApplicationCommandOptionType.Integer, min_value: 1, max_value: 10_000 },
      { ...wordsOf('leaderboard.period'), type: ApplicationCommandOptionType.Integer, min_value: 1, max_value: 1_000_000_000 },
    ],
  },
  answer(context) {
    const options = readOptions(context.interaction)
    return answerBoard(context, { index: options.integer('period'), page: options.integer('page') ?? 1 })
  },
}
