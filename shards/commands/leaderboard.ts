/**
 * `/leaderboard`: counted voice time of the running period, ten members a page, and your own rank.
 */
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionContextType,
  MessageFlags,
} from 'discord-api-types/v10'
import type { LeaderboardEntry, VoiceAttendanceReply } from '../../actors/protocol/voice-attendance.ts'
import { userId } from '../../kernel/ids.ts'
import { readOptions } from './options.ts'
import { presentRefusal } from './refusals.ts'
import type { MessageAnswer, SlashCommand } from './slash-command.ts'

/** Blurple, Discord's own accent. */
const accentColor = 0x5865f2

export function formatDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} min`
  return minutes > 0 ? `${minutes} min ${String(seconds % 60).padStart(2, '0')} s` : `${seconds} s`
}

const line = (entry: LeaderboardEntry): string =>
  `**${entry.rank}.** <@${entry.userId}> · ${formatDuration(entry.durationSeconds)}`

export const leaderboard: SlashCommand = {
  definition: {
    name: 'leaderboard',
    description: 'Shows who spent how much counted time in voice',
    type: ApplicationCommandType.ChatInput,
    contexts: [InteractionContextType.Guild],
    options: [
      {
        type: ApplicationCommandOptionType.Integer,
        name: 'page',
        description: 'Which page, from 1',
        min_value: 1,
        max_value: 10_000,
      },
    ],
  },
  async answer(context) {
    const outcome = await context.ask({
      feature: 'voice-attendance',
      kind: 'read-leaderboard',
      page: readOptions(context.interaction).integer('page') ?? 1,
      forUserId: userId(context.interaction.member?.user.id ?? '0'),
    })
    if (outcome.status === 'refused') return presentRefusal(outcome.reason)
    return outcome.reply.kind === 'leaderboard' ? present(outcome.reply) : presentRefusal('rejected')
  },
}

function present(board: Extract<VoiceAttendanceReply, { kind: 'leaderboard' }>): MessageAnswer {
  const empty =
    board.trackingMode === 'off'
      ? 'Voice time is not counted here yet. Somebody who manages this server can switch it on with `/admin tracking-mode`.'
      : 'Nobody has spent counted time in voice yet.'
  const own = board.own === null ? 'You have no counted time yet.' : `Your rank: ${line(board.own)}`
  return {
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: 'Leaderboard',
        color: accentColor,
        description: board.entries.length === 0 ? empty : `${board.entries.map(line).join('\n')}\n\n${own}`,
        footer: { text: `Page ${board.page} of ${board.pages}` },
      },
    ],
  }
}
