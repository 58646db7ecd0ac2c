/**
 * How an event changes what is kept. Never refuses: an event has happened.
 */
import type { VoiceAttendanceEvent } from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { assert, unreachable } from '../../../kernel/assert.ts'
import { advanceAccounts } from './accounts.ts'

export function evolve(state: VoiceAttendanceState, event: VoiceAttendanceEvent, at: number): VoiceAttendanceState {
  switch (event.kind) {
    case 'voice-period-opened':
      state.period = { periodId: event.periodId, index: event.index, startedAt: at }
      return state
    case 'tracking-mode-set':
      state.trackingMode = event.mode
      return state
    case 'voice-session-opened':
      openSession(state, event, at)
      return state
    case 'voice-flags-changed': {
      const session = state.open[event.voice.userId]
      assert(session !== undefined, 'voice flags changed for a member without an open session')
      advanceAccounts(session, at, event.unobservedSince ?? state.feedLostSince)
      session.voice = event.voice
      return state
    }
    case 'voice-feed-lost':
      // A duplicate event may have been accounted past `since` already; what is accounted stays (I13).
      state.feedLostSince = event.since
      return state
    case 'voice-feed-resumed':
      for (const session of Object.values(state.open)) advanceAccounts(session, at, event.watchedUntil)
      state.feedLostSince = null
      return state
    case 'voice-session-closed':
      closeSession(state, event)
      return state
    default:
      return unreachable(event)
  }
}

function openSession(
  state: VoiceAttendanceState,
  event: Extract<VoiceAttendanceEvent, { kind: 'voice-session-opened' }>,
  at: number,
): void {
  const { voice } = event
  assert(voice.channelId !== null, 'a session opens in a channel')
  assert(state.open[voice.userId] === undefined, 'a member has one open session')
  state.open[voice.userId] = {
    sessionId: event.sessionId,
    userId: voice.userId,
    channelId: voice.channelId,
    joinedAt: at,
    accountedUntil: at,
    countedMs: 0,
    pausedMs: {},
    unobservedMs: 0,
    voice,
  }
}

function closeSession(
  state: VoiceAttendanceState,
  event: Extract<VoiceAttendanceEvent, { kind: 'voice-session-closed' }>,
): void {
  assert(state.open[event.userId]?.sessionId === event.sessionId, 'the session that closes is the open one')
  delete state.open[event.userId]
  const total = (state.totals[event.userId] ??= { durationSeconds: 0, sessions: 0 })
  total.durationSeconds += event.durationSeconds
  total.sessions += 1
}
