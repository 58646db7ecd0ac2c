/**
 * Whether time accrues for a session right now, and if not, for which reason.
 *
 * Several reasons may hold at once; time goes to the first in the order below, so that every instant has one account.
 * What the member does comes before what the channel is, because the member can change it.
 */
import type { PauseReason } from '../../protocol/voice-attendance.ts'
import type { OpenSession, VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { countHumans } from './presence.ts'

type State = Readonly<VoiceAttendanceState>

export function pauseReasonOf(state: State, session: Readonly<OpenSession>, humans: number): PauseReason | undefined {
  const { fairness } = state
  const { voice } = session
  if (fairness.selfMute && voice.selfMute) return 'self_mute'
  if (fairness.serverMute && voice.serverMute) return 'server_mute'
  if (fairness.selfDeaf && voice.selfDeaf) return 'self_deaf'
  if (fairness.serverDeaf && voice.serverDeaf) return 'server_deaf'
  if (fairness.alone && humans < 2) return 'alone'
  if (fairness.afk && session.channelId === state.afkChannelId) return 'afk'
  return humans < fairness.minimumMembers ? 'too_few' : undefined
}

/** True when who else is in the channel matters: otherwise nobody is counted. */
export function countsHumans({ fairness }: State): boolean {
  return fairness.alone || fairness.minimumMembers > 1
}

/** Humans in a channel as far as the rules ask: many when they do not. */
export function humansThatMatter(state: State, channel: string): number {
  return countsHumans(state) ? countHumans(state, channel) : Infinity
}
