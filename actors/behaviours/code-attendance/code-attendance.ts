/**
 * Code attendance as one behaviour: the door plate of this folder.
 */
import type { AttendanceCommand, AttendanceEvent, AttendanceReply, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { Behaviour } from '../../protocol/behaviour.ts'
import { decide } from './decide.ts'
import { evolve, evolveReceipt } from './evolve.ts'
import { initialState, stateVersion, upgradeState } from './state.ts'

export const codeAttendance: Behaviour<CodeAttendanceState, AttendanceCommand, AttendanceEvent, AttendanceReply> = {
  feature: 'code-attendance',
  stateVersion,
  reads: new Set(),
  initial: initialState,
  upgrade: upgradeState,
  decide,
  evolve,
  evolveReceipt,
  hasOpenWork: () => false,
  entryCount: ({ entryCount }) => entryCount,
}
