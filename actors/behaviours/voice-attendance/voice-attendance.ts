/**
 * Voice attendance as one behaviour: what it is to the runtime.
 */
import { assert } from '../../../kernel/assert.ts'
import type { Alarm, Behaviour } from '../../protocol/behaviour.ts'
import type {
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply,
} from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { unfoldSwitch } from './feed-switch.ts'
import { announceSigning, logCollectMax, logCollectMs } from './log.ts'
import { onEffectSettled } from './settle-effects.ts'
import { initialState, stateVersion, upgradeState } from './state.ts'

const feature = 'voice-attendance' as const

/** Guilds of one zone share their boundaries: the work of one lies anywhere within this, its time does not move. */
const spreadMs = 60_000

/**
 * A closing that takes several turns wants an alarm after each: two names take turns, because the command of an alarm
 * must change or clear that alarm, and the instant stays the same.
 */
const closingPurposes = ['closing-odd', 'closing-even'] as const

function alarms(state: Readonly<VoiceAttendanceState>): readonly Alarm[] {
  const { closing, period, logQueue, boardAt } = state
  const wanted: Alarm[] = []
  if (closing !== null) wanted.push({ purpose: closingPurposes[closing.step % 2 === 1 ? 0 : 1], dueAt: closing.endedAt })
  else if (period !== null && period.endsAt !== null) wanted.push({ purpose: 'period', dueAt: period.endsAt })
  const [first] = logQueue
  if (first !== undefined) {
    wanted.push({ purpose: 'log', dueAt: first.leftAt + (logQueue.length >= logCollectMax ? 0 : logCollectMs) })
  }
  if (boardAt !== null) wanted.push({ purpose: 'board', dueAt: boardAt })
  return wanted
}

function onAlarm(purpose: string, dueAt: number): VoiceAttendanceCommand {
  switch (purpose) {
    case 'period':
    case closingPurposes[0]:
    case closingPurposes[1]:
      return { feature, kind: 'close-period', endedAt: dueAt }
    case 'log':
      return { feature, kind: 'flush-log' }
    default:
      assert(purpose === 'board', `voice attendance has no alarm ${purpose}`)
      return { feature, kind: 'post-board' }
  }
}

export const voiceAttendance: Behaviour<
  VoiceAttendanceState,
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply
> = {
  feature,
  stateVersion,
  reads: new Set(['read-leaderboard', 'read-own-time', 'read-user-stats', 'read-channel-stats', 'read-settings']),
  initial: initialState,
  upgrade: upgradeState,
  decide,
  unfold: { 'switch-feed': unfoldSwitch },
  feedStates: new Set(['observe-voice']),
  evolve,
  alarms,
  alarmSpreadMs: (purpose) => (purpose === 'period' || purpose === 'board' ? spreadMs : 0),
  onAlarm,
  onEffectSettled,
  announceSigning,
  hasOpenWork: (state) => Object.keys(state.open).length > 0,
  entryCount: (state) => Object.keys(state.open).length + Object.keys(state.totals).length,
}
