/**
 * Code attendance: what can be asked, what can happen, what is kept. Times are Unix milliseconds.
 *
 * One entry is one member in one session, a session named by text. While a session is open its entries are in the state;
 * once closed they are rows, and whoever changes one brings what the rows say (`facts`). Each change is an amendment of
 * the entry's first receipt, which is never edited.
 */
import type { ChannelId, UserId } from '../../kernel/ids.ts'
import type { AttendanceAsker, AttendanceSettings, EffectiveSettings } from './attendance-settings.ts'
import type { AttendanceFacts, AttendanceQuestion } from './attendance-facts.ts'
import type { EndedCodeSession, LastCodeSession, OpenCodeSession, OpenedSession, SessionMessageName } from './code-session.ts'
import type { AttendanceSource, AttendanceStatus } from './record.ts'

/** Who it is about: an account, or what the member registered as student id. */
export type AttendanceMember = { readonly userId: UserId } | { readonly studentId: string }

interface Asked<Kind extends string> {
  readonly feature: 'code-attendance'
  readonly kind: Kind
}

interface AskedByStaff<Kind extends string> extends Asked<Kind> {
  readonly asker: AttendanceAsker
  readonly byUserId: UserId
}

export interface RegisterStudent extends Asked<'register-student'> {
  readonly userId: UserId
  readonly username: string
  readonly studentId: string
  readonly studentName: string | null
}

export interface SubmitCode extends Asked<'submit-code'> {
  readonly asker: AttendanceAsker
  readonly userId: UserId
  readonly username: string
  /** As typed. */
  readonly code: string
  /** In the interaction's id: Discord's clock. */
  readonly submittedAt: number
  /** When our process heard of it, by Discord's clock: older than this rule allows is late, however long it lay since. */
  readonly heardAt: number
  /** Where the member was in voice at that moment; null: nowhere, or unknown. */
  readonly voiceChannelId: ChannelId | null
  /** null: not looked up yet; they are asked for where a class that ended meanwhile is meant. */
  readonly facts: AttendanceFacts | null
}

export interface CloseSession extends AskedByStaff<'close-session'> {
  /** In the interaction's id, Discord's clock: what members typed by then belongs to the class. */
  readonly typedAt: number
}

export interface OpenSession extends AskedByStaff<'open-session'> {
  /** In the interaction's id: Discord's clock. */
  readonly openedAt: number
  readonly clockOffsetMs: number
  /** For this session only; undefined: as set; null: off. */
  readonly lateAfterMinutes?: number | null
  readonly autoCloseMinutes?: number | null
  /** What the cluster's budget of edits leaves to this session. */
  readonly intervalMsMin: number
  /** By how much the first code stands longer than the interval: 0, unless too many others change in that instant. */
  readonly firstStepDelayMs: number
}

export interface RecordAttendance extends Asked<'record-attendance'> {
  readonly member: AttendanceMember
  /** null: none was named. */
  readonly sessionId: string | null
  /** `YYYY-MM-DD`; null: the day of `at`. */
  readonly dateId: string | null
  readonly status: AttendanceStatus
  /** When it was submitted, as the source says. */
  readonly at: number
  readonly source: AttendanceSource
  /** null: nobody in particular (a webhook). */
  readonly byUserId: UserId | null
  readonly reason: string | null
  /** SHA-256 of the secret that came with a webhook, lower-case hex; null from any other source. */
  readonly secretHash: string | null
  /** Staff only. */
  readonly asker: AttendanceAsker | null
  /** null: not looked up yet; they are asked for where they are needed. */
  readonly facts: AttendanceFacts | null
}

export interface RemoveAttendance extends AskedByStaff<'remove-attendance'> {
  readonly userId: UserId
  /** One of both is given; the session wins. */
  readonly sessionId: string | null
  readonly dateId: string | null
  readonly facts: AttendanceFacts | null
}

export type AttendanceCommand =
  | RegisterStudent
  | SubmitCode
  | OpenSession
  | CloseSession
  | Asked<'go-on-closing'>
  /** Nothing that was typed in the class that ended last can come any more. */
  | Asked<'forget-class'>
  | (AskedByStaff<'set-attendance'> & { readonly changes: Partial<AttendanceSettings> })
  /** What is set, what is open. With an asker of whom it says whether they may do staff's things here. */
  | (Asked<'read-attendance'> & { readonly asker: AttendanceAsker | null })
  | RecordAttendance
  | RemoveAttendance
  | (Asked<'set-webhook-secret'> & {
      /** SHA-256 of the new secret, lower-case hex; null: no webhook is taken any more. */
      readonly secretHash: string | null
      readonly byUserId: UserId
    })
  /** What became of a post; `messageId` null with the reason. */
  | (Asked<'note-message'> & {
      readonly sessionId: string
      readonly message: SessionMessageName
      readonly messageId: string | null
      readonly failure: string | null
    })
  /** Discord says that the message is gone. */
  | (Asked<'lose-message'> & { readonly sessionId: string; readonly message: SessionMessageName; readonly messageId: string })

export type AttendanceEvent =
  | {
      readonly kind: 'student-registered'
      readonly userId: UserId
      readonly studentId: string
      /** What this account had registered before; null: nothing. */
      readonly previous: string | null
    }
  | { readonly kind: 'attendance-settings-set'; readonly changes: Partial<AttendanceSettings>; readonly byUserId: UserId }
  | ({ readonly kind: 'code-session-opened' } & OpenedSession)
  | {
      readonly kind: 'code-submitted'
      readonly userId: UserId
      readonly username: string
      readonly at: number
      readonly status: AttendanceStatus
      readonly inVoice: boolean | null
    }
  | { readonly kind: 'wrong-code-noted'; readonly userId: UserId; readonly at: number }
  /** Staff changed an entry of the open session; status null: took it out. */
  | {
      readonly kind: 'open-entry-set'
      readonly userId: UserId
      readonly username: string
      readonly at: number
      readonly status: AttendanceStatus | null
      readonly source: AttendanceSource
      readonly byUserId: UserId | null
    }
  | {
      readonly kind: 'session-message-noted'
      readonly sessionId: string
      readonly message: SessionMessageName
      readonly messageId: string | null
      readonly failure: string | null
    }
  /** The first step of a closing that takes several. */
  | {
      readonly kind: 'code-session-closing'
      readonly sessionId: string
      readonly closedAt: number
      readonly byUserId: UserId | null
      readonly until: number
      readonly lateCount: number
      readonly written: number
      readonly nextAt: number
    }
  | { readonly kind: 'code-entries-written'; readonly written: number; readonly nextAt: number }
  | {
      readonly kind: 'code-session-closed'
      readonly sessionId: string
      readonly closedAt: number
      readonly byUserId: UserId | null
      /** Discord's clock; journals of before it was kept have neither this nor `forgetAt`: nothing came in later. */
      readonly until?: number
      readonly forgetAt?: number
      readonly entryCount: number
      readonly lateCount: number
    }
  | { readonly kind: 'ended-class-forgotten'; readonly sessionId: string }
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
  | {
      readonly kind: 'attendance-removed'
      readonly recordId: string
      readonly userId: UserId
      readonly sessionId: string
      readonly from: AttendanceStatus
      readonly byUserId: UserId
    }
  /** The same was said again. Journaled, so that its answer is kept like any other (I4). */
  | { readonly kind: 'attendance-confirmed'; readonly recordId: string; readonly source: AttendanceSource }
  | { readonly kind: 'webhook-secret-set'; readonly secretHash: string | null; readonly byUserId: UserId }

export const attendanceRefusals = [
  'not-staff',
  'not-set-up',
  'wrong-channel', // `channelId` names the right one
  'already-open',
  'still-closing', // a large class is being written
  'none-open',
  'wrong-code',
  'too-late', // it was under way for too long
  'slow-down', // too many wrong codes; `seconds` until the next is looked at
  'not-in-voice', // `channelId` is where
  'code-unavailable', // the session's secret cannot be read here
  'needs-voice-channel',
  'unknown-time-zone',
  'student-taken',
  'too-many-students',
  'wrong-secret', // also when the guild has none
  'unknown-student',
  'unknown-session',
  'bad-date',
  'no-record',
  'too-many-entries',
] as const
export type AttendanceRefusal = (typeof attendanceRefusals)[number]

/** What an answer tells of a session. */
export type SessionView = Omit<OpenCodeSession, 'entries' | 'wrongCodes' | 'closing'> & { readonly isClosing: boolean }

export type AttendanceReply =
  | { readonly kind: 'student-registered'; readonly studentId: string; readonly isFirst: boolean }
  | { readonly kind: 'code-session-opened'; readonly session: OpenedSession }
  | {
      readonly kind: 'code-recorded'
      readonly status: AttendanceStatus
      /** There was an entry already; the last submission wins. */
      readonly isRepeated: boolean
      readonly inVoice: boolean | null
    }
  | { readonly kind: 'code-session-closed'; readonly sessionId: string; readonly entryCount: number; readonly lateCount: number }
  | { readonly kind: 'attendance-settings-set'; readonly changed: boolean }
  | {
      readonly kind: 'attendance'
      readonly settings: EffectiveSettings
      readonly set: AttendanceSettings
      readonly open: SessionView | null
      readonly last: LastCodeSession | null
      readonly students: number
      /** Whether who asks may do staff's things here; null: they may, or nobody in particular asked. */
      readonly refusal: Extract<AttendanceReply, { kind: 'attendance-refused' }> | null
    }
  | {
      readonly kind: 'attendance-recorded'
      readonly recordId: string
      readonly userId: UserId
      readonly sessionId: string
      readonly status: AttendanceStatus
      readonly previous: AttendanceStatus | null
    }
  | { readonly kind: 'attendance-removed'; readonly userId: UserId; readonly sessions: readonly string[]; readonly from: AttendanceStatus }
  /** Rows must be read first: the same command is asked again with them. Nothing was decided. */
  | { readonly kind: 'facts-needed'; readonly question: AttendanceQuestion }
  | { readonly kind: 'attendance-refused'; readonly reason: AttendanceRefusal; readonly channelId?: ChannelId; readonly seconds?: number }
  | { readonly kind: 'webhook-secret-set'; readonly isSet: boolean }
  | { readonly kind: 'noted' }

export interface CodeAttendanceState {
  webhookSecretHash: string | null
  settings: AttendanceSettings
  /** Student ids by user id. */
  students: Record<string, string>
  /** User ids by student id in lower case: two ids that differ in case are one person's typing. */
  studentIds: Record<string, string>
  studentCount: number
  /** Session ids are seconds; the next one lies above. */
  lastSessionSecond: number
  open: OpenCodeSession | null
  last: LastCodeSession | null
  /** The same one, as long as submissions to it may still be on their way. */
  ended: EndedCodeSession | null
  /** Changes of entries so far, and the newest of them by entry; rows read before `freshFrom` prove nothing. */
  changes: number
  freshFrom: number
  touched: Record<string, number>
  /** Of the newest receipt: rows that were read before it may not know that a record has one by now. */
  chainSequence: number
}
