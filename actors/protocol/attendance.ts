/**
 * Code attendance: what can be asked, what can happen, what is kept. Times are Unix milliseconds, database's clock.
 *
 * One entry is one member in one session, a session named by text. Its status may be set again and again; each change is
 * an amendment of the entry's first receipt, which is never edited.
 */
import type { UserId } from '../../kernel/ids.ts'
import type { AttendanceSource, AttendanceStatus } from './record.ts'

/** Who it is about: an account, or what the member registered as student id. */
export type AttendanceMember = { readonly userId: UserId } | { readonly studentId: string }

export type AttendanceCommand =
  | {
      readonly feature: 'code-attendance'
      readonly kind: 'record-attendance'
      readonly member: AttendanceMember
      /** null: none was named. */
      readonly sessionId: string | null
      readonly status: AttendanceStatus
      /** When it was submitted, as the source says. */
      readonly at: number
      readonly source: AttendanceSource
      /** null: nobody in particular (a webhook). */
      readonly byUserId: UserId | null
      readonly reason: string | null
      /** SHA-256 of the secret that came with a webhook, lower-case hex; null from any other source. */
      readonly secretHash: string | null
    }
  | {
      readonly feature: 'code-attendance'
      readonly kind: 'set-webhook-secret'
      /** SHA-256 of the new secret, lower-case hex; null: no webhook is taken any more. */
      readonly secretHash: string | null
      readonly byUserId: UserId
    }

export type AttendanceEvent =
  | {
      readonly kind: 'attendance-recorded'
      readonly recordId: string
      readonly userId: UserId
      readonly sessionId: string
      readonly status: AttendanceStatus
      readonly source: AttendanceSource
      readonly byUserId: UserId | null
    }
  | {
      readonly kind: 'attendance-amended'
      readonly recordId: string
      readonly userId: UserId
      readonly sessionId: string
      readonly from: AttendanceStatus
      readonly to: AttendanceStatus
      readonly source: AttendanceSource
      readonly byUserId: UserId | null
    }
  /** The same was said again. Journaled, so that its answer is kept like any other (I4). */
  | { readonly kind: 'attendance-confirmed'; readonly recordId: string; readonly source: AttendanceSource }
  | { readonly kind: 'webhook-secret-set'; readonly secretHash: string | null; readonly byUserId: UserId }

export type AttendanceRefusal =
  | 'wrong-secret' // also when the guild has none
  | 'unknown-student'
  | 'too-many-entries'

export type AttendanceReply =
  | {
      readonly kind: 'attendance-recorded'
      readonly recordId: string
      readonly userId: UserId
      readonly sessionId: string
      readonly status: AttendanceStatus
      readonly previous: AttendanceStatus | null
    }
  | { readonly kind: 'attendance-refused'; readonly reason: AttendanceRefusal }
  | { readonly kind: 'webhook-secret-set'; readonly isSet: boolean }

/** An entry as it stands. */
export interface AttendanceEntry {
  readonly recordId: string
  status: AttendanceStatus
  /** Its receipt's place and hash; null while it waits for its signature. */
  receipt: { readonly sequence: number; readonly hash: string } | null
}

export interface CodeAttendanceState {
  webhookSecretHash: string | null
  /** By session and user id: `{session} {user}`. */
  entries: Record<string, AttendanceEntry>
  /** Their number, kept because counting a hundred thousand takes milliseconds. */
  entryCount: number
  /** Entries without a receipt yet: key in `entries` by record id. */
  unsealed: Record<string, string>
}
