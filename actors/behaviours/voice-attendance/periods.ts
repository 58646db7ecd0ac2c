/**
 * A period ends: open sessions are split, the board is archived as a signed record, a fresh one begins.
 *
 *   running ──boundary or reset, ≤ 200 to split──▶ running (next)
 *      └─────────boundary or reset, more──────────▶ closing ──its alarm, until none is left──▶ running (next)
 *
 * Closing takes several turns where more sessions are open than one commit holds; its alarm is due at the boundary
 * itself, so nothing else is decided before it is through. Each boundary that was missed is applied at its own time.
 */
import type { UserId } from '../../../kernel/ids.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { VoicePeriodClosed, VoiceQuestion } from '../../protocol/voice-attendance.ts'
import type { Period } from '../../protocol/voice-attendance-state.ts'
import { announceClosed, announcePeriod } from './announce.ts'
import type { PeriodEntry } from './announce.ts'
import type { State, VoiceDecision } from './draft.ts'
import { Draft } from './draft.ts'
import { postPeriod } from './log.ts'
import { closeSession } from './sessions.ts'
import { compareUsers } from './user-order.ts'

/** At a boundary, and while one is being closed. */
export function closePeriod(state: State, endedAt: number, context: DecideContext): VoiceDecision {
  const draft = new Draft(state, context)
  if (state.period !== null) endPeriod(draft, state.period, { endedAt, byUserId: state.closing?.byUserId ?? null })
  return draft.decision({ kind: 'observed' })
}

export function resetPeriod(
  state: State,
  { byUserId, index }: Extract<VoiceQuestion, { kind: 'reset-period' }>,
  context: DecideContext,
): VoiceDecision {
  const { period } = state
  if (period === null) return { events: [], reply: { kind: 'period-not-reset', reason: 'no-period' } }
  if (period.index !== index) return { events: [], reply: { kind: 'period-not-reset', reason: 'another-period' } }
  const draft = new Draft(state, context)
  endPeriod(draft, period, { endedAt: context.now, byUserId })
  const users = new Set([...Object.keys(state.totals), ...Object.keys(state.open)])
  return draft.decision({ kind: 'period-reset', index, members: users.size })
}

interface Ending {
  readonly endedAt: number
  readonly byUserId: UserId | null
}

function endPeriod(draft: Draft, period: Period, ending: Ending): void {
  const { state } = draft
  const isSplitAlready = splitSessions(draft, ending.endedAt)
  announceClosed(draft)
  if (!isSplitAlready) {
    draft.events.push({ kind: 'voice-period-closing', ...ending })
    return
  }
  const { periodId, index, startedAt } = period
  const entries = boardOf(draft)
  const closed: VoicePeriodClosed = {
    kind: 'voice-period-closed', periodId, index, startedAt, ...ending, members: entries.length,
  }
  draft.events.push(closed)
  draft.records.push({
    type: 'period',
    recordId: periodId,
    payload: {
      period_id: periodId,
      period_index: index,
      started_at: new Date(startedAt).toISOString(),
      ended_at: new Date(ending.endedAt).toISOString(),
      rules_version: state.rulesVersion,
      unsigned: unsignedOf(draft),
      entries,
    },
  })
  announcePeriod(draft, closed, entries)
  postPeriod(draft, closed, entries)
  // A guild that tracks nothing any more, with nobody in voice, begins no period before somebody is counted again.
  const goesOn = state.trackingMode !== 'off' || Object.keys(state.open).length > 0
  if (goesOn) draft.openPeriod(ending.endedAt, index + 1)
}

/** False: more are open than one turn splits. A session that began at the boundary belongs to the next period. */
function splitSessions(draft: Draft, endedAt: number): boolean {
  for (const session of Object.values(draft.state.open)) {
    if (session.joinedAt >= endedAt) continue
    if (draft.isFull) return false
    closeSession(draft, session, {
      closeAt: endedAt, unobservedFrom: draft.state.feedLostSince, recovered: false, isSplit: true,
    })
  }
  return true
}

/** The totals with what this turn closed, in rank order. */
function boardOf(draft: Draft): readonly PeriodEntry[] {
  const sums = new Map<string, { durationSeconds: number; sessions: number }>()
  for (const [user, total] of Object.entries(draft.state.totals)) sums.set(user, { ...total })
  for (const { userId, durationSeconds, isUnsigned } of draft.closed) {
    if (isUnsigned === true) continue
    const sum = sums.get(userId) ?? { durationSeconds: 0, sessions: 0 }
    sums.set(userId, { durationSeconds: sum.durationSeconds + durationSeconds, sessions: sum.sessions + 1 })
  }
  return [...sums]
    .map(([user_id, sum]) => ({ user_id, duration_seconds: sum.durationSeconds, sessions: sum.sessions }))
    .sort((a, b) => b.duration_seconds - a.duration_seconds || compareUsers(a.user_id, b.user_id))
}

function unsignedOf({ state, closed }: Draft): { readonly sessions: number; readonly seconds: number } {
  const dropped = closed.filter(({ isUnsigned }) => isUnsigned === true)
  return {
    sessions: state.unsigned.sessions + dropped.length,
    seconds: state.unsigned.seconds + dropped.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
  }
}
