/**
 * Whether somebody is staff, asked where no refusal is shown.
 */
import type { AttendanceReply } from '../../actors/protocol/attendance.ts'
import type { Asking } from './ask-attendance.ts'
import { askerOf } from './ask-attendance.ts'

export async function isStaffOf(context: Asking): Promise<boolean> {
  const asker = askerOf(context)
  if (asker.isManager) return true
  const outcome = await context.ask({ feature: 'code-attendance', kind: 'read-attendance', asker }, 'staff')
  const reply = outcome.status === 'answered' ? (outcome.reply as AttendanceReply) : null
  return reply?.kind === 'attendance' && reply.refusal?.reason !== 'not-staff'
}
