/**
 * Who is in a channel: those with an open session, and the bystanders.
 *
 * In a tracked channel every human has a session. In one that is not tracked any more sessions may still be open, and
 * who comes in then has none, but keeps the others from being alone: a bystander. A channel without open sessions has no
 * bystanders, so members in untracked channels cost nothing. Bots are in neither.
 */
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'

type State = Readonly<VoiceAttendanceState>

export function countHumans(state: State, channel: string): number {
  let humans = 0
  for (const user in state.open) if (state.open[user]?.channelId === channel) humans += 1
  for (const user in state.bystanders) if (state.bystanders[user] === channel) humans += 1
  return humans
}

export function hasSessionIn(state: State, channel: string, besides: string): boolean {
  for (const user in state.open) {
    if (user !== besides && state.open[user]?.channelId === channel) return true
  }
  return false
}

/** Nobody has a session there any more: nobody stands by. */
export function dropBystandersOf(state: VoiceAttendanceState, channel: string): void {
  for (const [user, place] of Object.entries(state.bystanders)) {
    if (place === channel) delete state.bystanders[user]
  }
}
