/**
 * A class with a code on the screen: what is kept of it while it is open.
 *
 * Two clocks meet here. Instants of submissions are Discord's, taken from interaction ids; so are `openedAt`,
 * `rotatesFrom` and `lateFrom`, or a code shown and a code accepted would differ by the distance of the clocks. What an
 * alarm waits for (`closesAt`) is the database's. All are Unix milliseconds.
 */
import type { ChannelId, UserId } from '../../kernel/ids.ts'
import type { CodeAlphabet, VoicePresence } from './attendance-settings.ts'
import type { AttendanceSource, AttendanceStatus } from './record.ts'

/** How codes of a session are made. The secret itself is not here: only its id is ever journaled. */
export interface CodeRule {
  readonly secretId: string
  /** Steps are counted from here: the opening, or as long after it as its plan said (step 0 holds before it as well). */
  readonly rotatesFrom: number
  readonly intervalMs: number
  readonly codeLength: number
  readonly alphabet: CodeAlphabet
  readonly grace: 0 | 1
}

/** What was said at opening, fixed for the whole session whatever is set meanwhile. */
export interface OpenedSession extends CodeRule {
  readonly sessionId: string
  readonly openedAt: number
  /** From here on an entry is late; null: never. */
  readonly lateFrom: number | null
  /** Database's clock; null: staff closes it. */
  readonly closesAt: number | null
  readonly voicePresence: VoicePresence
  readonly voiceChannelId: ChannelId | null
  readonly timeZone: string
  /** `YYYY-MM-DD` in that zone, of the opening: all entries of a session carry the same. */
  readonly dateId: string
  readonly adminChannelId: ChannelId
  readonly attendanceChannelId: ChannelId
  /** How far the database's clock was ahead of Discord's at opening, ms: for a process that has seen no interaction yet. */
  readonly clockOffsetMs: number
  /** What was set, where the cluster's budget of edits made the interval longer; null: it is as set. */
  readonly wantedIntervalMs: number | null
  readonly byUserId: UserId
}

export interface SessionEntry {
  /** The instant of the last submission. */
  at: number
  status: AttendanceStatus
  username: string
  inVoice: boolean | null
  source: AttendanceSource
}

export interface SessionMessage {
  readonly channelId: ChannelId
  /** null: not posted yet, or lost. */
  readonly messageId: string | null
  /** Why it cannot be posted; null: nothing is known to be wrong. */
  readonly failure: string | null
}

export const sessionMessageNames = ['admin', 'notice'] as const
/** admin: with the code, for staff. notice: without it, for members. */
export type SessionMessageName = (typeof sessionMessageNames)[number]
export type SessionMessages = Record<SessionMessageName, SessionMessage>

export interface OpenCodeSession extends OpenedSession {
  entries: Record<string, SessionEntry>
  entryCount: number
  /** Instants of wrong codes by member, newest last, at most as many as slow a member down. */
  wrongCodes: Record<string, number[]>
  messages: SessionMessages
  closing: SessionClosing | null
}

/** A class too large for one commit is written in steps; nobody reads it before the last. */
export interface SessionClosing {
  readonly closedAt: number
  readonly byUserId: UserId | null
  /** Discord's clock: what was typed by then belongs to the class, however late it comes to us. */
  readonly until: number
  /** Members not written yet, in order of time; behind them those who typed in time and were heard during the closing. */
  left: string[]
  step: number
  nextAt: number
}

/**
 * What is kept of a class for a little while after its end: a code that was typed in time and lay in somebody's hands
 * counts, so whoever decides it must still be able to tell right from wrong.
 */
export interface EndedCodeSession
  extends CodeRule,
    Pick<OpenedSession, 'sessionId' | 'openedAt' | 'lateFrom' | 'voicePresence' | 'voiceChannelId' | 'timeZone' | 'dateId'> {
  /** Discord's clock: what was typed later is not of this class. */
  readonly until: number
  /** Database's clock: from here on nothing of it is accepted, and its secret is forgotten. */
  readonly forgetAt: number
}

/** The session that closed last: its messages are still to be turned red. */
export interface LastCodeSession {
  readonly sessionId: string
  readonly openedAt: number
  readonly closedAt: number
  readonly dateId: string
  readonly timeZone: string
  entryCount: number
  lateCount: number
  readonly messages: SessionMessages
}
