/**
 * A member types the code. Judged by the instant in the interaction's id: what was typed in time and lay in our hands
 * counts, what was under way for too long does not.
 */
import { limits } from '../../../kernel/limits.ts'
import type { SubmitCode } from '../../protocol/attendance.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { OpenCodeSession } from '../../protocol/code-session.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { presenceOf, refuseCode, statusAt } from './judge-code.ts'
import { refuseMember } from './place.ts'
import { isOfEnded, submitAfterEnd } from './submit-after-end.ts'

/** Wrong codes within the window that slow a member down: a typing mistake or four, and no guessing. */
export const wrongCodesMax = 5
const wrongCodeWindowMs = 60_000

export function submitCode(state: State, command: SubmitCode, context: DecideContext): AttendanceDecision {
  const refused = refuseMember(state, command.asker)
  if (refused !== null) return answer(refused)
  const { open, ended } = state
  const { submittedAt, userId } = command
  if (ended !== null && isOfEnded(ended, submittedAt, open)) return submitAfterEnd(state, ended, command, context)
  if (open === null || (open.closing !== null && submittedAt > open.closing.until)) return refuse('none-open')
  const waitMs = waitAfterWrongCodes(open, userId, submittedAt)
  if (waitMs > 0) return refuse('slow-down', { seconds: Math.ceil(waitMs / 1000) })
  const refusal = refuseCode(open, command, context)
  if (refusal === 'wrong-code') {
    return { events: [{ kind: 'wrong-code-noted', userId, at: submittedAt }], reply: { kind: 'attendance-refused', reason: 'wrong-code' } }
  }
  return refusal === null ? record(open, command) : refuse(refusal)
}

function record(open: Readonly<OpenCodeSession>, command: SubmitCode): AttendanceDecision {
  const { userId, username, submittedAt: at } = command
  const presence = presenceOf(open, command)
  if (presence.refused !== null) return presence.refused
  const { inVoice } = presence
  const known = open.entries[userId]
  if (known === undefined && open.entryCount >= limits.codeSubmissionsMax) return refuse('too-many-entries')
  // A submission that was overtaken on its way by a later one of the same member has been replaced already.
  // One that is heard while the class is being written finds its member's entry written, or about to be.
  if (known !== undefined && ((known.source === 'code' && at < known.at) || open.closing !== null)) {
    return answer({ kind: 'code-recorded', status: known.status, isRepeated: true, inVoice: known.inVoice })
  }
  const status = statusAt(open, at)
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
