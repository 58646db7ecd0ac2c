/**
 * A code that was typed while the class was open and is decided after its end: it lay in a failover, or came in the instant
 * in which the class closed by itself. Its own time counts, so it becomes a record of the class like the others, with its
 * receipt. Entries of the class are rows by now: what they say of the member is asked for first.
 */
import type { SubmitCode } from '../../protocol/attendance.ts'
import type { AttendanceQuestion } from '../../protocol/attendance-facts.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { EndedCodeSession, OpenCodeSession } from '../../protocol/code-session.ts'
import { showTotals } from './close-session.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { freshFacts } from './facts.ts'
import { presenceOf, refuseCode, statusAt } from './judge-code.ts'
import { newEntry } from './new-entry.ts'

/** Typed in that class: by its end, and before another one opened. */
export function isOfEnded({ openedAt, until }: EndedCodeSession, at: number, open: Readonly<OpenCodeSession> | null): boolean {
  return at >= openedAt && at <= until && (open === null || at < open.openedAt)
}

export function submitAfterEnd(state: State, ended: EndedCodeSession, command: SubmitCode, context: DecideContext): AttendanceDecision {
  const refusal = refuseCode(ended, command, context)
  if (refusal !== null) return refuse(refusal)
  const { inVoice, refused } = presenceOf(ended, command)
  if (refused !== null) return refused
  const { sessionId, dateId } = ended
  const question: AttendanceQuestion = { userId: command.userId, sessionId, dateId, scope: 'session' }
  const facts = freshFacts(state, question, command.facts)
  if (facts === null) return { ...answer({ kind: 'facts-needed', question }), isTransient: true }
  const [known] = facts.entries
  if (known === undefined) return enter(state, { ended, command, inVoice }, context)
  // What staff took out meanwhile stays out: they had the last word.
  if (known.status === 'removed') return refuse('none-open')
  return answer({ kind: 'code-recorded', status: known.status, isRepeated: true, inVoice })
}

/** Nothing that was typed in the class can come any more. */
export function forgetClass({ ended }: State): AttendanceDecision {
  if (ended === null) return answer({ kind: 'noted' })
  const { sessionId, secretId } = ended
  return { events: [{ kind: 'ended-class-forgotten', sessionId }], secretsForgotten: [secretId], reply: { kind: 'noted' } }
}

interface Entering {
  readonly ended: EndedCodeSession
  readonly command: SubmitCode
  readonly inVoice: boolean | null
}

function enter(state: State, { ended, command, inVoice }: Entering, context: DecideContext): AttendanceDecision {
  const { sessionId } = ended
  const { userId, username, submittedAt: at } = command
  const status = statusAt(ended, at)
  const { recordId, row, record } = newEntry(state, ended, { userId, username, at, status, inVoice, source: 'code' }, context)
  const { last } = state
  const counted = last === null ? null : { ...last, entryCount: last.entryCount + 1, lateCount: last.lateCount + (status === 'late' ? 1 : 0) }
  return {
    events: [{ kind: 'attendance-recorded', recordId, userId, sessionId, status, source: 'code', byUserId: null }],
    rows: { students: [], sessions: [], entries: [row] },
    records: [record],
    effects: counted === null ? [] : showTotals(counted),
    reply: { kind: 'code-recorded', status, isRepeated: false, inVoice },
  }
}
