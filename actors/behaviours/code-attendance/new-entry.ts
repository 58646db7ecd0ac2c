/**
 * An entry of a class as it is written, whoever made it: the row for lists and reports, and the record that is sealed.
 */
import type { UserId } from '../../../kernel/ids.ts'
import { uuidV7 } from '../../../kernel/uuid.ts'
import type { AttendanceEntryRow } from '../../protocol/attendance-rows.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { SessionEntry } from '../../protocol/code-session.ts'
import type { RecordDraft } from '../../protocol/record.ts'
import { localTimeOf } from './dates.ts'
import type { State } from './decision.ts'

export interface NewEntry extends Readonly<SessionEntry> {
  readonly userId: UserId
}

/** Of which class, and when and where that is. */
export interface EntryPlace {
  readonly sessionId: string
  readonly dateId: string
  readonly timeZone: string
}

export interface WrittenEntry {
  readonly recordId: string
  readonly row: AttendanceEntryRow
  readonly record: RecordDraft
}

export function newEntry(state: State, { sessionId, dateId, timeZone }: EntryPlace, entry: NewEntry, context: DecideContext): WrittenEntry {
  const { userId, username, at, status, inVoice, source } = entry
  const recordId = uuidV7(context.now, context.random(16))
  const row = { sessionId, userId, username, at, localTime: localTimeOf(at, timeZone), dateId, status, recordId, change: state.changes + 1 }
  const payload = {
    record_id: recordId,
    session_id: sessionId,
    user_id: userId,
    student_id: state.students[userId] ?? null,
    status,
    submitted_at: new Date(at).toISOString(),
    date_id: dateId,
    in_voice: inVoice,
    source,
  }
  return { recordId, row, record: { type: 'attendance', recordId, payload } }
}
