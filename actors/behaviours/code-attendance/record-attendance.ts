/**
 * Staff or another system says how somebody attended: an entry of the open class, a new record, or an amendment.
 *
 * The secret of a webhook is compared here, where it is kept, as hash with hash and over all digits: neither its time nor
 * any process on the way tells how much of a guess was right. Only then is anything looked up for it.
 */
import { assert } from '../../../kernel/assert.ts'
import type { UserId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { draftAmendment } from '../../protocol/amendment.ts'
import type { RecordAttendance } from '../../protocol/attendance.ts'
import type { AttendanceFacts, AttendanceQuestion, KnownEntry } from '../../protocol/attendance-facts.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { AttendanceStatus } from '../../protocol/record.ts'
import { dateOf, isDateId } from './dates.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { freshFacts } from './facts.ts'
import { newEntry } from './new-entry.ts'
import { effectiveSettings, noAsker, refuseStaff } from './place.ts'

interface Entering {
  readonly command: RecordAttendance
  readonly userId: UserId
  readonly dateId: string
  readonly timeZone: string
}

export function recordAttendance(state: State, command: RecordAttendance, context: DecideContext): AttendanceDecision {
  if (command.source === 'webhook' && !isSecret(state.webhookSecretHash, command.secretHash)) return refuse('wrong-secret')
  const refused = command.asker === null ? null : refuseStaff(state, command.asker)
  if (refused !== null) return answer(refused)
  const { member } = command
  const userId = 'userId' in member ? member.userId : (state.studentIds[member.studentId.toLowerCase()] as UserId | undefined)
  if (userId === undefined) return refuse('unknown-student')
  const { timeZone } = effectiveSettings(state.settings, command.asker ?? { ...noAsker, guildTimeZone: state.last?.timeZone ?? 'UTC' })
  if (command.dateId !== null && !isDateId(command.dateId)) return refuse('bad-date')
  const entering = { command, userId, timeZone, dateId: command.dateId ?? dateOf(command.at, timeZone) }
  const { open } = state
  // The class that is open is the newest of its day.
  const isOfOpen = open !== null && (command.sessionId === null ? open.dateId === entering.dateId : command.sessionId === open.sessionId)
  if (isOfOpen && open.closing !== null) return refuse('still-closing')
  return isOfOpen ? setOpenEntry(state, entering) : recordRow(state, entering, context)
}

function setOpenEntry(state: State, { command, userId }: Entering): AttendanceDecision {
  const { open } = state
  assert(open !== null, 'an entry of the open session needs one')
  const known = open.entries[userId]
  if (known === undefined && open.entryCount >= limits.codeSubmissionsMax) return refuse('too-many-entries')
  const { status, source, byUserId, facts } = command
  // Rows tell what somebody is called who has not typed anything in this class.
  const question: AttendanceQuestion = { userId, sessionId: open.sessionId, dateId: open.dateId, scope: 'session' }
  if (known === undefined && facts === null) return { ...answer({ kind: 'facts-needed', question }), isTransient: true }
  const username = known?.username ?? facts?.username ?? ''
  const reply = { recordId: '', userId, sessionId: open.sessionId, status, previous: known?.status ?? null }
  return {
    events: [{ kind: 'open-entry-set', userId, username, at: command.at, status, source, byUserId }],
    reply: { kind: 'attendance-recorded', ...reply },
  }
}

function recordRow(state: State, entering: Entering, context: DecideContext): AttendanceDecision {
  const { command, userId, dateId } = entering
  const question: AttendanceQuestion = { userId, sessionId: command.sessionId, dateId, scope: 'session' }
  const facts = freshFacts(state, question, command.facts)
  if (facts === null) return { ...answer({ kind: 'facts-needed', question }), isTransient: true }
  // Names of classes are seconds: one that is not there would be taken from a class to come.
  const isReserved = /^\d+$/.test(facts.sessionId) || command.source !== 'webhook'
  if (command.sessionId !== null && !facts.isSessionKnown && isReserved) return refuse('unknown-session')
  const [known] = facts.entries
  if (known === undefined || known.status === 'removed') return enter(state, { ...entering, facts }, context)
  return change(state, { ...entering, facts }, { ...known, status: known.status })
}

type Informed = Entering & { readonly facts: AttendanceFacts }

function enter(state: State, { command, userId, dateId, timeZone, facts }: Informed, context: DecideContext): AttendanceDecision {
  const { status, source, byUserId, at } = command
  const { sessionId } = facts
  const entry = { userId, username: facts.username ?? '', at, status, inVoice: null, source }
  const { recordId, row, record } = newEntry(state, { sessionId, dateId, timeZone }, entry, context)
  const session = { sessionId, kind: 'manual', openedAt: at, closedAt: at, dateId, change: row.change, intervalMs: 0, rotatesFrom: 0 } as const
  return {
    events: [{ kind: 'attendance-recorded', recordId, userId, sessionId, status, source, byUserId }],
    rows: { students: [], sessions: facts.isSessionKnown ? [] : [session], entries: [row] },
    records: [record],
    reply: { kind: 'attendance-recorded', recordId, userId, sessionId, status, previous: null },
  }
}

function change(state: State, { command, userId, facts }: Informed, known: KnownEntry & { readonly status: AttendanceStatus }): AttendanceDecision {
  const { status: to, source, byUserId, reason } = command
  const { recordId, sessionId, status: from, receipt, at, localTime, dateId } = known
  const reply = { kind: 'attendance-recorded', recordId, userId, sessionId, status: to, previous: from } as const
  if (from === to) return { events: [{ kind: 'attendance-confirmed', recordId, source }], reply }
  const row = { sessionId, userId, username: facts.username ?? '', at, localTime, dateId, status: to, recordId, change: state.changes + 1 }
  return {
    events: [{ kind: 'attendance-amended', recordId, userId, sessionId, from, to, source, byUserId }],
    rows: { students: [], sessions: [], entries: [row] },
    records: [draftAmendment(recordId, receipt, { change: 'status', from, to, by_user_id: byUserId, reason })],
    reply,
  }
}

/** Every digit is looked at, whichever differs. A guild without a secret takes no webhook. */
function isSecret(wanted: string | null, given: string | null): boolean {
  if (wanted === null || given === null) return false
  assert(wanted.length === 64, 'a webhook secret is kept as a SHA-256')
  let difference = wanted.length ^ given.length
  for (let at = 0; at < wanted.length; at++) difference |= wanted.charCodeAt(at) ^ given.charCodeAt(at)
  return difference === 0
}
