/**
 * A member says which student id is theirs. One id belongs to one account; whoever wants another's asks staff.
 */
import { limits } from '../../../kernel/limits.ts'
import type { RegisterStudent } from '../../protocol/attendance.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { refuse } from './decision.ts'

export function registerStudent(state: State, command: RegisterStudent, context: DecideContext): AttendanceDecision {
  const { userId, username, studentId, studentName } = command
  const holder = state.studentIds[studentId.toLowerCase()]
  if (holder !== undefined && holder !== userId) return refuse('student-taken')
  const previous = state.students[userId] ?? null
  if (previous === null && state.studentCount >= limits.attendanceStudentsMax) return refuse('too-many-students')
  return {
    events: [{ kind: 'student-registered', userId, studentId, previous }],
    rows: { students: [{ userId, studentId, studentName, username, registeredAt: context.now }], sessions: [], entries: [] },
    reply: { kind: 'student-registered', studentId, isFirst: previous === null },
  }
}
