/**
 * Rows of code attendance as they are read: by whoever shows, exports or counts them. Nothing here decides anything.
 */
import type { GuildId, Slot, UserId } from '../../kernel/ids.ts'
import type { AttendanceStatus } from './record.ts'

/** When the code of an open class changes: every `intervalMs`, counted from `rotatesFrom` (Unix ms, Discord's clock). */
export interface OpenRotation {
  readonly intervalMs: number
  readonly rotatesFrom: number
}

export interface OpenSessionsReader {
  /** Guilds of these slots with a class open. */
  guildsIn(slots: readonly Slot[]): Promise<readonly GuildId[]>
  /** Of all guilds. */
  rotations(): Promise<readonly OpenRotation[]>
}

export interface FoundStudent {
  readonly userId: UserId
  readonly username: string
  /** null: not registered. */
  readonly studentId: string | null
  readonly studentName: string | null
}

export interface StudentFinder {
  /** Whoever the text names exactly: by student id, else by Discord id, else by name whatever its case. Several: ambiguous. */
  find(guildId: GuildId, text: string): Promise<readonly FoundStudent[]>
  /** Those whose id or names contain the text, those that begin with it first. */
  suggest(guildId: GuildId, text: string, limit: number): Promise<readonly FoundStudent[]>
}

export interface ExportedEntry {
  readonly studentId: string | null
  readonly studentName: string | null
  readonly username: string
  readonly userId: string
  readonly localTime: string
  readonly dateId: string
  readonly sessionId: string
  readonly status: AttendanceStatus
  readonly recordId: string
}

export interface AttendanceExport {
  /** Entries of one session, or of all; pages of at most `pageRows`. Nothing of a class that is still open. */
  pages(options: { readonly guildId: GuildId; readonly sessionId: string | null }): AsyncIterable<readonly ExportedEntry[]>
  hasSession(guildId: GuildId, sessionId: string): Promise<boolean>
}

export interface ReportedStudent {
  readonly userId: string
  readonly username: string
  readonly studentId: string | null
  readonly studentName: string | null
  readonly present: number
  readonly late: number
  readonly excused: number
  readonly absent: number
}

/** Days as `YYYY-MM-DD`, both included. At most `limit` students, by name. */
export type AttendanceReport = (wanted: {
  readonly guildId: GuildId
  readonly from: string
  readonly to: string
  readonly limit: number
}) => Promise<{ readonly sessions: number; readonly students: readonly ReportedStudent[] }>
