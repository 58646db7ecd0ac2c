/**
 * A member types the code. Judged by the instant in the interaction's id: what was typed in time and lay in our hands
 * counts, what was under way for too long does not.
 */
import { limits } from '../../../kernel/limits.ts'
import type { SubmitCode } from '../../protocol/attendance.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { OpenCodeSession } from '../../protocol/code-session.ts'
import { acceptedCodes, isAccepted } from './codes.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { refuseMember } from './place.ts'

/** Discord gives an answer three seconds: what comes to us later than that cannot be answered at once anyway. */
const underWayMsMax = 3_000
/** Wrong codes within the window that slow a member down: a typing mistake or four, and no guessing. */
export const wrongCodesMax = 5
const wrongCodeWindowMs = 60_000

export function submitCode(state: State, command: SubmitCode, context: DecideContext): AttendanceDecision {
  const refused = refuseMember(state, command.asker)
  if (refused !== null) return answer(refused)
  const { open } = state
  if (open === null || open.closing !== null) return refuse('none-open')
  const { submittedAt, userId } = command
  const waitMs = waitAfterWrongCodes(open, userId, submittedAt)
  if (waitMs > 0) return refuse('slow-down', { seconds: Math.ceil(waitMs / 1000) })
  if (command.heardAt - submittedAt > underWayMsMax + open.grace * open.intervalMs) return refuse('too-late')
  const codes = codesOf(open, submittedAt, context)
  if (codes === null) return refuse('code-unavailable')
  if (!isAccepted(codes, command.code.trim().toUpperCase())) {
    return { events: [{ kind: 'wrong-code-noted', userId, at: submittedAt }], reply: { kind: 'attendance-refused', reason: 'wrong-code' } }
  }
  return record(open, command)
}

function codesOf(open: Readonly<OpenCodeSession>, instant: number, context: DecideContext): readonly string[] | null {
  const { hmac } = context
  if (hmac === undefined || !hmac.knows(open.secretId)) return null
  return acceptedCodes((message) => hmac.of(open.secretId, message), open, instant)
}

function record(open: Readonly<OpenCodeSession>, command: SubmitCode): AttendanceDecision {
  const { userId, username, submittedAt: at } = command
  const isThere = command.voiceChannelId !== null && command.voiceChannelId === open.voiceChannelId
  const inVoice = open.voicePresence === 'off' ? null : isThere
  if (open.voicePresence === 'require' && !isThere) {
    return refuse('not-in-voice', open.voiceChannelId === null ? {} : { channelId: open.voiceChannelId })
  }
  const known = open.entries[userId]
  if (known === undefined && open.entryCount >= limits.codeSubmissionsMax) return refuse('too-many-entries')
  // A submission that was overtaken on its way by a later one of the same member has been replaced already.
  if (known !== undefined && known.source === 'code' && at < known.at) {
    return answer({ kind: 'code-recorded', status: known.status, isRepeated: true, inVoice: known.inVoice })
  }
  const status = open.lateFrom !== null && at >= open.lateFrom ? 'late' : 'present'
  return {
    events: [{ kind: 'code-submitted', userId, username, at, status, inVoice }],
    reply: { kind: 'code-recorded', status, isRepeated: known !== undefined, inVoice },
  }
}

/** Milliseconds until this member's next code is looked at. */
function waitAfterWrongCodes(open: Readonly<OpenCodeSession>, userId: string, at: number): number {
  const wrong = open.wrongCodes[userId] ?? []
  const oldest = wrong.at(-wrongCodesMax)
  return oldest === undefined ? 0 : Math.max(0, oldest + wrongCodeWindowMs - at)
}
