/**
 * Which dispatches of the gateway a guild has taken in: per session the newest one that left an event in its journal.
 *
 * A guild hears the dispatches of a session in their order and decides them in that order, so one number says it all; an
 * older one that left no event changes nothing when it comes again. It is part of the guild's state, hence exact after
 * every load: the slot's cursor (slot-table.ts) stands below the oldest dispatch that any of its guilds still works on,
 * and a RESUME from there repeats what others have behind them.
 */
import type { OpId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'

export interface DispatchMark {
  readonly session: string
  readonly seq: number
}

/** Sessions a guild remembers, newest last: its shard's, the one before, and both sides of a rescale. */
const sessionsMax = 4
const prefix = 'feed:'

/** Names a gateway dispatch: the session it came by and its `s`. */
export const feedOpId = (session: string, seq: number): OpId => opId(`${prefix}${session}:${seq}`)

/** The dispatch an op id names; null for every other op. */
export function parseFeedOpId(op: OpId): DispatchMark | null {
  if (!op.startsWith(prefix)) return null
  const [, session, seq] = /^feed:(.+):(\d+)$/.exec(op) ?? []
  return session === undefined ? null : { session, seq: Number(seq) }
}

/** The marks after an event of this op. */
export function noteDispatch(marks: readonly DispatchMark[], op: OpId): readonly DispatchMark[] {
  const dispatch = parseFeedOpId(op)
  if (dispatch === null) return marks
  const others = marks.filter(({ session }) => session !== dispatch.session)
  return [...others.slice(1 - sessionsMax), dispatch]
}

/** True when the op names a dispatch that had its effect. */
export function isDispatchApplied(marks: readonly DispatchMark[], op: OpId): boolean {
  const dispatch = parseFeedOpId(op)
  if (dispatch === null) return false
  return marks.some(({ session, seq }) => session === dispatch.session && dispatch.seq <= seq)
}
