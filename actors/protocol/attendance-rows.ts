/**
 * Rows that code attendance writes in the commit of its events: students, sessions, entries.
 *
 * A guild's state keeps what is open; what is done with goes here, or ten thousand students and years of sessions would
 * be loaded with every activation. `change` numbers the changes of a guild's entries: who reads rows for a later command
 * tells with it how much they had seen.
 */
import type { UserId } from '../../kernel/ids.ts'
import type { AttendanceStatus } from './record.ts'

export interface StudentRow {
  readonly userId: UserId
  readonly studentId: string
  readonly studentName: string | null
  readonly username: string
  /** Unix ms; of the first registration. */
  readonly registeredAt: number
}

export interface AttendanceSessionRow {
  readonly sessionId: string
  /** code: opened by staff. manual: made by a record that belongs to no class. */
  readonly kind: 'code' | 'manual'
  readonly openedAt: number
  /** null: open, and none of its entries is read by anybody. */
  readonly closedAt: number | null
  readonly dateId: string
  readonly change: number
  /** Of its code message, for the cluster's budget of edits; 0: has none. */
  readonly intervalMs: number
  readonly rotatesFrom: number
}

/** A removed entry stays as a row, so that the next one of its member is known to follow it. */
export type StoredStatus = AttendanceStatus | 'removed'

export interface AttendanceEntryRow {
  readonly sessionId: string
  readonly userId: UserId
  readonly username: string
  readonly at: number
  /** `YYYY-MM-DD HH:MM:SS` in the guild's time zone, as it was then. */
  readonly localTime: string
  readonly dateId: string
  readonly status: StoredStatus
  readonly recordId: string
  readonly change: number
}

export interface AttendanceRows {
  readonly students: readonly StudentRow[]
  readonly sessions: readonly AttendanceSessionRow[]
  readonly entries: readonly AttendanceEntryRow[]
}
