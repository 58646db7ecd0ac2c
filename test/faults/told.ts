/**
 * What somebody outside was told, with the machine's monotonic time.
 */
import type { GuildId, OpId } from '../../kernel/ids.ts'

export interface Told {
  /** `event`: 202 of the API; `settings`: what a person read in Discord. */
  readonly door: 'event' | 'settings'
  readonly guildId: GuildId
  readonly opId: OpId
  readonly askedAt: number
  readonly at: number
}

/** Everything of a run. Some hundred a second for some minutes: kept in memory. */
export class Tellings {
  readonly told: Told[] = []
  /** Answers that contradict what was acknowledged before, or that nobody may be given. */
  readonly wrong: string[] = []
  /** Questions in Discord that nobody answered within three seconds. */
  unanswered = 0
  /** Answers "not now, try again": said, and rightly so. */
  refused = 0
  reads = 0
}
