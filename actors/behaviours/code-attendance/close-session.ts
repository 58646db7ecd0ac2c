/**
 * A class ends: its entries become records, each with a receipt, and both messages turn red.
 *
 *   open ──close, ≤ 400 entries──▶ closed
 *     └────close, more──▶ closing ──its alarm, 400 a step──▶ closed
 *
 * Up to 400 entries are written in the commit of the closing itself. A commit holds 500 events and a turn holds the event
 * loop of its process, so a larger class is written in steps, by alarms: whoever owns the guild goes on. Rows of a session
 * are read by nobody before its own row says that it is closed, which is written in the last step: whatever crashes, a
 * class is either not there or there whole.
 */
import type { UserId } from '../../../kernel/ids.ts'
import type { AttendanceEvent, AttendanceReply } from '../../protocol/attendance.ts'
import type { AttendanceEntryRow } from '../../protocol/attendance-rows.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { LastCodeSession, OpenCodeSession, SessionMessageName } from '../../protocol/code-session.ts'
import { sessionMessageNames } from '../../protocol/code-session.ts'
import type { Effect } from '../../protocol/effect.ts'
import type { RecordDraft } from '../../protocol/record.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { newEntry } from './new-entry.ts'
import { messageTarget } from './open-session.ts'
import { underWayMs } from './under-way.ts'

/** Each entry is one event, its receipt; the rest of 500 is for what else a turn has to say. */
export const entriesPerStep = 400
/** Between two steps: others of this process get their turn. */
const stepPauseMs = 20

/**
 * How long an answer may be waited for: what was heard in time is decided by then, whatever failed meanwhile. So long after
 * the last instant at which something typed in the class may be heard, it is forgotten.
 */
const decidedWithinMs = 60_000

/** Staff asked, or the alarm of the automatic closing (nobody in particular); `until`: Discord's clock. */
export function closeSession(
  state: State,
  { byUserId, until }: { readonly byUserId: UserId | null; readonly until: number },
  context: DecideContext,
): AttendanceDecision {
  const { open } = state
  if (open === null) return refuse('none-open')
  if (open.closing !== null) return refuse('still-closing')
  const order = entriesByTime(open)
  const lateCount = countLate(open)
  const { sessionId, entryCount } = open
  const closedAt = context.now
  const reply = { kind: 'code-session-closed', sessionId, entryCount, lateCount } as const
  if (entryCount <= entriesPerStep) return finish(state, { open, order, closedAt, byUserId, until, reply }, context)
  const nextAt = context.now + stepPauseMs
  const first: AttendanceEvent = { kind: 'code-session-closing', sessionId, closedAt, byUserId, until, lateCount, written: entriesPerStep, nextAt }
  return { ...write(state, open, order.slice(0, entriesPerStep), context), events: [first], reply }
}

/** The next step of a closing. */
export function goOnClosing(state: State, context: DecideContext): AttendanceDecision {
  const { open } = state
  const closing = open?.closing ?? null
  // Set by an alarm that was already due when somebody closed by hand: done.
  if (open === null) return answer({ kind: 'noted' })
  if (closing === null) return closeSession(state, { byUserId: null, until: context.now - open.clockOffsetMs }, context)
  const order = closing.left
  if (order.length > entriesPerStep) {
    const event: AttendanceEvent = { kind: 'code-entries-written', written: entriesPerStep, nextAt: context.now + stepPauseMs }
    return { ...write(state, open, order.slice(0, entriesPerStep), context), events: [event], reply: { kind: 'noted' } }
  }
  const { closedAt, byUserId, until } = closing
  return finish(state, { open, order, closedAt, byUserId, until, reply: { kind: 'noted' } }, context)
}

interface Finishing {
  readonly open: Readonly<OpenCodeSession>
  readonly order: readonly string[]
  readonly closedAt: number
  readonly byUserId: UserId | null
  readonly until: number
  readonly reply: AttendanceReply
}

function finish(state: State, { open, order, closedAt, byUserId, until, reply }: Finishing, context: DecideContext): AttendanceDecision {
  const { sessionId, openedAt, dateId, timeZone, intervalMs, rotatesFrom, entryCount } = open
  const lateCount = countLate(open)
  const forgetAt = context.now + underWayMs(open) + decidedWithinMs
  const written = write(state, open, order, context)
  const change = state.changes + 1
  const last: LastCodeSession = { sessionId, openedAt, closedAt, dateId, timeZone, entryCount, lateCount, messages: open.messages }
  return {
    events: [{ kind: 'code-session-closed', sessionId, closedAt, byUserId, until, forgetAt, entryCount, lateCount }],
    records: written.records,
    rows: { ...written.rows, sessions: [{ sessionId, kind: 'code', openedAt, closedAt, dateId, change, intervalMs, rotatesFrom }] },
    // Its own is still needed; that of the class before it is not any more.
    secretsForgotten: state.ended === null ? [] : [state.ended.secretId],
    effects: showTotals(last),
    reply,
  }
}

const countLate = ({ entries }: Readonly<OpenCodeSession>): number => Object.values(entries).filter(({ status }) => status === 'late').length

/** Both messages red, with these numbers. */
export const showTotals = (last: LastCodeSession): Effect[] => sessionMessageNames.map((message) => showClosed(last, message))

function showClosed({ messages, ...last }: LastCodeSession, message: SessionMessageName): Effect {
  const { channelId, messageId } = messages[message]
  return { delivery: 'outbox', kind: 'show-closed', target: messageTarget(message), payload: { ...last, message, channelId, messageId } }
}

function write(
  state: State,
  open: Readonly<OpenCodeSession>,
  users: readonly string[],
  context: DecideContext,
): { readonly records: RecordDraft[]; readonly rows: { readonly students: []; readonly sessions: []; readonly entries: AttendanceEntryRow[] } } {
  const records: RecordDraft[] = []
  const entries: AttendanceEntryRow[] = []
  for (const user of users) {
    const entry = open.entries[user]
    if (entry === undefined) continue
    const { record, row } = newEntry(state, open, { ...entry, userId: user as UserId }, context)
    records.push(record)
    entries.push(row)
  }
  return { records, rows: { students: [], sessions: [], entries } }
}

export function entriesByTime({ entries }: Pick<OpenCodeSession, 'entries'>): string[] {
  return Object.entries(entries)
    .sort(([a, x], [b, y]) => x.at - y.at || a.length - b.length || (a < b ? -1 : 1))
    .map(([user]) => user)
}
