/**
 * The two messages of a session: where they stand, and that the one with the code is posted again when it was deleted.
 */
import type { AttendanceCommand } from '../../protocol/attendance.ts'
import type { SessionMessageName } from '../../protocol/code-session.ts'
import type { EffectResult, SettledEffect } from '../../protocol/effect.ts'
import type { AttendanceDecision, State } from './decision.ts'
import { answer } from './decision.ts'
import { postMessage } from './open-session.ts'

type Command<Kind extends AttendanceCommand['kind']> = Extract<AttendanceCommand, { kind: Kind }>

const reasonLengthMax = 200

export function onEffectSettled(effect: SettledEffect, result: EffectResult): AttendanceCommand | null {
  if (effect.kind !== 'post-session') return null
  const { sessionId, message } = effect.payload as { sessionId: string; message: SessionMessageName }
  const about = { feature: 'code-attendance', kind: 'note-message', sessionId, message } as const
  if (result.kind !== 'done') return { ...about, messageId: null, failure: result.reason.slice(0, reasonLengthMax) }
  const { messageId } = result.answer
  return typeof messageId === 'string' ? { ...about, messageId, failure: null } : null
}

export function noteMessage(state: State, { sessionId, message, messageId, failure }: Command<'note-message'>): AttendanceDecision {
  const isKnown = state.open?.sessionId === sessionId || state.last?.sessionId === sessionId
  if (!isKnown) return answer({ kind: 'noted' })
  return { events: [{ kind: 'session-message-noted', sessionId, message, messageId, failure }], reply: { kind: 'noted' } }
}

/** Told by whoever could not edit it. One that was replaced meanwhile is not meant. */
export function loseMessage(state: State, { sessionId, message, messageId }: Command<'lose-message'>): AttendanceDecision {
  const { open } = state
  if (open?.sessionId !== sessionId || open.closing !== null || open.messages[message].messageId !== messageId) return answer({ kind: 'noted' })
  return {
    events: [{ kind: 'session-message-noted', sessionId, message, messageId: null, failure: null }],
    effects: [postMessage(sessionId, message)],
    reply: { kind: 'noted' },
  }
}
