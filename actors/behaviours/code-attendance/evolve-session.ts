/**
 * How the open session changes.
 */
import { assert } from '../../../kernel/assert.ts'
import type { AttendanceEvent, CodeAttendanceState } from '../../protocol/attendance.ts'
import type { OpenCodeSession, SessionMessages } from '../../protocol/code-session.ts'
import { entriesByTime } from './close-session.ts'
import { noteManyChanges } from './facts.ts'
import { wrongCodesMax } from './submit-code.ts'

type Event<Kind extends AttendanceEvent['kind']> = Extract<AttendanceEvent, { kind: Kind }>

export function openedSession(state: CodeAttendanceState, { kind: _kind, ...session }: Event<'code-session-opened'>): void {
  assert(state.open === null, 'one session is open at a time')
  const message = (channelId: OpenCodeSession['adminChannelId']) => ({ channelId, messageId: null, failure: null })
  const messages: SessionMessages = { admin: message(session.adminChannelId), notice: message(session.attendanceChannelId) }
  state.open = { ...session, entries: {}, entryCount: 0, wrongCodes: {}, messages, closing: null }
  state.lastSessionSecond = Number(session.sessionId)
}

export function submittedCode(state: CodeAttendanceState, { userId, username, at, status, inVoice }: Event<'code-submitted'>): void {
  const open = openOf(state)
  if (open.entries[userId] === undefined) {
    open.entryCount += 1
    open.closing?.left.push(userId)
  }
  open.entries[userId] = { at, status, username, inVoice, source: 'code' }
}

export function notedWrongCode(state: CodeAttendanceState, { userId, at }: Event<'wrong-code-noted'>): void {
  const open = openOf(state)
  open.wrongCodes[userId] = [...(open.wrongCodes[userId] ?? []), at].slice(-wrongCodesMax)
}

export function setOpenEntry(state: CodeAttendanceState, { userId, username, at, status, source }: Event<'open-entry-set'>): void {
  const open = openOf(state)
  const isThere = open.entries[userId] !== undefined
  if (status === null) {
    assert(isThere, 'what is taken out of a session was in it')
    delete open.entries[userId]
    open.entryCount -= 1
    return
  }
  open.entryCount += isThere ? 0 : 1
  open.entries[userId] = { at, status, username, inVoice: open.entries[userId]?.inVoice ?? null, source }
}

export function notedMessage(state: CodeAttendanceState, { sessionId, message, messageId, failure }: Event<'session-message-noted'>): void {
  const session = state.open?.sessionId === sessionId ? state.open : state.last
  if (session?.sessionId !== sessionId) return
  session.messages[message] = { ...session.messages[message], messageId, failure }
}

export function beganClosing(state: CodeAttendanceState, event: Event<'code-session-closing'>): void {
  const open = openOf(state)
  const { closedAt, byUserId, until, written, nextAt } = event
  open.closing = { closedAt, byUserId, until, left: entriesByTime(open).slice(written), step: 0, nextAt }
  noteManyChanges(state)
}

export function wroteEntries(state: CodeAttendanceState, { written, nextAt }: Event<'code-entries-written'>): void {
  const open = openOf(state)
  assert(open.closing !== null, 'entries are written by a closing')
  open.closing.step += 1
  open.closing.nextAt = nextAt
  open.closing.left.splice(0, written)
  noteManyChanges(state)
}

export function closedSession(state: CodeAttendanceState, event: Event<'code-session-closed'>): void {
  const { openedAt, dateId, timeZone, messages, ...open } = openOf(state)
  const { sessionId, closedAt, entryCount, lateCount, until, forgetAt } = event
  state.last = { sessionId, openedAt, closedAt, dateId, timeZone, entryCount, lateCount, messages }
  state.open = null
  const { secretId, rotatesFrom, intervalMs, codeLength, alphabet, grace, lateFrom, voicePresence, voiceChannelId } = open
  const rule = { secretId, rotatesFrom, intervalMs, codeLength, alphabet, grace }
  state.ended =
    until === undefined || forgetAt === undefined
      ? null
      : { ...rule, sessionId, openedAt, lateFrom, voicePresence, voiceChannelId, timeZone, dateId, until, forgetAt }
  noteManyChanges(state)
}

/** A code that was typed in time and heard after the end: the totals on the red messages have one more. */
export function countLateComer({ last }: CodeAttendanceState, { sessionId, source, status }: Event<'attendance-recorded'>): void {
  if (source !== 'code' || last?.sessionId !== sessionId) return
  last.entryCount += 1
  if (status === 'late') last.lateCount += 1
}

function openOf({ open }: CodeAttendanceState): OpenCodeSession {
  assert(open !== null, 'an event of the open session needs one')
  return open
}
