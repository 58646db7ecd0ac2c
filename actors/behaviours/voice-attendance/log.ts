/**
 * What log destinations are told: completed sessions, closed periods, the board on a schedule.
 *
 * Completed sessions are collected and posted together, ten seconds after the first or when ten have come: a class that
 * ends would otherwise be a post a member. What a post looks like, and in which language, is the effect's business.
 */
import type { ChannelId } from '../../../kernel/ids.ts'
import type { DecideContext, SigningChange } from '../../protocol/behaviour.ts'
import type { OutboxEffect } from '../../protocol/effect.ts'
import type { LeaderboardEntry, LogPost, VoicePeriodClosed, VoiceQuestion, VoiceTimedCommand } from '../../protocol/voice-attendance.ts'
import type { LogDestination, LogEvent, PeriodSchedule } from '../../protocol/voice-settings.ts'
import type { PeriodEntry } from './announce.ts'
import { nextBoardTime } from './calendar.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'
import { rankMembers, runningPeriod } from './leaderboard.ts'

export const logCollectMs = 10_000
export const logCollectMax = 10
/** Sessions in one message: each is a line, and an embed's description holds 4096 characters. */
const sessionsPerPost = 20
/** Members shown of a board. */
const boardEntriesMax = 10

type Settled = Extract<VoiceTimedCommand, { kind: 'settle-log' }>

export function wantsLog(state: State, event: LogEvent): boolean {
  return Object.values(state.logs).some(({ events }) => events.includes(event))
}

export function flushLog(state: State, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  if (state.logQueue.length === 0) return draft.decision({ kind: 'observed' })
  draft.events.push({ kind: 'voice-log-flushed' })
  for (let from = 0; from < state.logQueue.length; from += sessionsPerPost) {
    post(draft, ['session-completed'], { kind: 'sessions', sessions: state.logQueue.slice(from, from + sessionsPerPost) })
  }
  return draft.decision({ kind: 'observed' })
}

export function postPeriod(draft: Draft, closed: VoicePeriodClosed, entries: readonly PeriodEntry[]): void {
  post(draft, ['period-closed'], {
    kind: 'period',
    index: closed.index,
    periodId: closed.periodId,
    startedAt: closed.startedAt,
    endedAt: closed.endedAt,
    entries: entries.slice(0, boardEntriesMax).map(ranked),
    members: entries.length,
    unsigned: draft.state.unsigned.sessions,
  })
}

export function postBoard(state: State, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const { now } = context
  draft.events.push({ kind: 'voice-board-posted', boardAt: nextBoardAt(state.logs, state.schedule, now) })
  // Weekly ones are told where this midnight is also the first of a week.
  const dueAt = state.boardAt ?? now
  const isWeekly = nextBoardTime(state.schedule, 'week', dueAt - 1) <= dueAt
  const entries = rankMembers(state, now)
  post(draft, isWeekly ? ['leaderboard-daily', 'leaderboard-weekly'] : ['leaderboard-daily'], {
    kind: 'board',
    period: runningPeriod(state),
    entries: entries.slice(0, boardEntriesMax),
    members: entries.length,
  })
  return draft.decision({ kind: 'observed' })
}

/** When the board is posted next; null: no destination wants it. */
export function nextBoardAt(
  logs: Readonly<Record<string, LogDestination>>,
  schedule: PeriodSchedule,
  after: number,
): number | null {
  const wanted = new Set(Object.values(logs).flatMap(({ events }) => events))
  if (wanted.has('leaderboard-daily')) return nextBoardTime(schedule, 'day', after)
  return wanted.has('leaderboard-weekly') ? nextBoardTime(schedule, 'week', after) : null
}

export function settleLog(state: State, { channelId, reason }: Settled, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  const known = state.logs[channelId]
  if (known !== undefined && (known.failure ?? null) !== reason) draft.events.push({ kind: 'voice-log-settled', channelId, failure: reason })
  return draft.decision({ kind: 'observed' })
}

/** Told where closed periods are: the places that keep how far the chain had come. */
const chainEvents: readonly LogEvent[] = ['period-closed']

export function announceExport(
  state: State,
  { from, to }: Extract<VoiceQuestion, { kind: 'announce-export' }>,
  context: DecideContext,
): VoiceDecision {
  const draft = new Draft(state, context)
  const posts = postsTo(state, chainEvents, { kind: 'export', from, to, at: context.now })
  if (posts.length > 0) draft.events.push({ kind: 'voice-export-announced', from, to })
  draft.effects.push(...posts)
  return draft.decision({ kind: 'export-announced', channels: posts.length })
}

export function announceSigning(state: State, change: SigningChange): readonly OutboxEffect[] {
  return postsTo(state, chainEvents, { kind: 'signing', change })
}

const ranked = (entry: PeriodEntry, index: number): LeaderboardEntry => ({
  rank: index + 1,
  userId: entry.user_id as LeaderboardEntry['userId'],
  durationSeconds: entry.duration_seconds,
  sessions: entry.sessions,
})

function post(draft: Draft, events: readonly LogEvent[], content: LogPost): void {
  draft.effects.push(...postsTo(draft.state, events, content))
}

/** One post for each destination that is told of any of these. */
function postsTo(state: State, wanted: readonly LogEvent[], content: LogPost): readonly OutboxEffect[] {
  return Object.entries(state.logs)
    .filter(([, { events }]) => events.some((event) => wanted.includes(event)))
    .map(([channel]) => ({
      delivery: 'outbox',
      kind: 'post-log',
      target: `log:${channel}`,
      payload: { channelId: channel as ChannelId, post: content },
    }))
}
