/**
 * What a recorded attendance becomes: a new entry with its receipt, an amendment of an earlier one, or a "no".
 *
 * The secret of a webhook is compared here, where it is kept, as hash with hash and over all digits: neither its time nor
 * any process on the way tells how much of a guess was right.
 */
import { assert } from '../../../kernel/assert.ts'
import type { UserId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { uuidV7 } from '../../../kernel/uuid.ts'
import { draftAmendment } from '../../protocol/amendment.ts'
import type {
  AttendanceCommand,
  AttendanceEntry,
  AttendanceEvent,
  AttendanceRefusal,
  AttendanceReply,
  CodeAttendanceState,
} from '../../protocol/attendance.ts'
import type { DecideContext, Decision } from '../../protocol/behaviour.ts'
import { entryKey } from './state.ts'

type AttendanceDecision = Decision<AttendanceEvent, AttendanceReply>
type RecordAttendance = Extract<AttendanceCommand, { kind: 'record-attendance' }>
type State = Readonly<CodeAttendanceState>

interface Entering {
  readonly command: RecordAttendance
  readonly userId: UserId
  readonly sessionId: string
}

export function decide(state: State, command: AttendanceCommand, context: DecideContext): AttendanceDecision {
  switch (command.kind) {
    case 'record-attendance':
      return recordAttendance(state, command, context)
    case 'set-webhook-secret': {
      const { secretHash, byUserId } = command
      return { events: [{ kind: 'webhook-secret-set', secretHash, byUserId }], reply: { kind: 'webhook-secret-set', isSet: secretHash !== null } }
    }
  }
}

function recordAttendance(state: State, command: RecordAttendance, context: DecideContext): AttendanceDecision {
  if (command.source === 'webhook' && !isSecret(state.webhookSecretHash, command.secretHash)) return refuse('wrong-secret')
  // Students are registered by a part of this feature that does not exist yet: nobody is known by student id.
  if (!('userId' in command.member)) return refuse('unknown-student')
  const { userId } = command.member
  const sessionId = command.sessionId ?? manualSession(command.at)
  const known = state.entries[entryKey(sessionId, userId)]
  if (known === undefined) return enter(state, { command, userId, sessionId }, context)
  return changeEntry(known, { command, userId, sessionId })
}

function enter(state: State, { command, userId, sessionId }: Entering, context: DecideContext): AttendanceDecision {
  if (state.entryCount >= limits.attendanceEntriesMax) return refuse('too-many-entries')
  const { status, source, byUserId } = command
  const recordId = uuidV7(context.now, context.random(16))
  const submittedAt = new Date(command.at).toISOString()
  return {
    events: [{ kind: 'attendance-recorded', recordId, userId, sessionId, status, source, byUserId }],
    records: [
      {
        type: 'attendance',
        recordId,
        payload: {
          record_id: recordId,
          session_id: sessionId,
          user_id: userId,
          student_id: null,
          status,
          submitted_at: submittedAt,
          date_id: dateOf(command.at),
          in_voice: null,
          source,
        },
      },
    ],
    reply: { kind: 'attendance-recorded', recordId, userId, sessionId, status, previous: null },
  }
}

function changeEntry(known: Readonly<AttendanceEntry>, { command, userId, sessionId }: Entering): AttendanceDecision {
  const { recordId, status: from, receipt } = known
  const { status: to, source, byUserId } = command
  const reply = { kind: 'attendance-recorded', recordId, userId, sessionId, status: to, previous: from } as const
  if (from === to) return { events: [{ kind: 'attendance-confirmed', recordId, source }], reply }
  return {
    events: [{ kind: 'attendance-amended', recordId, userId, sessionId, from, to, source, byUserId }],
    records: [draftAmendment(recordId, receipt, { change: 'status', from, to, by_user_id: byUserId, reason: command.reason })],
    reply,
  }
}

const refuse = (reason: AttendanceRefusal): AttendanceDecision => ({ events: [], reply: { kind: 'attendance-refused', reason } })

/** Every digit is looked at, whichever differs. A guild without a secret takes no webhook. */
function isSecret(wanted: string | null, given: string | null): boolean {
  if (wanted === null || given === null) return false
  assert(wanted.length === 64, 'a webhook secret is kept as a SHA-256')
  let difference = wanted.length ^ given.length
  for (let at = 0; at < wanted.length; at++) difference |= wanted.charCodeAt(at) ^ given.charCodeAt(at)
  return difference === 0
}

/** The day an instant falls on. Guilds have no time zone of their own yet: UTC. */
const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** The session of a record that names none: one a day. */
const manualSession = (at: number): string => `manual_${dateOf(at).replaceAll('-', '')}`
