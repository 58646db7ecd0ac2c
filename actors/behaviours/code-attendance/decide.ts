/**
 * Every command of code attendance, and who decides it.
 */
import type { AttendanceCommand, SessionView } from '../../protocol/attendance.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { OpenCodeSession } from '../../protocol/code-session.ts'
import { closeSession, goOnClosing } from './close-session.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer } from './decision.ts'
import { loseMessage, noteMessage } from './messages.ts'
import { openSession } from './open-session.ts'
import { effectiveSettings, noAsker, refuseStaff } from './place.ts'
import { recordAttendance } from './record-attendance.ts'
import { registerStudent } from './register-student.ts'
import { removeAttendance } from './remove-attendance.ts'
import { setAttendance } from './settings.ts'
import { forgetClass } from './submit-after-end.ts'
import { submitCode } from './submit-code.ts'

export function decide(state: State, command: AttendanceCommand, context: DecideContext): AttendanceDecision {
  switch (command.kind) {
    case 'submit-code':
      return submitCode(state, command, context)
    case 'register-student':
      return registerStudent(state, command, context)
    case 'open-session':
      return openSession(state, command, context)
    case 'close-session': {
      const refused = refuseStaff(state, command.asker)
      return refused === null ? closeSession(state, { byUserId: command.byUserId, until: command.typedAt }, context) : answer(refused)
    }
    case 'go-on-closing':
      return goOnClosing(state, context)
    case 'forget-class':
      return forgetClass(state)
    case 'set-attendance':
      return setAttendance(state, command)
    case 'read-attendance':
      return answer(readAttendance(state, command))
    case 'record-attendance':
      return recordAttendance(state, command, context)
    case 'remove-attendance':
      return removeAttendance(state, command)
    case 'set-webhook-secret': {
      const { secretHash, byUserId } = command
      return { events: [{ kind: 'webhook-secret-set', secretHash, byUserId }], reply: { kind: 'webhook-secret-set', isSet: secretHash !== null } }
    }
    case 'note-message':
      return noteMessage(state, command)
    case 'lose-message':
      return loseMessage(state, command)
  }
}

function readAttendance(state: State, { asker }: Extract<AttendanceCommand, { kind: 'read-attendance' }>): AttendanceDecision['reply'] {
  return {
    kind: 'attendance',
    settings: effectiveSettings(state.settings, asker ?? noAsker),
    set: state.settings,
    open: state.open === null ? null : viewOf(state.open),
    last: state.last,
    students: state.studentCount,
    refusal: asker === null ? null : refuseStaff(state, asker),
  }
}

/** Not who is in it: that is for whoever closes it, and ten thousand names are no answer. */
function viewOf({ entries: _entries, wrongCodes: _wrongCodes, closing, ...session }: Readonly<OpenCodeSession>): SessionView {
  return { ...session, isClosing: closing !== null }
}
