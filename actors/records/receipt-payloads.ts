/**
 * What each type of receipt says, and how its record is named. A new type adds one entry, and an old one never changes
 * its form: what was signed once must be read for ever.
 */
import { assert } from '../../kernel/assert.ts'
import type { PeriodPayload, RecordDraft, RecordType } from '../protocol/record.ts'
import { hasPeriodOrder } from './period-order.ts'
import {
  boolean, date, findFormProblem, hash, instant, instantMs, isObject, listOf, natural, nested, nullable, oneOf, snowflake,
  text, uuid,
} from './receipt-fields.ts'
import type { Form } from './receipt-fields.ts'
import type { JsonValue } from './canonical.ts'

interface PayloadForm {
  readonly form: Form
  /** Field of the payload that holds the record's id. */
  readonly recordIdField: string
  /** Field of what it is about and is searched by: the member, a period's index; or null. */
  readonly subjectField: string | null
  /** What must hold between fields; null when it does. */
  findContradiction(payload: { readonly [key: string]: JsonValue }): string | null
}

const seconds = natural(0)
const status = oneOf('present', 'late', 'excused', 'absent')
/** Longest text a person may give: a student id, a reason. */
const textLengthMax = 500

const payloadForms: Record<RecordType, PayloadForm> = {
  'voice-session': {
    form: {
      session_id: uuid,
      user_id: snowflake,
      channel_id: snowflake,
      period_id: uuid,
      joined_at: instant,
      left_at: instant,
      duration_seconds: seconds,
      paused_seconds: nested({
        self_mute: seconds,
        server_mute: seconds,
        self_deaf: seconds,
        server_deaf: seconds,
        alone: seconds,
        afk: seconds,
        too_few: seconds,
      }),
      unobserved_seconds: seconds,
      recovered: boolean,
      split: boolean,
      rules_version: natural(1),
    },
    recordIdField: 'session_id',
    subjectField: 'user_id',
    findContradiction: (payload) =>
      (instantMs(payload['left_at']) ?? 0) < (instantMs(payload['joined_at']) ?? 0)
        ? 'left_at is before joined_at'
        : null,
  },
  attendance: {
    form: {
      record_id: uuid,
      session_id: text(1, 100),
      user_id: snowflake,
      student_id: nullable(text(1, textLengthMax)),
      status,
      submitted_at: instant,
      date_id: date,
      in_voice: nullable(boolean),
      source: oneOf('code', 'staff', 'webhook'),
    },
    recordIdField: 'record_id',
    subjectField: 'user_id',
    findContradiction: () => null,
  },
  period: {
    form: {
      period_id: uuid,
      period_index: natural(1),
      started_at: instant,
      ended_at: instant,
      rules_version: natural(1),
      unsigned: nested({ sessions: natural(0), seconds }),
      entries: listOf(nested({ user_id: snowflake, duration_seconds: seconds, sessions: natural(0) })),
    },
    recordIdField: 'period_id',
    subjectField: 'period_index',
    findContradiction: findPeriodContradiction,
  },
  amendment: {
    form: {
      record_id: uuid,
      of_sequence: natural(1),
      of_hash: hash,
      change: oneOf('status', 'removed', 'erased'),
      from: nullable(status),
      to: nullable(status),
      by_user_id: nullable(snowflake),
      reason: nullable(text(0, textLengthMax)),
    },
    recordIdField: 'record_id',
    subjectField: null,
    findContradiction: (payload) => {
      if (payload['change'] === 'status') return payload['to'] === null ? 'a change of status says to which' : null
      return payload['to'] === null ? null : 'what is removed or erased has no status afterwards'
    },
  },
}

function findPeriodContradiction(payload: { readonly [key: string]: JsonValue }): string | null {
  if ((instantMs(payload['ended_at']) ?? 0) < (instantMs(payload['started_at']) ?? 0)) return 'ended_at is before started_at'
  const entries = payload['entries'] as unknown as PeriodPayload['entries']
  return hasPeriodOrder(entries) ? null : 'entries are not in order, or name a member twice'
}

export function isRecordType(text: JsonValue | undefined): text is RecordType {
  return typeof text === 'string' && Object.hasOwn(payloadForms, text)
}

/** What is wrong with a payload, or null. */
export function findPayloadProblem(type: RecordType, payload: JsonValue | undefined): string | null {
  if (!isObject(payload)) return 'payload is not an object'
  const { form, findContradiction } = payloadForms[type]
  return findFormProblem(form, payload) ?? findContradiction(payload)
}

/** The record's id and subject as the payload tells them. The payload has been checked. */
export function payloadNames(
  type: RecordType,
  payload: object,
): { readonly recordId: string; readonly subject: string | null } {
  const { recordIdField, subjectField } = payloadForms[type]
  const fields = new Map<string, unknown>(Object.entries(payload))
  return {
    recordId: String(fields.get(recordIdField)),
    subject: subjectField === null ? null : String(fields.get(subjectField)),
  }
}

/**
 * Both sides of the write are checked: what a reader would refuse is not signed. A draft that is not in form, or whose
 * id is not its payload's, is our bug.
 */
export function assertDraft(draft: RecordDraft): void {
  const problem = findPayloadProblem(draft.type, { ...draft.payload } as unknown as JsonValue)
  assert(problem === null, `sealing: the draft is not in form, ${problem ?? ''}`)
  assert(payloadNames(draft.type, draft.payload).recordId === draft.recordId, 'sealing: record id differs from its payload')
}
