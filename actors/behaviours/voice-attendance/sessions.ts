/**
 * Sessions begin and end: what is journaled and what is signed.
 */
import type { RecordDraft } from '../../protocol/record.ts'
import type { ObservedVoice, VoiceSessionClosed } from '../../protocol/voice-attendance.ts'
import type { OpenSession } from '../../protocol/voice-attendance-state.ts'
import { advanceAccounts, copySession, durationSeconds, pausedSeconds, unobservedSeconds } from './accounts.ts'
import type { Draft } from './draft.ts'
import { hasSessionIn } from './presence.ts'
import { isTracked } from './state.ts'

export interface Closing {
  readonly closeAt: number
  /** From here on nobody watched; null: watched throughout. */
  readonly unobservedFrom: number | null
  readonly recovered: boolean
  /** A boundary: the second half opens where the first closes. */
  readonly isSplit?: boolean
}

/** A human came into a channel: a session where it is tracked; else they stand by, if anybody has a session there. */
export function enterChannel(draft: Draft, voice: ObservedVoice): void {
  if (voice.bot) return
  const { state } = draft
  const standsIn = state.bystanders[voice.userId]
  if (voice.channelId !== null && isTracked(state, voice.channelId)) {
    draft.periodId()
    draft.sessions += 1
    draft.events.push({ kind: 'voice-session-opened', sessionId: draft.newId(), voice })
    return
  }
  const standsBy = voice.channelId !== null && hasSessionIn(state, voice.channelId, voice.userId) ? voice.channelId : null
  if (standsBy !== (standsIn ?? null)) {
    draft.events.push({ kind: 'voice-bystander-noted', userId: voice.userId, channelId: standsBy })
  }
}

export function closeSession(draft: Draft, open: Readonly<OpenSession>, closing: Closing): void {
  const session = copySession(open)
  advanceAccounts(session, closing.closeAt, closing.unobservedFrom)
  const { sessionId, userId, channelId } = session
  const seconds = durationSeconds(session)
  const unwatched = closing.unobservedFrom === null ? {} : { unobservedSince: closing.unobservedFrom }
  draft.sessions += 1
  const reason = closing.isSplit === true ? null : findReasonToDiscard(draft, open, { seconds, closing })
  if (reason !== null) {
    draft.events.push({
      kind: 'voice-session-discarded', sessionId, userId, channelId, reason, leftAt: session.accountedUntil,
      durationSeconds: seconds, ...unwatched,
    })
    return
  }
  const event: VoiceSessionClosed = {
    kind: 'voice-session-closed',
    sessionId,
    userId,
    channelId,
    joinedAt: session.joinedAt,
    leftAt: session.accountedUntil,
    durationSeconds: seconds,
    pausedSeconds: pausedSeconds(session),
    unobservedSeconds: unobservedSeconds(session),
    recovered: closing.recovered,
    ...unwatched,
    ...(closing.isSplit === true ? { nextSessionId: draft.newId() } : {}),
    ...(draft.context.dropsRecords === true ? { isUnsigned: true as const } : {}),
  }
  draft.events.push(event)
  draft.closed.push(event)
  draft.records.push(sessionRecord(draft, event))
}

/**
 * Too short is judged by the counted time of the whole session, split or not; its first half was signed at the boundary,
 * when nobody could know. A second half that began while nobody watched, of a member who was gone when somebody looked,
 * was never seen at all.
 */
function findReasonToDiscard(
  draft: Draft,
  open: Readonly<OpenSession>,
  { seconds, closing }: { seconds: number; closing: Closing },
): 'too-short' | 'unseen' | null {
  const isSecondHalf = open.carriedSeconds !== undefined
  if (isSecondHalf && closing.recovered && open.countedMs === 0 && closing.closeAt <= open.accountedUntil) return 'unseen'
  return seconds + (open.carriedSeconds ?? 0) < draft.state.fairness.minimumSeconds ? 'too-short' : null
}

function sessionRecord(draft: Draft, event: VoiceSessionClosed): RecordDraft {
  return {
    type: 'voice-session',
    recordId: event.sessionId,
    payload: {
      session_id: event.sessionId,
      user_id: event.userId,
      channel_id: event.channelId,
      period_id: draft.periodId(),
      joined_at: new Date(event.joinedAt).toISOString(),
      left_at: new Date(event.leftAt).toISOString(),
      duration_seconds: event.durationSeconds,
      paused_seconds: event.pausedSeconds,
      unobserved_seconds: event.unobservedSeconds,
      recovered: event.recovered,
      split: event.nextSessionId !== undefined,
      rules_version: draft.state.rulesVersion,
    },
  }
}

/** True when nothing that counts differs: a repeated event changes nothing. */
export function sameVoice(a: ObservedVoice, b: ObservedVoice): boolean {
  return (
    a.channelId === b.channelId &&
    a.userId === b.userId &&
    a.voiceSessionId === b.voiceSessionId &&
    a.selfMute === b.selfMute &&
    a.serverMute === b.serverMute &&
    a.selfDeaf === b.selfDeaf &&
    a.serverDeaf === b.serverDeaf
  )
}
