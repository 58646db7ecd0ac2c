/**
 * How an event changes what is kept, and how an entry learns of its receipt. Never refuses: an event has happened.
 */
import { assert, unreachable } from '../../../kernel/assert.ts'
import type { AttendanceEvent, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { IssuedReceipt } from '../../protocol/behaviour.ts'
import { entryKey } from './state.ts'

export function evolve(state: CodeAttendanceState, event: AttendanceEvent): CodeAttendanceState {
  switch (event.kind) {
    case 'attendance-recorded': {
      const key = entryKey(event.sessionId, event.userId)
      assert(state.entries[key] === undefined, 'a member has one entry a session')
      state.entries[key] = { recordId: event.recordId, status: event.status, receipt: null }
      state.entryCount += 1
      state.unsealed[event.recordId] = key
      return state
    }
    case 'attendance-amended': {
      const entry = state.entries[entryKey(event.sessionId, event.userId)]
      assert(entry?.recordId === event.recordId, 'an amendment is of an entry that is there')
      entry.status = event.to
      return state
    }
    case 'attendance-confirmed':
      return state
    case 'webhook-secret-set':
      state.webhookSecretHash = event.secretHash
      return state
    default:
      return unreachable(event)
  }
}

/** The first receipt of a record is the record; later ones amend it. Receipts of other features are not looked for here. */
export function evolveReceipt(state: CodeAttendanceState, receipt: IssuedReceipt): CodeAttendanceState {
  const key = state.unsealed[receipt.recordId]
  const entry = key === undefined ? undefined : state.entries[key]
  if (entry === undefined) return state
  entry.receipt = { sequence: receipt.sequence, hash: receipt.hash }
  delete state.unsealed[receipt.recordId]
  return state
}
