/**
 * A class begins: nothing is posted before this is decided, so a second opening leaves no orphan message.
 */
import { uuidV7 } from '../../../kernel/uuid.ts'
import type { OpenSession } from '../../protocol/attendance.ts'
import type { DecideContext } from '../../protocol/behaviour.ts'
import type { EffectiveSettings } from '../../protocol/attendance-settings.ts'
import type { OpenedSession, SessionMessageName } from '../../protocol/code-session.ts'
import type { Effect } from '../../protocol/effect.ts'
import { dateOf } from './dates.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer, refuse } from './decision.ts'
import { effectiveSettings, refuseStaff } from './place.ts'

const minuteMs = 60_000

export function openSession(state: State, command: OpenSession, context: DecideContext): AttendanceDecision {
  const refused = refuseStaff(state, command.asker)
  if (refused !== null) return answer(refused)
  if (state.open !== null) return refuse(state.open.closing === null ? 'already-open' : 'still-closing')
  const settings = effectiveSettings(state.settings, command.asker)
  if (settings.voicePresence !== 'off' && settings.voiceChannelId === null) return refuse('needs-voice-channel')
  const session = describeSession(state, { settings, command }, context)
  const { sessionId, openedAt, dateId, intervalMs, rotatesFrom } = session
  return {
    events: [{ kind: 'code-session-opened', ...session }],
    rows: {
      students: [],
      sessions: [{ sessionId, kind: 'code', openedAt, closedAt: null, dateId, change: 0, intervalMs, rotatesFrom }],
      entries: [],
    },
    secretsMade: [session.secretId],
    effects: [postMessage(sessionId, 'admin'), postMessage(sessionId, 'notice')],
    reply: { kind: 'code-session-opened', session },
  }
}

function describeSession(
  state: State,
  { settings, command }: { readonly settings: EffectiveSettings; readonly command: OpenSession },
  context: DecideContext,
): OpenedSession {
  const { openedAt, clockOffsetMs, byUserId } = command
  const lateAfter = command.lateAfterMinutes === undefined ? settings.lateAfterMinutes : command.lateAfterMinutes
  const autoClose = command.autoCloseMinutes === undefined ? settings.autoCloseMinutes : command.autoCloseMinutes
  const wantedIntervalMs = settings.intervalSeconds * 1000
  const intervalMs = Math.max(wantedIntervalMs, command.intervalMsMin)
  const { alphabet, grace, codeLength, voicePresence, voiceChannelId, timeZone, adminChannelId, attendanceChannelId } = settings
  // Refused before, where one of both is not set.
  if (adminChannelId === null || attendanceChannelId === null) throw new Error('a session is opened where channels are set')
  return {
    // Above every earlier one: two in one second, or a clock that was set back, still differ.
    sessionId: String(Math.max(Math.floor(openedAt / 1000), state.lastSessionSecond + 1)),
    secretId: uuidV7(context.now, context.random(16)),
    openedAt,
    rotatesFrom: openedAt + command.firstStepDelayMs,
    intervalMs,
    wantedIntervalMs: intervalMs === wantedIntervalMs ? null : wantedIntervalMs,
    codeLength,
    alphabet,
    grace,
    lateFrom: lateAfter === null ? null : openedAt + lateAfter * minuteMs,
    closesAt: autoClose === null ? null : context.now + autoClose * minuteMs,
    voicePresence,
    voiceChannelId,
    timeZone,
    dateId: dateOf(openedAt, timeZone),
    adminChannelId,
    attendanceChannelId,
    clockOffsetMs,
    byUserId,
  }
}

export const messageTarget = (message: SessionMessageName): string => `code:${message}`

/** What the message says is made where it is posted: a code must not lie in a table. */
export function postMessage(sessionId: string, message: SessionMessageName): Effect {
  return { delivery: 'outbox', kind: 'post-session', target: messageTarget(message), payload: { sessionId, message } }
}
