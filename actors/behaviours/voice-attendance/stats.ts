/**
 * What one member or one channel has come to in the running period, and when the guild is active.
 */
import type { ChannelId, UserId } from '../../../kernel/ids.ts'
import type { ActivityHours, OwnTime, VoiceAttendanceReply } from '../../protocol/voice-attendance.ts'
import { addSetAside, advanceAccounts, copySession, durationSeconds, pausedSeconds, unobservedSeconds } from './accounts.ts'
import { localActivity } from './activity.ts'
import { offsetMinutes } from './calendar.ts'
import type { State } from './draft.ts'
import { rankMembers, runningPeriod } from './leaderboard.ts'
import { isTracked } from './state.ts'

/** Members shown beside the one who is asked for: the top, and those next in rank. */
const neighboursMax = 8
const channelsMax = 25

export function readOwnTime(state: State, user: UserId, now: number): VoiceAttendanceReply {
  return { kind: 'own-time', period: runningPeriod(state), time: timeOf(state, user, now) }
}

export function readUserStats(state: State, user: UserId, now: number): VoiceAttendanceReply {
  const ranked = rankMembers(state, now)
  const place = ranked.findIndex(({ userId }) => userId === user)
  const from = place < neighboursMax ? 0 : Math.min(place - neighboursMax / 2, ranked.length - neighboursMax)
  return {
    kind: 'user-stats',
    period: runningPeriod(state),
    time: timeOf(state, user, now),
    neighbours: ranked.slice(from, from + neighboursMax),
  }
}

export function readChannelStats(state: State, channel: ChannelId, now: number): VoiceAttendanceReply {
  const sums = new Map(Object.entries(state.channelTotals).map(([id, total]) => [id, { ...total, openNow: 0 }]))
  for (const session of Object.values(state.open)) {
    const sum = sums.get(session.channelId) ?? { durationSeconds: 0, sessions: 0, openNow: 0 }
    const soFar = copySession(session)
    advanceAccounts(soFar, now, state.feedLostSince)
    sum.durationSeconds += durationSeconds(soFar)
    sum.sessions += 1
    sum.openNow += 1
    sums.set(session.channelId, sum)
  }
  const own = sums.get(channel) ?? { durationSeconds: 0, sessions: 0, openNow: 0 }
  const channels = [...sums]
    .map(([id, sum]) => ({ channelId: id as ChannelId, durationSeconds: sum.durationSeconds }))
    .sort((a, b) => b.durationSeconds - a.durationSeconds || (a.channelId < b.channelId ? -1 : 1))
  return {
    kind: 'channel-stats',
    period: runningPeriod(state),
    ...own,
    isTracked: isTracked(state, channel),
    channels: channels.slice(0, channelsMax),
    activity: readActivity(state, now),
  }
}

function readActivity(state: State, now: number): ActivityHours {
  const { timeZone, weekStart } = state.schedule
  return {
    since: state.activitySince,
    timeZone,
    weekStart,
    seconds: localActivity(state.activity, offsetMinutes(timeZone, now)),
  }
}

function timeOf(state: State, user: UserId, now: number): OwnTime {
  const ranked = rankMembers(state, now)
  const own = ranked.find(({ userId }) => userId === user)
  const open = state.open[user]
  let setAside = state.setAside[user] ?? {}
  if (open !== undefined) {
    const soFar = copySession(open)
    advanceAccounts(soFar, now, state.feedLostSince)
    setAside = addSetAside(setAside, { pausedSeconds: pausedSeconds(soFar), unobservedSeconds: unobservedSeconds(soFar) })
  }
  return {
    durationSeconds: own?.durationSeconds ?? 0,
    sessions: own?.sessions ?? 0,
    setAside,
    now: open === undefined ? null : state.feedLostSince === null ? (open.pause ?? 'counting') : 'unobserved',
    rank: own?.rank ?? null,
    members: ranked.length,
  }
}
