/**
 * How an event changes what is kept. Never refuses: an event has happened.
 */
import { unreachable } from '../../../kernel/assert.ts'
import type { AttendanceEvent, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { IssuedReceipt } from '../../protocol/behaviour.ts'
import {
  beganClosing,
  closedSession,
  countLateComer,
  notedMessage,
  notedWrongCode,
  openedSession,
  setOpenEntry,
  submittedCode,
  wroteEntries,
} from './evolve-session.ts'
import { noteChange } from './facts.ts'
import { entryKey } from './state.ts'

/** Told of every receipt of the guild, its own and others'. */
export function evolveReceipt(state: CodeAttendanceState, { sequence }: IssuedReceipt): CodeAttendanceState {
  state.chainSequence = sequence
  return state
}

export function evolve(state: CodeAttendanceState, event: AttendanceEvent): CodeAttendanceState {
  switch (event.kind) {
    case 'student-registered': {
      const { userId, studentId, previous } = event
      if (previous === null) state.studentCount += 1
      else delete state.studentIds[previous.toLowerCase()]
      state.students[userId] = studentId
      state.studentIds[studentId.toLowerCase()] = userId
      break
    }
    case 'attendance-settings-set':
      state.settings = { ...state.settings, ...event.changes }
      break
    case 'code-session-opened':
      openedSession(state, event)
      break
    case 'code-submitted':
      submittedCode(state, event)
      break
    case 'wrong-code-noted':
      notedWrongCode(state, event)
      break
    case 'open-entry-set':
      setOpenEntry(state, event)
      break
    case 'session-message-noted':
      notedMessage(state, event)
      break
    case 'code-session-closing':
      beganClosing(state, event)
      break
    case 'code-entries-written':
      wroteEntries(state, event)
      break
    case 'code-session-closed':
      closedSession(state, event)
      break
    case 'ended-class-forgotten':
      state.ended = null
      break
    case 'attendance-recorded':
      countLateComer(state, event)
      noteChange(state, entryKey(event.sessionId, event.userId))
      break
    case 'attendance-amended':
    case 'attendance-removed':
      noteChange(state, entryKey(event.sessionId, event.userId))
      break
    case 'attendance-confirmed':
      break
    case 'webhook-secret-set':
      state.webhookSecretHash = event.secretHash
      break
    default:
      return unreachable(event)
  }
  return state
}
