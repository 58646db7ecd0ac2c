/**
 * What each type of receipt says, and how its record is named. A new type adds one entry, and an old one never changes
 * its form: what was signed once must be read for ever.
 */
import { assert } from '../../kernel/assert.ts'
import type { RecordDraft, RecordType } from '../protocol/record.ts'
import { boolean, findFormProblem, instant, instantMs, isObject, natural, nested, snowflake, uuid } from './receipt-fields.ts'
import type { Form } from './receipt-fields.ts'
import type { JsonValue } from './canonical.ts'

interface PayloadForm {
  readonly form: Form
  /** Field of the payload that holds the record's id. */
  readonly recordIdField: string
  /** Field of the member it is about, or null. */
  readonly subjectField: string | null
  /** What must hold between fields; null when it does. */
  findContradiction(payload: { readonly [key: string]: JsonValue }): string | null
}

const seconds = natural(0)

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
