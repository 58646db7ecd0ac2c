/**
 * I10 at the end of a run: the journal, the receipts and the running board are one book.
 *
 * Every closed session has one receipt in its period, with the same seconds; a period's entries are the sums of its
 * sessions; the running totals those of what closed since; every session's accounts fill its time. Periods are numbered
 * without holes, and each begins where the one before ended unless nothing was tracked in between.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { PeriodPayload, VoiceSessionPayload } from '../../actors/protocol/record.ts'
import type { VoiceAttendanceEvent, VoiceSessionClosed } from '../../actors/protocol/voice-attendance.ts'
import type { OpenSession, VoiceAttendanceState } from '../../actors/protocol/voice-attendance-state.ts'
import type { GuildState } from '../../actors/runtime/guild-state.ts'
import { parseJournalText } from '../../actors/runtime/journal-entry.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import type { Verdict } from './verdict.ts'

interface Books {
  readonly database: MemoryDatabase
  readonly verdict: Verdict
}

type Sums = Map<string, { seconds: number; sessions: number }>

export function judgeVoiceBooks({ database, verdict }: Books, guildId: GuildId, state: GuildState): void {
  const fail = (what: string): void => verdict.fail('I10', `guild ${guildId}: ${what}`)
  const { sessions, periods } = readReceipts(database, guildId)
  const closed = new Set<string>()
  let running: Sums = new Map()
  for (const event of voiceEvents(database, guildId)) {
    if (event.kind === 'voice-session-closed') {
      verdict.count('voice session closed')
      if (event.nextSessionId !== undefined) verdict.count('voice session split')
      checkAccounts(event, fail)
      closed.add(event.sessionId)
      add(running, event.userId, event.durationSeconds)
      if (sessions.get(event.sessionId)?.duration_seconds !== event.durationSeconds) fail(`session ${event.sessionId} has another receipt, or none`)
    }
    if (event.kind === 'voice-period-closed') {
      verdict.count(event.byUserId === null ? 'voice period closed at its boundary' : 'voice period closed early')
      const period = periods.get(event.periodId)
      if (period === undefined) fail(`period ${event.index} has no receipt`)
      else if (textOf(sumsOfEntries(period)) !== textOf(running)) fail(`period ${event.index} says ${textOf(sumsOfEntries(period))}, its sessions ${textOf(running)}`)
      else if (textOf(sumsOfSessions(sessions, event.periodId)) !== textOf(running)) fail(`the receipts of period ${event.index} are not its sessions`)
      running = new Map()
    }
  }
  for (const id of sessions.keys()) if (!closed.has(id)) fail(`receipt ${id} has no session in the journal`)
  checkPeriods([...periods.values()], fail)
  const voice = state.features['voice-attendance']?.state as VoiceAttendanceState | undefined
  for (const session of Object.values(voice?.open ?? {})) checkOpen(session, fail)
  const totals: Sums = new Map(Object.entries(voice?.totals ?? {}).map(([user, { durationSeconds: seconds, sessions: count }]) => [user, { seconds, sessions: count }]))
  if (textOf(totals) !== textOf(running)) fail(`the board says ${textOf(totals)}, the sessions since the last boundary ${textOf(running)}`)
}

function* voiceEvents(database: MemoryDatabase, guildId: GuildId): Iterable<VoiceAttendanceEvent> {
  for (const row of database.journal.get(guildId)?.values() ?? []) {
    const entry = parseJournalText(row.payload)
    if (entry.feature === 'voice-attendance') yield entry.event as VoiceAttendanceEvent
  }
}

function readReceipts(database: MemoryDatabase, guildId: GuildId) {
  const sessions = new Map<string, VoiceSessionPayload>()
  const periods = new Map<string, PeriodPayload>()
  for (const receipt of database.receipts.values()) {
    if (receipt.guildId !== guildId) continue
    const { draft } = JSON.parse(new TextDecoder().decode(receipt.signed)) as { draft: { payload: VoiceSessionPayload | PeriodPayload } }
    if (receipt.type === 'voice-session') sessions.set(receipt.recordId, draft.payload as VoiceSessionPayload)
    if (receipt.type === 'period') periods.set(receipt.recordId, draft.payload as PeriodPayload)
  }
  return { sessions, periods }
}

function checkAccounts(event: VoiceSessionClosed, fail: (what: string) => void): void {
  const accounts = [event.durationSeconds, event.unobservedSeconds, ...Object.values(event.pausedSeconds)]
  const sum = accounts.reduce((total, seconds) => total + seconds, 0)
  const wall = (event.leftAt - event.joinedAt) / 1000
  if (sum > wall || sum <= wall - accounts.length) fail(`session ${event.sessionId}: ${sum} of ${wall} s`)
}

/** To the millisecond: what is open was floored by nobody yet. */
function checkOpen({ sessionId, joinedAt, accountedUntil, countedMs, unobservedMs, pausedMs }: OpenSession, fail: (what: string) => void): void {
  const paused = Object.values(pausedMs).reduce((sum: number, ms) => sum + (ms ?? 0), 0)
  if (countedMs + unobservedMs + paused !== accountedUntil - joinedAt) fail(`open session ${sessionId}: ${countedMs + unobservedMs + paused} of ${accountedUntil - joinedAt} ms`)
}

function checkPeriods(periods: readonly PeriodPayload[], fail: (what: string) => void): void {
  const inOrder = periods.toSorted((a, b) => a.period_index - b.period_index)
  for (const [place, { period_index: index, started_at: from, ended_at: to }] of inOrder.entries()) {
    const before = inOrder[place - 1]
    if (index !== place + 1) fail(`period ${place + 1} is missing`)
    if (Date.parse(to) < Date.parse(from)) fail(`period ${index} ends before it begins`)
    if (before !== undefined && Date.parse(from) < Date.parse(before.ended_at)) fail(`period ${index} begins before period ${before.period_index} ended`)
  }
}

function add(sums: Sums, user: string, seconds: number): void {
  const sum = sums.get(user) ?? { seconds: 0, sessions: 0 }
  sums.set(user, { seconds: sum.seconds + seconds, sessions: sum.sessions + 1 })
}

const sumsOfEntries = ({ entries }: PeriodPayload): Sums =>
  new Map(entries.map(({ user_id: user, duration_seconds: seconds, sessions }) => [user, { seconds, sessions }]))

function sumsOfSessions(sessions: ReadonlyMap<string, VoiceSessionPayload>, periodId: string): Sums {
  const sums: Sums = new Map()
  for (const session of sessions.values()) {
    if (session.period_id === periodId) add(sums, session.user_id, session.duration_seconds)
  }
  return sums
}

const textOf = (sums: Sums): string =>
  [...sums].map(([user, { seconds, sessions }]) => `${user}: ${seconds} s in ${sessions}`).toSorted().join(', ')
