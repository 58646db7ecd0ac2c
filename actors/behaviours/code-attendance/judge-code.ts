/**
 * Whether a typed code counts, and as what: the same for a class that is open and for one that ended while the code was on
 * its way.
 */
import type { SubmitCode } from '../../protocol/attendance.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { CodeRule, OpenedSession } from '../../protocol/code-session.ts'
import { acceptedCodes, isAccepted } from './codes.ts'
import type { AttendanceDecision } from './decision.ts'
import { refuse } from './decision.ts'
import { underWayMs } from './under-way.ts'

/** null: it counts, as far as the code goes. Judged by the instant in the interaction's id. */
export function refuseCode(
  rule: CodeRule,
  { code, submittedAt, heardAt }: SubmitCode,
  { hmac }: DecideContext,
): 'too-late' | 'code-unavailable' | 'wrong-code' | null {
  if (heardAt - submittedAt > underWayMs(rule)) return 'too-late'
  if (hmac === undefined || !hmac.knows(rule.secretId)) return 'code-unavailable'
  const codes = acceptedCodes((message) => hmac.of(rule.secretId, message), rule, submittedAt)
  return isAccepted(codes, code.trim().toUpperCase()) ? null : 'wrong-code'
}

/** `inVoice` null: nobody asks. */
export function presenceOf(
  { voicePresence, voiceChannelId }: Pick<OpenedSession, 'voicePresence' | 'voiceChannelId'>,
  command: SubmitCode,
): { readonly inVoice: boolean | null; readonly refused: AttendanceDecision | null } {
  const isThere = command.voiceChannelId !== null && command.voiceChannelId === voiceChannelId
  const refused = voicePresence === 'require' && !isThere ? refuse('not-in-voice', voiceChannelId === null ? {} : { channelId: voiceChannelId }) : null
  return { inVoice: voicePresence === 'off' ? null : isThere, refused }
}

export const statusAt = ({ lateFrom }: Pick<OpenedSession, 'lateFrom'>, at: number): 'late' | 'present' =>
  lateFrom !== null && at >= lateFrom ? 'late' : 'present'
