/**
 * Whether rows that somebody read are still what stands, at the moment they are used.
 *
 * Whoever changes an entry of a closed session reads its rows first, and other commands may be decided in between. So
 * every change of entries has a number, rows carry the number of their newest change, and the state remembers which
 * entries changed lately. What was read before a change of the same entry is refused with the question, and the asker
 * reads again: two members of staff at once cost one of them a second read, and never a lost change.
 */
import type { CodeAttendanceState } from '../../protocol/attendance.ts'
import type { AttendanceFacts, AttendanceQuestion } from '../../protocol/attendance-facts.ts'
import { entryKey } from './state.ts'

/** Changed entries that are remembered: far more than are changed between a read and its command. */
const touchedMax = 256

type State = Readonly<CodeAttendanceState>

/** The facts, if they answer this question and nothing they tell has changed since. */
export function freshFacts(state: State, question: AttendanceQuestion, facts: AttendanceFacts | null): AttendanceFacts | null {
  if (facts === null || facts.asOf < state.freshFrom || !isSame(question, facts.question)) return null
  // A record that waited for its signature may have been given it since: an amendment must name it then.
  const isWaiting = facts.entries.some(({ receipt }) => receipt === null)
  if (isWaiting && facts.chainSequence < state.chainSequence) return null
  if (question.scope === 'session') return (state.touched[entryKey(facts.sessionId, question.userId)] ?? 0) > facts.asOf ? null : facts
  const ofUser = ` ${question.userId}`
  const isOld = Object.entries(state.touched).some(([key, change]) => change > facts.asOf && key.endsWith(ofUser))
  return isOld ? null : facts
}

function isSame(a: AttendanceQuestion, b: AttendanceQuestion): boolean {
  return a.userId === b.userId && a.sessionId === b.sessionId && a.dateId === b.dateId && a.scope === b.scope
}

/** One entry changed. */
export function noteChange(state: CodeAttendanceState, key: string): void {
  state.changes += 1
  // Its place is at the end: what is forgotten first is what changed longest ago.
  delete state.touched[key]
  state.touched[key] = state.changes
  const keys = Object.keys(state.touched)
  const [oldest] = keys
  if (keys.length <= touchedMax || oldest === undefined) return
  state.freshFrom = Math.max(state.freshFrom, state.touched[oldest] ?? 0)
  delete state.touched[oldest]
}

/** Many changed at once: nothing that was read before says anything. */
export function noteManyChanges(state: CodeAttendanceState): void {
  state.changes += 1
  state.freshFrom = state.changes
  state.touched = {}
}
