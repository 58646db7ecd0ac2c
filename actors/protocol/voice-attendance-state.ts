/**
 * The part of a guild's state that voice attendance keeps. Plain JSON: it is snapshotted and hashed as it is.
 */
import type { ChannelId, UserId } from '../../kernel/ids.ts'
import type { ObservedVoice, PauseReason, TrackingMode } from './voice-attendance.ts'

export interface OpenSession {
  readonly sessionId: string
  readonly userId: UserId
  readonly channelId: ChannelId
  readonly joinedAt: number
  /** Up to here the accounts below are complete. */
  accountedUntil: number
  countedMs: number
  pausedMs: Partial<Record<PauseReason, number>>
  unobservedMs: number
  voice: ObservedVoice
}

export interface MemberTotal {
  durationSeconds: number
  sessions: number
}

export interface VoiceAttendanceState {
  trackingMode: TrackingMode
  /** The list that allowlist and denylist read. */
  trackedChannels: ChannelId[]
  rulesVersion: number
  period: { periodId: string; index: number; startedAt: number } | null
  /** Open sessions by user id: a member is in one channel of a guild at a time. */
  open: Record<string, OpenSession>
  /** Sums of the signed integers of this period, by user id. */
  totals: Record<string, MemberTotal>
  /** Not null while no feed watches this guild: later time is unobserved. */
  feedLostSince: number | null
}
