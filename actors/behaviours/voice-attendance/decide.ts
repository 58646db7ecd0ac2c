/**
 * What happens in voice: from one observed voice state, or a whole guild's, to opened and closed sessions.
 *
 * A session is identified by what Discord tells: member, channel. Telling the same twice changes nothing, so replays and
 * duplicates are harmless. Leaving is processed whatever the tracking mode says by then.
 */
import type { ChannelId, UserId } from '../../../kernel/ids.ts'
import { uuidV7 } from '../../../kernel/uuid.ts'
import type { DecideContext, Decision } from '../../protocol/behaviour.ts'
import type { RecordDraft } from '../../protocol/record.ts'
import type {
  ObservedVoice,
  VoiceAttendanceCommand,
  VoiceAttendanceEvent,
  VoiceAttendanceReply,
} from '../../protocol/voice-attendance.ts'
import type { OpenSession, VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { advanceAccounts, copySession, durationSeconds, pausedSeconds, unobservedSeconds } from './accounts.ts'
import { readLeaderboard } from './leaderboard.ts'
import { isTracked } from './state.ts'

type VoiceDecision = Decision<VoiceAttendanceEvent, VoiceAttendanceReply>
type State = Readonly<VoiceAttendanceState>

/** Events and records gathered while deciding one command. */
class Draft {
  readonly events: VoiceAttendanceEvent[] = []
  readonly records: RecordDraft[] = []
  periodId: string | null

  constructor(state: State) {
    this.periodId = state.period?.periodId ?? null
  }

  decision(): VoiceDecision {
    return { events: this.events, records: this.records, reply: { kind: 'observed' } }
  }
}

export function decide(state: State, command: VoiceAttendanceCommand, context: DecideContext): VoiceDecision {
  switch (command.kind) {
    case 'observe-voice':
      return observeVoice(state, command, context)
    case 'reconcile-voice':
      return reconcileVoice(state, command, context)
    case 'lose-feed':
      return loseFeed(state, command.since)
    case 'set-tracking-mode': {
      const reply = { kind: 'tracking-mode-set', mode: command.mode, previous: state.trackingMode } as const
      if (command.mode === state.trackingMode) return { events: [], reply }
      return { events: [{ kind: 'tracking-mode-set', mode: command.mode, byUserId: command.byUserId }], reply }
    }
    case 'read-leaderboard':
      return {
        events: [],
        reply: readLeaderboard(state, { page: command.page, forUserId: command.forUserId, now: context.now }),
      }
  }
}

function observeVoice(
  state: State,
  command: Extract<VoiceAttendanceCommand, { kind: 'observe-voice' }>,
  context: DecideContext,
): VoiceDecision {
  const draft = new Draft(state)
  // Both may be told, by a replay that was forwarded to an owner without a feed: nobody watched from the earlier one on.
  const lost = [command.unobservedSince, state.feedLostSince].filter((since) => typeof since === 'number')
  const unobservedFrom = lost.length === 0 ? null : Math.min(...lost)
  settleMember(draft, state, command.voice, { context, unobservedFrom, closeAt: context.now, recovered: false })
  const changed = draft.events[0]
  if (command.unobservedSince !== undefined && unobservedFrom !== null && changed?.kind === 'voice-flags-changed') {
    draft.events[0] = { ...changed, unobservedSince: unobservedFrom }
  }
  return draft.decision()
}

/**
 * Compares open sessions with who is in voice now, after time that nobody watched. Same channel: the session goes on and
 * the gap is unobserved. Gone: it closes at the last moment known. Found without a session: one opens now.
 */
function reconcileVoice(
  state: State,
  command: Extract<VoiceAttendanceCommand, { kind: 'reconcile-voice' }>,
  context: DecideContext,
): VoiceDecision {
  const draft = new Draft(state)
  const watchedUntil = Math.min(command.watchedUntil, state.feedLostSince ?? Infinity, context.now)
  const present = new Map(command.voices.map((voice) => [voice.userId, voice]))
  for (const session of Object.values(state.open)) {
    const voice = present.get(session.userId)
    if (voice?.channelId === session.channelId) continue
    const closeAt = Math.max(session.accountedUntil, watchedUntil)
    closeSession(draft, state, session, { unobservedFrom: null, closeAt, recovered: true })
  }
  const hasOpen = Object.keys(state.open).length > 0
  if (hasOpen || state.feedLostSince !== null) draft.events.push({ kind: 'voice-feed-resumed', watchedUntil })
  for (const voice of command.voices) {
    const session = state.open[voice.userId]
    const goesOn = session !== undefined && session.channelId === voice.channelId
    if (goesOn && sameVoice(session.voice, voice)) continue
    if (goesOn) draft.events.push({ kind: 'voice-flags-changed', voice })
    else openSession(draft, state, voice, context)
  }
  return draft.decision()
}

function loseFeed(state: State, since: number): VoiceDecision {
  const matters = Object.keys(state.open).length > 0 && state.feedLostSince === null
  return { events: matters ? [{ kind: 'voice-feed-lost', since }] : [], reply: { kind: 'observed' } }
}

interface Settling {
  readonly context: DecideContext
  readonly unobservedFrom: number | null
  readonly closeAt: number
  readonly recovered: boolean
}

function settleMember(draft: Draft, state: State, voice: ObservedVoice, settling: Settling): void {
  const session = state.open[voice.userId]
  if (session !== undefined && session.channelId === voice.channelId) {
    if (!sameVoice(session.voice, voice)) draft.events.push({ kind: 'voice-flags-changed', voice })
    return
  }
  if (session !== undefined) closeSession(draft, state, session, settling)
  openSession(draft, state, voice, settling.context)
}

function openSession(draft: Draft, state: State, voice: ObservedVoice, context: DecideContext): void {
  if (voice.bot || voice.channelId === null || !isTracked(state, voice.channelId)) return
  if (draft.periodId === null) {
    draft.periodId = uuidV7(context.now, context.random(16))
    draft.events.push({ kind: 'voice-period-opened', periodId: draft.periodId, index: 1 })
  }
  draft.events.push({ kind: 'voice-session-opened', sessionId: uuidV7(context.now, context.random(16)), voice })
}

function closeSession(
  draft: Draft,
  state: State,
  open: Readonly<OpenSession>,
  closing: { readonly closeAt: number; readonly unobservedFrom: number | null; readonly recovered: boolean },
): void {
  const session = copySession(open)
  advanceAccounts(session, closing.closeAt, closing.unobservedFrom)
  const event = {
    kind: 'voice-session-closed',
    sessionId: session.sessionId,
    userId: session.userId,
    channelId: session.channelId,
    joinedAt: session.joinedAt,
    leftAt: session.accountedUntil,
    durationSeconds: durationSeconds(session),
    pausedSeconds: pausedSeconds(session),
    unobservedSeconds: unobservedSeconds(session),
    recovered: closing.recovered,
  } as const
  draft.events.push(event)
  draft.records.push(sessionRecord(event, draft.periodId ?? '', state.rulesVersion))
}

function sessionRecord(
  event: Extract<VoiceAttendanceEvent, { kind: 'voice-session-closed' }>,
  periodId: string,
  rulesVersion: number,
): RecordDraft {
  return {
    type: 'voice-session',
    recordId: event.sessionId,
    payload: {
      session_id: event.sessionId,
      user_id: event.userId,
      channel_id: event.channelId,
      period_id: periodId,
      joined_at: new Date(event.joinedAt).toISOString(),
      left_at: new Date(event.leftAt).toISOString(),
      duration_seconds: event.durationSeconds,
      paused_seconds: event.pausedSeconds,
      unobserved_seconds: event.unobservedSeconds,
      recovered: event.recovered,
      split: false,
      rules_version: rulesVersion,
    },
  }
}

/** True when nothing that counts differs: a repeated event changes nothing. */
function sameVoice(a: ObservedVoice, b: ObservedVoice): boolean {
  return (
    (a.channelId as ChannelId | null) === b.channelId &&
    (a.userId as UserId) === b.userId &&
    a.voiceSessionId === b.voiceSessionId &&
    a.selfMute === b.selfMute &&
    a.serverMute === b.serverMute &&
    a.selfDeaf === b.selfDeaf &&
    a.serverDeaf === b.serverDeaf
  )
}
