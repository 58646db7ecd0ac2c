/**
 * The state of a member that a guild knows, compared with one that a feed tells.
 */
import type { UserId } from '../../../kernel/ids.ts'
import type { ObservedVoice } from '../../protocol/voice-attendance.ts'
import type { State } from './draft.ts'
import { sameVoice } from './sessions.ts'
import { isTracked } from './state.ts'

/** Who has no session is known as nobody in particular: out of voice (null), or where nothing is tracked. */
export function isWhatIsKnown(state: State, userId: UserId, voice: ObservedVoice | null): boolean {
  const session = state.open[userId]
  if (session !== undefined) return voice !== null && sameVoice(session.voice, voice)
  return voice === null || !isSession(state, voice)
}

/** True when being there is a session under the settings in force. */
export function isSession(state: State, { bot, channelId }: ObservedVoice): boolean {
  return !bot && channelId !== null && isTracked(state, channelId)
}

/** What an awaited member's state is: `older`, or the one that is known already; null: of somebody who is not awaited. */
export function catchUp(state: State, voice: ObservedVoice): 'older' | 'met' | null {
  if (state.awaited?.[voice.userId] === undefined) return null
  return isWhatIsKnown(state, voice.userId, voice) ? 'met' : 'older'
}
