/**
 * What a process that waited for a guild brings along when it becomes its owner: everything it heard meanwhile.
 *
 * Two processes hear the same gateway events in a rescale, and neither is in step with the other. The guild's own state
 * tells how far the former feed had come; whatever this one heard after that point is applied, each change at the time
 * at which it was heard, and nothing of it twice.
 */
import type { ChannelId, Generation, OpId } from '../../kernel/ids.ts'
import type { ObservedVoice } from './voice-attendance.ts'

/** One change of one member, as a gateway dispatch told it. */
export interface HeldChange {
  /** Unix ms, when it was heard. */
  readonly at: number
  /** Names the dispatch: it is applied once, whatever becomes of the turns around it. */
  readonly opId: OpId
  readonly voice: ObservedVoice
  /** A replay after RESUME: nobody watched from then until it was heard. */
  readonly unobservedSince?: number
}

export interface FeedSwitch {
  /** The topology whose gateway events the guild applies from here on (I8). */
  readonly generation: Generation
  /** Unix ms: from here on this feed missed nothing. */
  readonly heardSince: number
  /** Who was in voice before the first of the changes. */
  readonly base: readonly ObservedVoice[]
  /** What changed since, in the order in which it was heard. */
  readonly changes: readonly HeldChange[]
  /** Unix ms: until then the feed before was watched. Below `heardSince` there is time that nobody saw. */
  readonly watchedUntil: number
  /** The guild's AFK channel; absent: not known. */
  readonly afkChannelId?: ChannelId | null
}
