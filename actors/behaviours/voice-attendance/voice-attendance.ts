/**
 * Voice attendance as one behaviour: the door plate of this folder.
 */
import type { Behaviour } from '../../protocol/behaviour.ts'
import type {
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply,
} from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { initialState, stateVersion, upgradeState } from './state.ts'

export const voiceAttendance: Behaviour<
  VoiceAttendanceState,
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply
> = {
  feature: 'voice-attendance',
  stateVersion,
  reads: new Set(['read-leaderboard']),
  initial: initialState,
  upgrade: upgradeState,
  decide,
  evolve,
  hasOpenWork: (state) => Object.keys(state.open).length > 0,
  entryCount: (state) => Object.keys(state.open).length + Object.keys(state.totals).length,
}
