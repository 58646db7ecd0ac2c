/**
 * Staff takes an entry out: of the open class, of a closed session, or all of one day. What has a receipt stays provable:
 * its removal is an amendment.
 */
import { draftAmendment } from '../../protocol/amendment.ts'
import type { AttendanceEvent, RemoveAttendance } from '../../protocol/attendance.ts'
import type { AttendanceQuestion } from '../../protocol/attendance-facts.ts'
import type { AttendanceEntryRow } from '../../protocol/attendance-rows.ts'
import type { AttendanceStatus, FinishedRecord } from '../../protocol/record.ts'
import { isDateId } from './dates.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { freshFacts } from './facts.ts'
import { refuseStaff } from './place.ts'

/** Sessions of one day that are looked at: a commit has room for their amendments. */
const entriesMax = 100

export function removeAttendance(state: State, command: RemoveAttendance): AttendanceDecision {
  const refused = refuseStaff(state, command.asker)
  if (refused !== null) return answer(refused)
  const { open } = state
  const { sessionId, dateId, userId } = command
  if (sessionId === null && (dateId === null || !isDateId(dateId))) return refuse('bad-date')
  const isOfOpen = open !== null && (sessionId === null ? open.dateId === dateId : open.sessionId === sessionId)
  if (isOfOpen && open.closing !== null) return refuse('still-closing')
  const inOpen = isOfOpen && open.entries[userId] !== undefined ? open.entries[userId] : null
  const gathered: Gathered = { events: [], records: [], entries: [], sessions: [], from: null }
  if (inOpen !== null && open !== null) {
    const { username, at, source } = inOpen
    gathered.events.push({ kind: 'open-entry-set', userId, username, at, status: null, source, byUserId: command.byUserId })
    gathered.sessions.push(open.sessionId)
    gathered.from = inOpen.status
  }
  // Named by its session, the open class is all that is meant.
  if (!(isOfOpen && sessionId !== null)) {
    const stopped = removeRows(state, command, gathered)
    if (stopped !== null) return stopped
  }
  const { events, records, entries, sessions, from } = gathered
  if (from === null) return refuse('no-record')
  return { events, records, rows: { students: [], sessions: [], entries }, reply: { kind: 'attendance-removed', userId, sessions, from } }
}

interface Gathered {
  readonly events: AttendanceEvent[]
  readonly records: FinishedRecord[]
  readonly entries: AttendanceEntryRow[]
  readonly sessions: string[]
  from: AttendanceStatus | null
}

/** The answer, if nothing can be decided yet. */
function removeRows(state: State, command: RemoveAttendance, gathered: Gathered): AttendanceDecision | null {
  const { userId, sessionId, byUserId } = command
  const scope = sessionId === null ? 'day' : 'session'
  const question: AttendanceQuestion = { userId, sessionId, dateId: command.dateId ?? '', scope }
  const facts = freshFacts(state, question, command.facts)
  if (facts === null) return { ...answer({ kind: 'facts-needed', question }), isTransient: true }
  for (const known of facts.entries.slice(0, entriesMax)) {
    const { status: from, recordId, receipt } = known
    if (from === 'removed') continue
    const change = state.changes + 1 + gathered.entries.length
    gathered.events.push({ kind: 'attendance-removed', recordId, userId, sessionId: known.sessionId, from, byUserId })
    gathered.records.push(draftAmendment(recordId, receipt, { change: 'removed', from, to: null, by_user_id: byUserId, reason: null }))
    const { at, localTime, dateId } = known
    gathered.entries.push({ sessionId: known.sessionId, userId, username: facts.username ?? '', at, localTime, dateId, status: 'removed', recordId, change })
    gathered.sessions.push(known.sessionId)
    gathered.from ??= from
  }
  return null
}
