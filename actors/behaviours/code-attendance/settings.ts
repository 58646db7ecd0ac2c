/**
 * What staff sets. Bounds of numbers are Discord's to keep (the command's own options); what can be wrong beyond them is
 * refused here. Who may be staff is set by those with Manage Server alone: else staff could make staff.
 */
import type { AttendanceCommand } from '../../protocol/attendance.ts'
import { isTimeZone } from './dates.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { refuse } from './decision.ts'
import { isStaff } from './place.ts'

type SetAttendance = Extract<AttendanceCommand, { kind: 'set-attendance' }>

export function setAttendance(state: State, { asker, changes, byUserId }: SetAttendance): AttendanceDecision {
  if (!isStaff(state.settings, asker)) return refuse('not-staff')
  if (changes.staffRoleId !== undefined && !asker.isManager) return refuse('not-staff')
  if (changes.timeZone !== undefined && changes.timeZone !== null && !isTimeZone(changes.timeZone)) return refuse('unknown-time-zone')
  const settings = { ...state.settings, ...changes }
  if (settings.voicePresence !== 'off' && settings.voiceChannelId === null) return refuse('needs-voice-channel')
  const changed = Object.entries(changes).some(([name, value]) => state.settings[name as keyof typeof changes] !== value)
  const reply = { kind: 'attendance-settings-set', changed } as const
  return { events: changed ? [{ kind: 'attendance-settings-set', changes, byUserId }] : [], reply }
}
