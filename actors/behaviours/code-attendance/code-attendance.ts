/**
 * Code attendance as one behaviour: the door plate of this folder.
 */
import { assert } from '../../../kernel/assert.ts'
import type { AttendanceCommand, AttendanceEvent, AttendanceReply, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { Alarm, Behaviour } from '../../protocol/behaviour.ts'
import { decide } from './decide.ts'
import { evolve, evolveReceipt } from './evolve.ts'
import { onEffectSettled } from './messages.ts'
import { initialState, stateVersion, upgradeState } from './state.ts'

const feature = 'code-attendance' as const

/** Steps of a closing take turns between two names: the command of an alarm must change or clear that alarm. */
const stepPurposes = ['closing-even', 'closing-odd'] as const

function alarms({ open, ended }: Readonly<CodeAttendanceState>): readonly Alarm[] {
  const forgetting = ended === null ? [] : [{ purpose: 'forget-class', dueAt: ended.forgetAt }]
  if (open === null) return forgetting
  if (open.closing !== null) return [...forgetting, { purpose: stepPurposes[open.closing.step % 2 === 0 ? 0 : 1], dueAt: open.closing.nextAt }]
  return open.closesAt === null ? forgetting : [...forgetting, { purpose: 'auto-close', dueAt: open.closesAt }]
}

export const codeAttendance: Behaviour<CodeAttendanceState, AttendanceCommand, AttendanceEvent, AttendanceReply> = {
  feature,
  stateVersion,
  reads: new Set(['read-attendance']),
  initial: initialState,
  upgrade: upgradeState,
  decide,
  evolve,
  evolveReceipt,
  alarms,
  onAlarm(purpose) {
    if (purpose === 'forget-class') return { feature, kind: 'forget-class' }
    assert(purpose === 'auto-close' || stepPurposes.includes(purpose as 'closing-odd'), `code attendance has no alarm ${purpose}`)
    return { feature, kind: 'go-on-closing' }
  },
  onEffectSettled,
  hasOpenWork: ({ open }) => open !== null,
  entryCount: ({ open, studentCount }) => (open?.entryCount ?? 0) + studentCount,
}
