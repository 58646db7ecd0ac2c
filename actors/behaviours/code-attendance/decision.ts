/**
 * Short words for what every file of this folder gives back.
 */
import type { ChannelId } from '../../../kernel/ids.ts'
import type { AttendanceEvent, AttendanceRefusal, AttendanceReply, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { Decision } from '../../protocol/behaviour.ts'
import { refusal } from './place.ts'

export type AttendanceDecision = Decision<AttendanceEvent, AttendanceReply>
export type State = Readonly<CodeAttendanceState>

export const answer = (reply: AttendanceReply): AttendanceDecision => ({ events: [], reply })

export function refuse(reason: AttendanceRefusal, more: { readonly channelId?: ChannelId; readonly seconds?: number } = {}): AttendanceDecision {
  return answer(refusal(reason, more))
}
