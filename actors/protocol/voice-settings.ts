/**
 * Settings of voice attendance, per guild. Every change is journaled; what the fairness rules were is told by their
 * version inside each signed session.
 */
import type { ChannelId, RoleId, UserId } from '../../kernel/ids.ts'

export const trackingModes = ['off', 'allowlist', 'denylist', 'all'] as const
export type TrackingMode = (typeof trackingModes)[number]

/** When time does not count although the member is there. */
export interface FairnessRules {
  readonly selfMute: boolean
  readonly serverMute: boolean
  readonly selfDeaf: boolean
  readonly serverDeaf: boolean
  /** No other human is in the channel. */
  readonly alone: boolean
  /** The channel is the guild's AFK channel. */
  readonly afk: boolean
  /** A whole session with less counted time is discarded and not signed. 0 … 3600. */
  readonly minimumSeconds: number
  /** Fewer humans than this in the channel: nobody's time counts. 1 … 25. */
  readonly minimumMembers: number
}

export const periodIntervals = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const
export type PeriodInterval = (typeof periodIntervals)[number]
/** rolling: counted from the moment it was set; calendar: midnight, start of the week, of the month, of the year. */
export const periodAnchors = ['rolling', 'calendar'] as const
export type PeriodAnchor = (typeof periodAnchors)[number]
export const weekStarts = ['monday', 'sunday'] as const
export type WeekStart = (typeof weekStarts)[number]

export interface PeriodSchedule {
  readonly interval: PeriodInterval
  readonly anchor: PeriodAnchor
  /** Unix ms; what rolling counts from. */
  readonly anchorAt: number
  /** IANA name. */
  readonly timeZone: string
  readonly weekStart: WeekStart
}

export const logEvents = ['session-completed', 'period-closed', 'leaderboard-daily', 'leaderboard-weekly'] as const
export type LogEvent = (typeof logEvents)[number]

export interface LogDestination {
  readonly events: readonly LogEvent[]
  /** Why the newest post there was impossible; absent after one that succeeded. */
  readonly failure?: string
}

/** Within which period the minimum must have been reached. */
export const roleWindows = ['current', 'last'] as const
export type RoleWindow = (typeof roleWindows)[number]

export interface VerifiedRole {
  readonly minimumSeconds: number
  readonly within: RoleWindow
}

export const webhookEvents = ['session.completed', 'period.closed'] as const
export type WebhookEvent = (typeof webhookEvents)[number]

export const tiers = ['free', 'pro'] as const
export type Tier = (typeof tiers)[number]

/** Everything an admin can see, as one answer; secrets are not in it. */
export interface VoiceSettings {
  readonly trackingMode: TrackingMode
  readonly trackedChannels: readonly ChannelId[]
  readonly fairness: FairnessRules
  readonly rulesVersion: number
  readonly schedule: PeriodSchedule
  readonly period: { readonly index: number; readonly startedAt: number } | null
  /** The next boundary, Unix ms; without a running period, the one that would come. */
  readonly nextBoundaryAt: number
  readonly logs: Readonly<Record<string, LogDestination>>
  readonly verifiedRoles: Readonly<Record<string, VerifiedRole & { readonly holders: number; readonly failure: string | null }>>
  readonly webhook: WebhookStatus | null
  readonly publicBoards: boolean
  /** null: the cluster's default. */
  readonly tier: Tier | null
}

export interface WebhookStatus {
  readonly url: string
  readonly events: readonly WebhookEvent[]
  /** Deliveries on their way. */
  readonly pending: number
  /** Deliveries that were given up, and that never began because too many were on their way. */
  readonly dead: number
  readonly skipped: number
  readonly lastDelivery: { readonly at: number; readonly failure: string | null } | null
  /** False after the receiver answered 410: nothing more is sent until it is set again. */
  readonly isActive: boolean
}

interface Change<Kind extends string> {
  readonly feature: 'voice-attendance'
  readonly kind: Kind
  readonly byUserId: UserId
}

/** What an admin asks for. Each is a command of the voice feature. */
export type VoiceSettingsCommand =
  | (Change<'set-tracking-mode'> & { readonly mode: TrackingMode })
  | (Change<'track-channel'> & { readonly action: 'add' | 'remove'; readonly channelId: ChannelId })
  | (Change<'set-fairness'> & { readonly rules: Partial<FairnessRules> })
  | (Change<'set-schedule'> & { readonly changes: Partial<Omit<PeriodSchedule, 'anchorAt'>> })
  | (Change<'set-public-boards'> & { readonly on: boolean })
  | (Change<'set-log-channel'> & { readonly channelId: ChannelId; readonly events: readonly LogEvent[] })
  | (Change<'add-verified-role'> & { readonly roleId: RoleId; readonly role: VerifiedRole; readonly defaultTier: Tier })
  | (Change<'remove-verified-role'> & { readonly roleId: RoleId })
  | (Change<'set-webhook'> & {
      readonly url: string
      /** Encrypted under the key-encryption key before it gets here: a secret is never journaled in clear. */
      readonly sealedSecret: string
      readonly events: readonly WebhookEvent[]
      readonly defaultTier: Tier
    })
  | Change<'remove-webhook'>
  | Change<'test-webhook'>
  | { readonly feature: 'voice-attendance'; readonly kind: 'set-tier'; readonly tier: Tier | null }
  | { readonly feature: 'voice-attendance'; readonly kind: 'read-settings' }

export type VoiceSettingsEvent =
  | { readonly kind: 'tracking-mode-set'; readonly mode: TrackingMode; readonly byUserId: UserId }
  | { readonly kind: 'tracked-channels-set'; readonly channels: readonly ChannelId[]; readonly byUserId: UserId }
  | { readonly kind: 'fairness-set'; readonly fairness: FairnessRules; readonly byUserId: UserId }
  /** `endsAt` null: no period is running. */
  | { readonly kind: 'schedule-set'; readonly schedule: PeriodSchedule; readonly endsAt: number | null; readonly boardAt: number | null; readonly byUserId: UserId }
  | { readonly kind: 'public-boards-set'; readonly on: boolean; readonly byUserId: UserId }
  /** No events: the channel is no destination any more. */
  | { readonly kind: 'log-channel-set'; readonly channelId: ChannelId; readonly events: readonly LogEvent[]; readonly boardAt: number | null; readonly byUserId: UserId }
  | { readonly kind: 'verified-role-set'; readonly roleId: RoleId; readonly role: VerifiedRole | null; readonly byUserId: UserId }
  | { readonly kind: 'webhook-set'; readonly url: string; readonly sealedSecret: string; readonly events: readonly WebhookEvent[]; readonly byUserId: UserId }
  | { readonly kind: 'webhook-removed'; readonly byUserId: UserId }
  | { readonly kind: 'webhook-tested'; readonly byUserId: UserId }
  | { readonly kind: 'tier-set'; readonly tier: Tier | null }

/** Why a setting is not taken; each has a sentence with the remedy in every locale. */
export type SettingsRefusal =
  | 'unknown-time-zone'
  | 'too-many-channels'
  | 'too-many-log-channels'
  | 'too-many-roles'
  | 'needs-pro'
  | 'no-webhook'
  | 'too-many-deliveries'

export type VoiceSettingsReply =
  | { readonly kind: 'tracking-mode-set'; readonly mode: TrackingMode; readonly previous: TrackingMode }
  | { readonly kind: 'setting-set'; readonly changed: boolean }
  | { readonly kind: 'setting-refused'; readonly reason: SettingsRefusal }
  | { readonly kind: 'voice-settings'; readonly settings: VoiceSettings }
