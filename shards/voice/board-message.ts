/**
 * One page of a leaderboard as a message: the running period from the guild's actor, a closed one from its signed record.
 */
import type { APIActionRowComponent, APIComponentInMessageActionRow } from 'discord-api-types/v10'
import { ButtonStyle, ComponentType, MessageFlags } from 'discord-api-types/v10'
import type { PeriodPayload } from '../../actors/protocol/record.ts'
import type { LeaderboardEntry, VoiceAttendanceReply } from '../../actors/protocol/voice-attendance.ts'
import type { GuildId, UserId } from '../../kernel/ids.ts'
import { ephemeral } from '../commands/ephemeral.ts'
import type { InteractionContext, MessageAnswer } from '../commands/slash-command.ts'
import { formatCustomId } from '../interactions/custom-id.ts'
import { formatDuration, formatInstant } from '../texts/duration.ts'
import type { Texts } from '../texts/texts.ts'
import { askVoice, wordsFor } from './ask-voice.ts'

export const boardFeature = 'board'

/** Blurple, Discord's own accent. */
export const accentColor = 0x5865f2
/** As many as the running board has on a page. */
const pageSize = 10
/** Archives that the free tier lists. */
const freeArchivesMax = 5

type RunningBoard = Extract<VoiceAttendanceReply, { kind: 'leaderboard' }>

interface BoardPage {
  /** null: the running one. */
  readonly index: number | null
  readonly when: string | null
  readonly entries: readonly LeaderboardEntry[]
  readonly own: LeaderboardEntry | null
  readonly page: number
  readonly pages: number
  readonly emptyText: string
}

type BoardContext = InteractionContext & { readonly interaction: { readonly locale: string } }

/** `index` null: the running period. */
export async function answerBoard(
  context: BoardContext,
  { index, page }: { readonly index: number | null; readonly page: number },
): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const asked = await askVoice(context, {
    command: { feature: 'voice-attendance', kind: 'read-leaderboard', page, forUserId: context.byUserId },
    wanted: 'leaderboard',
  })
  if ('refusal' in asked) return asked.refusal
  const board = asked.reply
  if (index === null || index === board.periodIndex) return present(texts, context.guildId, runningPage(texts, board))
  return await answerArchive(context, { board, index, page })
}

async function answerArchive(
  context: BoardContext,
  { board, index, page }: { readonly board: RunningBoard; readonly index: number; readonly page: number },
): Promise<MessageAnswer> {
  const texts = wordsFor(context)
  const { guildId, voice } = context
  const archive = await voice.readArchive(guildId, index)
  if (archive.kind === 'waiting') return ephemeral(texts.periodWaiting(index))
  if (archive.kind === 'unknown') return ephemeral(index <= board.newestClosed ? texts.periodWaiting(index) : texts.periodUnknown(index))
  const isFree = (board.tier ?? voice.defaultTier) === 'free'
  const oldest = board.newestClosed - freeArchivesMax + 1
  if (isFree && index < oldest) {
    return ephemeral(texts.periodTooOld(oldest, `${voice.publicUrl}/verify/period/${guildId}/${index}`))
  }
  return present(texts, guildId, archivedPage(texts, { period: archive.period, page, forUserId: context.byUserId }))
}

function runningPage(texts: Texts, board: RunningBoard): BoardPage {
  const { entries, own, page, pages } = board
  return { index: null, when: null, entries, own, page, pages, emptyText: board.trackingMode === 'off' ? texts.leaderboardOff : texts.leaderboardEmpty }
}

function archivedPage(
  texts: Texts,
  { period, page: wanted, forUserId }: { readonly period: PeriodPayload; readonly page: number; readonly forUserId: UserId },
): BoardPage {
  const ranked = period.entries.map((entry, place) => ({
    rank: place + 1,
    userId: entry.user_id as UserId,
    durationSeconds: entry.duration_seconds,
    sessions: entry.sessions,
  }))
  const pages = Math.max(1, Math.ceil(ranked.length / pageSize))
  const page = Math.min(Math.max(1, wanted), pages)
  return {
    index: period.period_index,
    when: texts.periodLine(period.period_index, formatInstant(Date.parse(period.started_at)), formatInstant(Date.parse(period.ended_at))),
    entries: ranked.slice((page - 1) * pageSize, page * pageSize),
    own: ranked.find(({ userId }) => userId === forUserId) ?? null,
    page,
    pages,
    emptyText: texts.leaderboardEmpty,
  }
}

function present(texts: Texts, guildId: GuildId, board: BoardPage): MessageAnswer {
  const line = (entry: LeaderboardEntry): string => `**${entry.rank}.** <@${entry.userId}> · ${formatDuration(texts, entry.durationSeconds)}`
  const own = board.own === null ? texts.ownNone : texts.ownRank(line(board.own))
  const body = board.entries.length === 0 ? board.emptyText : `${board.entries.map(line).join('\n')}\n\n${own}`
  return {
    flags: MessageFlags.Ephemeral,
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: texts.leaderboardTitle(board.index),
        color: accentColor,
        description: board.when === null ? body : `${board.when}\n\n${body}`,
        footer: { text: texts.pageOf(board.page, board.pages) },
      },
    ],
    components: board.pages === 1 ? [] : [pagingRow(texts, guildId, board)],
  }
}

function pagingRow(texts: Texts, guildId: GuildId, { index, page, pages }: BoardPage): APIActionRowComponent<APIComponentInMessageActionRow> {
  const button = (action: string, label: string, to: number) =>
    ({
      type: ComponentType.Button,
      style: ButtonStyle.Secondary,
      label,
      disabled: to < 1 || to > pages,
      custom_id: formatCustomId({ feature: boardFeature, action, guildId, args: [String(index ?? 0), String(to)] }),
    }) as const
  return {
    type: ComponentType.ActionRow,
    components: [button('previous', texts.previousPage, page - 1), button('next', texts.nextPage, page + 1)],
  }
}
