/**
 * The running period's board: signed sessions plus what is counted so far of the open ones.
 */
import type { UserId } from '../../../kernel/ids.ts'
import type { LeaderboardEntry, RunningPeriod, VoiceAttendanceReply } from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { advanceAccounts, copySession, durationSeconds } from './accounts.ts'
import { compareUsers } from './user-order.ts'

/** Rows of one page; ten fit an embed with the longest names. */
const pageSize = 10

/** Rank order: counted time descending, then user id ascending. */
function compareEntries(a: Omit<LeaderboardEntry, 'rank'>, b: Omit<LeaderboardEntry, 'rank'>): number {
  return b.durationSeconds - a.durationSeconds || compareUsers(a.userId, b.userId)
}

export function rankMembers(state: Readonly<VoiceAttendanceState>, now: number): LeaderboardEntry[] {
  const sums = new Map<string, { durationSeconds: number; sessions: number }>()
  for (const [user, total] of Object.entries(state.totals)) sums.set(user, { ...total })
  for (const session of Object.values(state.open)) {
    const soFar = copySession(session)
    advanceAccounts(soFar, now, state.feedLostSince)
    const sum = sums.get(session.userId) ?? { durationSeconds: 0, sessions: 0 }
    sum.durationSeconds += durationSeconds(soFar)
    sum.sessions += 1
    sums.set(session.userId, sum)
  }
  return [...sums]
    .map(([user, sum]) => ({ userId: user as UserId, ...sum }))
    .sort(compareEntries)
    .map((entry, index) => ({ rank: index + 1, ...entry }))
}

export function runningPeriod({ period }: Readonly<VoiceAttendanceState>): RunningPeriod | null {
  return period === null ? null : { index: period.index, startedAt: period.startedAt, endsAt: period.endsAt }
}

export function readLeaderboard(
  state: Readonly<VoiceAttendanceState>,
  request: { readonly page: number; readonly forUserId: UserId; readonly now: number },
): VoiceAttendanceReply {
  const ranked = rankMembers(state, request.now)
  const pages = Math.max(1, Math.ceil(ranked.length / pageSize))
  const page = Math.min(Math.max(1, request.page), pages)
  return {
    kind: 'leaderboard',
    periodIndex: state.period?.index ?? 0,
    newestClosed: state.period === null ? state.periodCount : state.period.index - 1,
    period: runningPeriod(state),
    trackingMode: state.trackingMode,
    tier: state.tier,
    entries: ranked.slice((page - 1) * pageSize, page * pageSize),
    page,
    pages,
    own: ranked.find((entry) => entry.userId === request.forUserId) ?? null,
  }
}
