/**
 * Records: the facts that become public receipts. A behaviour drafts them, the runtime seals them.
 *
 * A draft has neither sequence nor signature; both are given at sealing, never before. Payloads are what anyone may
 * read who knows the link: ids as strings, times RFC 3339 UTC with milliseconds.
 */
export interface PausedSeconds {
  readonly self_mute: number
  readonly server_mute: number
  readonly self_deaf: number
  readonly server_deaf: number
  readonly alone: number
  readonly afk: number
  readonly too_few: number
}

/** One finished stretch of one member in one tracked channel. */
export interface VoiceSessionPayload {
  readonly session_id: string
  readonly user_id: string
  readonly channel_id: string
  readonly period_id: string
  readonly joined_at: string
  readonly left_at: string
  readonly duration_seconds: number
  readonly paused_seconds: PausedSeconds
  readonly unobserved_seconds: number
  readonly recovered: boolean
  readonly split: boolean
  readonly rules_version: number
}

export type AttendanceStatus = 'present' | 'late' | 'excused' | 'absent'
export type AttendanceSource = 'code' | 'staff' | 'webhook'

/** One member's entry in one code session. */
export interface AttendancePayload {
  readonly record_id: string
  readonly session_id: string
  readonly user_id: string
  /** null: the member has not registered one. */
  readonly student_id: string | null
  readonly status: AttendanceStatus
  readonly submitted_at: string
  /** `YYYY-MM-DD` in the guild's time zone. */
  readonly date_id: string
  /** Whether the member was in the voice channel asked for; null: none was. */
  readonly in_voice: boolean | null
  readonly source: AttendanceSource
}

export interface PeriodEntry {
  readonly user_id: string
  readonly duration_seconds: number
  readonly sessions: number
}

/** A finished period: everybody's total, by time descending, user id ascending. */
export interface PeriodPayload {
  readonly period_id: string
  readonly period_index: number
  readonly started_at: string
  readonly ended_at: string
  readonly rules_version: number
  /** Sessions that were dropped while signing was locked. */
  readonly unsigned: { readonly sessions: number; readonly seconds: number }
  readonly entries: readonly PeriodEntry[]
}

/** What became of an earlier record. The record itself is never edited. */
export interface AmendmentPayload {
  /** The record that is amended. */
  readonly record_id: string
  /** Its receipt: place in the guild's chain, and hash. */
  readonly of_sequence: number
  readonly of_hash: string
  readonly change: 'status' | 'removed' | 'erased'
  /** The status before and after; null where there is none. */
  readonly from: AttendanceStatus | null
  readonly to: AttendanceStatus | null
  /** Who changed it; null: nobody in particular (a webhook). */
  readonly by_user_id: string | null
  readonly reason: string | null
}

interface Draft<Type extends string, Payload> {
  readonly type: Type
  /** UUID: what a link names. An amendment carries the id of the record that it amends. */
  readonly recordId: string
  readonly payload: Payload
}

export type RecordDraft =
  | Draft<'voice-session', VoiceSessionPayload>
  | Draft<'attendance', AttendancePayload>
  | Draft<'period', PeriodPayload>
  | Draft<'amendment', AmendmentPayload>

export type RecordType = RecordDraft['type']

/**
 * An amendment of a record that waits for its own signature: where its receipt will stand is not known yet, and is put in
 * when the amendment is sealed, which is after the record.
 */
export type LateAmendment = Draft<
  'amendment',
  Omit<AmendmentPayload, 'of_sequence' | 'of_hash'> & { readonly of_sequence: null; readonly of_hash: null }
>

/** What a behaviour hands over. */
export type FinishedRecord = RecordDraft | LateAmendment
