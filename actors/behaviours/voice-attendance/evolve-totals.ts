/**
 * How closed sessions add up in the running period, and what waits for the log.
 */
import type { VoiceAttendanceEvent, VoiceSessionClosed } from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { addSetAside } from './accounts.ts'
import { wantsLog } from './log.ts'

export function addClosed(state: VoiceAttendanceState, event: VoiceSessionClosed): void {
  const { userId, channelId, durationSeconds } = event
  if (wantsLog(state, 'session-completed')) enqueue(state, event)
  if (event.isUnsigned === true) {
    addUnsigned(state, durationSeconds)
    return
  }
  for (const total of [(state.totals[userId] ??= none()), (state.channelTotals[channelId] ??= none())]) {
    total.durationSeconds += durationSeconds
    total.sessions += 1
  }
  const setAside = addSetAside(state.setAside[userId] ?? {}, event)
  if (Object.keys(setAside).length > 0) state.setAside[userId] = setAside
}

export function addDiscarded(
  state: VoiceAttendanceState,
  event: Extract<VoiceAttendanceEvent, { kind: 'voice-session-discarded' }>,
): void {
  if (event.reason === 'too-short') addUnsigned(state, event.durationSeconds)
}

const none = () => ({ durationSeconds: 0, sessions: 0 })

function addUnsigned(state: VoiceAttendanceState, seconds: number): void {
  state.unsigned.sessions += 1
  state.unsigned.seconds += seconds
}

function enqueue(state: VoiceAttendanceState, event: VoiceSessionClosed): void {
  const { sessionId, userId, channelId, leftAt, durationSeconds, unobservedSeconds } = event
  const paused = Object.values(event.pausedSeconds).reduce((sum, seconds) => sum + seconds, 0)
  state.logQueue.push({
    sessionId, userId, channelId, leftAt, durationSeconds, setAsideSeconds: paused + unobservedSeconds,
    ...(event.isUnsigned === true ? { isUnsigned: true } : {}),
  })
}
