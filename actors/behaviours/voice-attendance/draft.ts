/**
 * What one command decides, gathered: events, records, effects. The state is read and never touched.
 */
import type { UserId } from '../../../kernel/ids.ts'
import { uuidV7 } from '../../../kernel/uuid.ts'
import type { DecideContext, Decision } from '../../protocol/behaviour.ts'
import type { Effect } from '../../protocol/effect.ts'
import type { RecordDraft } from '../../protocol/record.ts'
import type { VoiceAttendanceEvent, VoiceAttendanceReply, VoiceSessionClosed } from '../../protocol/voice-attendance.ts'
import type { VoiceAttendanceState } from '../../protocol/voice-attendance-state.ts'
import { nextBoundary } from './calendar.ts'

export type State = Readonly<VoiceAttendanceState>
export type VoiceDecision = Decision<VoiceAttendanceEvent, VoiceAttendanceReply>

/**
 * Sessions that one turn opens or closes: each close is two events (itself and its receipt), and a commit holds 500. What
 * is beyond is done by the next turn, which the first one asks for.
 */
export const sessionsPerTurnMax = 200

export class Draft {
  readonly state: State
  readonly context: DecideContext
  readonly events: VoiceAttendanceEvent[] = []
  readonly records: RecordDraft[] = []
  readonly effects: Effect[] = []
  /** Sessions that closed and are signed. */
  readonly closed: VoiceSessionClosed[] = []
  /** Sessions opened, closed and discarded, against `sessionsPerTurnMax`. */
  sessions = 0
  #periodId: string | null

  constructor(state: State, context: DecideContext) {
    this.state = state
    this.context = context
    this.#periodId = state.period?.periodId ?? null
    if (state.period !== null && state.period.endsAt === null) {
      this.events.push({ kind: 'voice-period-scheduled', endsAt: nextBoundary(state.schedule, context.now) })
    }
  }

  get isFull(): boolean {
    return this.sessions >= sessionsPerTurnMax
  }

  newId(): string {
    return uuidV7(this.context.now, this.context.random(16))
  }

  /** The running period; the first session of a guild, or after a pause of all tracking, begins one. */
  periodId(): string {
    if (this.#periodId === null) this.openPeriod(this.context.now, this.state.periodCount + 1)
    return this.#periodId ?? ''
  }

  openPeriod(startedAt: number, index: number): void {
    this.#periodId = this.newId()
    const endsAt = nextBoundary(this.state.schedule, startedAt)
    this.events.push({ kind: 'voice-period-opened', periodId: this.#periodId, index, startedAt, endsAt })
  }

  decision(reply: VoiceAttendanceReply): VoiceDecision {
    return { events: this.events, records: this.records, effects: this.effects, reply }
  }
}

/** Counted seconds of a member as they stand once this draft is in force. */
export function totalWith(draft: Draft, user: UserId): number {
  let seconds = draft.state.totals[user]?.durationSeconds ?? 0
  for (const closed of draft.closed) {
    if (closed.userId === user && closed.isUnsigned !== true) seconds += closed.durationSeconds
  }
  return seconds
}
