/**
 * The part of a guild's state that voice attendance keeps. Plain JSON: it is snapshotted and hashed as it is.
 */
import type { ChannelId, UserId } from '../../kernel/ids.ts'
import type { LoggedSession, ObservedVoice, PauseReason, SetAsideSeconds } from './voice-attendance.ts'
import type {
  FairnessRules, LogDestination, PeriodSchedule, RoleWindow, Tier, TrackingMode, WebhookEvent,
} from './voice-settings.ts'

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
  /** Into which account time falls from `accountedUntil` on; absent: it counts. */
  pause?: PauseReason
  /** Second half of a split: whole seconds that the halves before it counted. */
  carriedSeconds?: number
  voice: ObservedVoice
}

export interface MemberTotal {
  durationSeconds: number
  sessions: number
}

export interface Period {
  readonly periodId: string
  readonly index: number
  readonly startedAt: number
  /** Its boundary; null only for a period that was opened before periods ended, until it is scheduled. */
  endsAt: number | null
}

export interface VerifiedRoleState {
  minimumSeconds: number
  within: RoleWindow
  /** Members who were given the role, each true. */
  holders: Record<string, true>
  failure: string | null
}

export interface WebhookState {
  url: string
  sealedSecret: string
  events: readonly WebhookEvent[]
  pending: number
  dead: number
  skipped: number
  lastDelivery: { at: number; failure: string | null } | null
  isActive: boolean
}

export interface VoiceAttendanceState {
  trackingMode: TrackingMode
  /** The list that allowlist and denylist read. */
  trackedChannels: ChannelId[]
  fairness: FairnessRules
  rulesVersion: number
  afkChannelId: ChannelId | null
  schedule: PeriodSchedule
  period: Period | null
  /** Periods there ever were: the index of the newest. */
  periodCount: number
  /** Not null while a period closes over several turns. */
  closing: { readonly endedAt: number; readonly byUserId: UserId | null; readonly step: number } | null
  /** Open sessions by user id: a member is in one channel of a guild at a time. */
  open: Record<string, OpenSession>
  /** Humans without a session in channels where sessions are open: they keep others from being alone. */
  bystanders: Record<string, ChannelId>
  /** Sums of the signed integers of this period, by user id. */
  totals: Record<string, MemberTotal>
  /** What of this period's signed sessions did not count, by user id. */
  setAside: Record<string, SetAsideSeconds>
  /** Sums of the signed integers of this period, by channel id. */
  channelTotals: Record<string, MemberTotal>
  /** Discarded and dropped sessions of this period: in no total. */
  unsigned: { sessions: number; seconds: number }
  /** Counted milliseconds by hour of the week in UTC (0: Monday 00:00), since `activitySince`. Hours without any are absent. */
  activity: Record<string, number>
  activitySince: number | null
  logs: Record<string, LogDestination>
  /** Completed sessions that wait to be posted together. */
  logQueue: LoggedSession[]
  /** When the board is posted next; null: nobody wants it. */
  boardAt: number | null
  verifiedRoles: Record<string, VerifiedRoleState>
  webhook: WebhookState | null
  publicBoards: boolean
  tier: Tier | null
  /** Not null while no feed watches this guild: later time is unobserved. */
  feedLostSince: number | null
  /**
   * Members of whom the former feed told more than the present one has told so far, each true; absent: none. Older states
   * of theirs are on the way, and change nothing.
   */
  awaited?: Record<string, true>
  /** The last state of members whose session ended a moment ago; absent: none. A feed that is behind still tells it. */
  left?: Record<string, { readonly voice: ObservedVoice; readonly at: number }>
}
