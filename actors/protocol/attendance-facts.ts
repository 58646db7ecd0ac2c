/**
 * What rows say about entries that are not in the state any more, brought along by whoever wants to change them.
 */
import type { UserId } from '../../kernel/ids.ts'
import type { StoredStatus } from './attendance-rows.ts'

export interface AttendanceQuestion {
  readonly userId: UserId
  /** null: the newest class of that day, or the day's manual session; with scope `day` every session of it. */
  readonly sessionId: string | null
  readonly dateId: string
  readonly scope: 'session' | 'day'
}

export interface KnownEntry {
  readonly sessionId: string
  readonly recordId: string
  readonly status: StoredStatus
  readonly dateId: string
  readonly at: number
  readonly localTime: string
  /** Of its receipt; null: it waits for its signature. */
  readonly receipt: { readonly sequence: number; readonly hash: string } | null
}

export interface AttendanceFacts {
  readonly question: AttendanceQuestion
  /** The newest change that these rows show. */
  readonly asOf: number
  /** The newest receipt that these rows show; 0 without receipts. */
  readonly chainSequence: number
  /** The session that the question means. */
  readonly sessionId: string
  readonly isSessionKnown: boolean
  /** As the member was called when they were last seen; null: never. */
  readonly username: string | null
  readonly entries: readonly KnownEntry[]
}

/** Reads them; each call sees what was durable before it began. */
export type ReadAttendanceFacts = (guildId: string, question: AttendanceQuestion) => Promise<AttendanceFacts>
