/**
 * How a period begins, closes and gives way to a fresh board.
 */
import { assert, unreachable } from '../../../kernel/assert.ts'
import type { VoiceAttendanceEvent } from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'

type PeriodEvent = Extract<
  VoiceAttendanceEvent,
  { kind: 'voice-period-opened' | 'voice-period-scheduled' | 'voice-period-closing' | 'voice-period-closed' }
>

export function evolvePeriod(state: VoiceAttendanceState, event: PeriodEvent, at: number): void {
  switch (event.kind) {
    case 'voice-period-opened': {
      const { periodId, index, startedAt, endsAt } = event
      state.period = { periodId, index, startedAt: startedAt ?? at, endsAt: endsAt ?? null }
      state.periodCount = index
      return
    }
    case 'voice-period-scheduled':
      assert(state.period !== null, 'what is scheduled is running')
      state.period.endsAt = event.endsAt
      return
    case 'voice-period-closing':
      state.closing = { endedAt: event.endedAt, byUserId: event.byUserId, step: (state.closing?.step ?? 0) + 1 }
      return
    case 'voice-period-closed':
      assert(state.period?.periodId === event.periodId, 'the period that closes is the running one')
      state.period = null
      state.closing = null
      state.totals = {}
      state.setAside = {}
      state.channelTotals = {}
      state.unsigned = { sessions: 0, seconds: 0 }
      return
    default:
      unreachable(event)
  }
}
