/**
 * Voice attendance: what can be asked, what can happen, what is kept. Times are Unix milliseconds, database's clock.
 *
 * A session is one member in one tracked channel. Its time falls into exactly one account at every instant: counted,
 * paused for one reason, or unobserved. Accounts are kept in milliseconds and floored where they are signed.
 */
import type { ChannelId, RoleId, UserId } from '../../kernel/ids.ts'
import type { SigningChange } from './behaviour.ts'
import type { EffectResult } from './effect.ts'
import type { FeedSwitch } from './feed-switch.ts'
import type { PausedSeconds } from './record.ts'
import type { Tier, TrackingMode, VoiceSettingsCommand, VoiceSettingsEvent, VoiceSettingsReply } from './voice-settings.ts'

export type PauseReason = keyof PausedSeconds

/** A member's voice state as Discord tells it, reduced to what counts. `channelId` null: not in voice. */
export interface ObservedVoice {
  readonly userId: UserId
  readonly bot: boolean
  readonly channelId: ChannelId | null
  /** Discord's voice session id: with user and channel it tells a rejoin from a repeated event. */
  readonly voiceSessionId: string
  readonly selfMute: boolean
  readonly serverMute: boolean
  readonly selfDeaf: boolean
  readonly serverDeaf: boolean
}

interface Asked<Kind extends string> {
  readonly feature: 'voice-attendance'
  readonly kind: Kind
}

/** What the gateway and the house itself tell. */
export type VoiceFeedCommand =
  | (Asked<'observe-voice'> & {
      readonly voice: ObservedVoice
      /** Set on a dispatch replayed after RESUME: nobody watched from then until its receipt. */
      readonly unobservedSince?: number
    })
  | (Asked<'reconcile-voice'> & {
      /** Everybody who is in voice now. */
      readonly voices: readonly ObservedVoice[]
      /** Nobody watched from this instant until now. */
      readonly watchedUntil: number
      /** The guild's AFK channel; absent: not known. */
      readonly afkChannelId?: ChannelId | null
    })
  | (Asked<'lose-feed'> & {
      readonly since: number
      /**
       * Who is in voice now, where it is known already: told at the instant of the loss, before the boundaries that
       * were missed since then, so that those who are gone close in the period in which they were last seen.
       */
      readonly voices?: readonly ObservedVoice[]
    })
  /** Another process hears this guild from here on; what it held comes with it. */
  | (Asked<'switch-feed'> & FeedSwitch)
  /** The feed has had its time to catch up: who is in voice now, of those members that it had not told. */
  | (Asked<'settle-feed'> & { readonly voices: readonly ObservedVoice[]; readonly watchedUntil: number })
  | (Asked<'observe-guild'> & { readonly afkChannelId: ChannelId | null })

/** What alarms and settled effects turn into. */
export type VoiceTimedCommand =
  | (Asked<'close-period'> & { readonly endedAt: number })
  | Asked<'flush-log'>
  | Asked<'post-board'>
  | (Asked<'settle-role'> & { readonly roleId: RoleId; readonly userId: UserId; readonly wasAdded: boolean; readonly reason: string })
  | (Asked<'settle-webhook'> & { readonly result: EffectResult['kind']; readonly isGone: boolean; readonly reason: string | null })
  | (Asked<'settle-log'> & { readonly channelId: ChannelId; readonly reason: string | null })

/** What members and admins ask. */
export type VoiceQuestion =
  | (Asked<'read-leaderboard'> & { readonly page: number; readonly forUserId: UserId })
  | (Asked<'read-own-time'> & { readonly userId: UserId })
  | (Asked<'read-user-stats'> & { readonly userId: UserId })
  | (Asked<'read-channel-stats'> & { readonly channelId: ChannelId })
  /** An export was written: log destinations are told how far the chain of records had come. */
  | (Asked<'announce-export'> & { readonly from: number; readonly to: number })
  | (Asked<'reset-period'> & {
      readonly byUserId: UserId
      /** The period the admin looked at: a second confirmation closes no second one. */
      readonly index: number
    })

export type VoiceAttendanceCommand = VoiceFeedCommand | VoiceTimedCommand | VoiceQuestion | VoiceSettingsCommand

/** Whose session it is, and in which channel. */
interface SessionNames {
  readonly sessionId: string
  readonly userId: UserId
  readonly channelId: ChannelId
}

export interface VoiceSessionClosed extends SessionNames {
  readonly kind: 'voice-session-closed'
  readonly joinedAt: number
  readonly leftAt: number
  readonly durationSeconds: number
  readonly pausedSeconds: PausedSeconds
  readonly unobservedSeconds: number
  readonly recovered: boolean
  /** From here to `leftAt` nobody watched. */
  readonly unobservedSince?: number
  /** Split by a boundary: the second half, which opens at `leftAt`. */
  readonly nextSessionId?: string
  /** Signing was locked under the policy `drop`: in no total. */
  readonly isUnsigned?: true
}

export interface VoicePeriodClosed {
  readonly kind: 'voice-period-closed'
  readonly periodId: string
  readonly index: number
  readonly startedAt: number
  readonly endedAt: number
  /** null: at its boundary. */
  readonly byUserId: UserId | null
  readonly members: number
}

export type VoiceAttendanceEvent =
  | VoiceSettingsEvent
  | {
      readonly kind: 'voice-period-opened'
      readonly periodId: string
      readonly index: number
      readonly startedAt?: number
      readonly endsAt?: number
    }
  /** A period that was opened before periods ended. */
  | { readonly kind: 'voice-period-scheduled'; readonly endsAt: number }
  /** More sessions are open than one turn may split: the rest follows at once. */
  | { readonly kind: 'voice-period-closing'; readonly endedAt: number; readonly byUserId: UserId | null }
  | VoicePeriodClosed
  | { readonly kind: 'voice-session-opened'; readonly sessionId: string; readonly voice: ObservedVoice }
  | { readonly kind: 'voice-flags-changed'; readonly voice: ObservedVoice; readonly unobservedSince?: number }
  /** From `since` on nobody watches; later time of every open session is unobserved until `voice-feed-resumed`. */
  | { readonly kind: 'voice-feed-lost'; readonly since: number }
  | { readonly kind: 'voice-feed-resumed'; readonly watchedUntil: number }
  /** The feed of this generation goes on where the one before ended, for so many members; the others are awaited. */
  | { readonly kind: 'voice-feed-switched'; readonly generation: number; readonly met: number; readonly awaited: readonly UserId[] }
  /** The feed has told what the guild knew of this member. */
  | { readonly kind: 'voice-feed-met'; readonly userId: UserId }
  /** Nobody is awaited any more; so many members were reconciled instead. */
  | { readonly kind: 'voice-feed-settled'; readonly unmet: number }
  | VoiceSessionClosed
  /** Not signed and in no total: shorter than the minimum, or the second half of a split that nobody ever saw. */
  | (SessionNames & {
      readonly kind: 'voice-session-discarded'
      readonly reason: 'too-short' | 'unseen'
      readonly leftAt: number
      readonly durationSeconds: number
      readonly unobservedSince?: number
    })
  /** A human without a session in a channel where sessions are open; null: not any more. */
  | { readonly kind: 'voice-bystander-noted'; readonly userId: UserId; readonly channelId: ChannelId | null }
  | { readonly kind: 'voice-afk-channel-noted'; readonly afkChannelId: ChannelId | null }
  | { readonly kind: 'voice-log-flushed' }
  | { readonly kind: 'voice-export-announced'; readonly from: number; readonly to: number }
  | { readonly kind: 'voice-board-posted'; readonly boardAt: number | null }
  | { readonly kind: 'voice-log-settled'; readonly channelId: ChannelId; readonly failure: string | null }
  | { readonly kind: 'voice-roles-changed'; readonly roleId: RoleId; readonly added: readonly UserId[]; readonly removed: readonly UserId[] }
  | { readonly kind: 'voice-role-failed'; readonly roleId: RoleId; readonly userId: UserId; readonly wasAdded: boolean; readonly failure: string }
  | { readonly kind: 'voice-webhook-queued'; readonly skipped: boolean }
  | { readonly kind: 'voice-webhook-settled'; readonly result: EffectResult['kind']; readonly isGone: boolean; readonly failure: string | null }

export interface LeaderboardEntry {
  readonly rank: number
  readonly userId: UserId
  readonly durationSeconds: number
  readonly sessions: number
}

/** The running period as a reply names it; null: none has begun yet. */
export interface RunningPeriod {
  readonly index: number
  readonly startedAt: number
  readonly endsAt: number | null
}

/** Seconds of one member or channel that did not count, by reason. */
export type SetAsideSeconds = Readonly<Partial<Record<PauseReason | 'unobserved', number>>>

export interface OwnTime {
  readonly durationSeconds: number
  readonly sessions: number
  readonly setAside: SetAsideSeconds
  /** Why time does not count right now; `counting`; null: no open session. */
  readonly now: PauseReason | 'counting' | 'unobserved' | null
  readonly rank: number | null
  readonly members: number
}

export type VoiceAttendanceReply =
  | VoiceSettingsReply
  /**
   * `isPartial`: more had to happen than fits one turn; told again, the rest happens. `isAwaiting`: the feed has to catch up
   * with what is known, and is settled after that.
   */
  | { readonly kind: 'observed'; readonly isPartial?: true; readonly isAwaiting?: true }
  | {
      readonly kind: 'leaderboard'
      /** The running period's; 0: none is running. */
      readonly periodIndex: number
      /** Index of the newest closed period; 0: none has closed. */
      readonly newestClosed: number
      readonly period: RunningPeriod | null
      readonly trackingMode: TrackingMode
      readonly tier: Tier | null
      readonly entries: readonly LeaderboardEntry[]
      readonly page: number
      readonly pages: number
      readonly own: LeaderboardEntry | null
    }
  | { readonly kind: 'own-time'; readonly period: RunningPeriod | null; readonly time: OwnTime }
  | {
      readonly kind: 'user-stats'
      readonly period: RunningPeriod | null
      readonly time: OwnTime
      /** Counted seconds of the members around and at the top, for the chart. */
      readonly neighbours: readonly LeaderboardEntry[]
    }
  | {
      readonly kind: 'channel-stats'
      readonly period: RunningPeriod | null
      readonly durationSeconds: number
      readonly sessions: number
      readonly openNow: number
      readonly isTracked: boolean
      /** All channels with time this period, most first. */
      readonly channels: readonly { readonly channelId: ChannelId; readonly durationSeconds: number }[]
      readonly activity: ActivityHours
    }
  /** How many log destinations are told; 0: there is none. */
  | { readonly kind: 'export-announced'; readonly channels: number }
  | { readonly kind: 'period-reset'; readonly index: number; readonly members: number }
  | { readonly kind: 'period-not-reset'; readonly reason: 'no-period' | 'another-period' }

/** Counted seconds by weekday (0 Monday) and hour of the guild's time zone: 168 numbers. */
export interface ActivityHours {
  readonly since: number | null
  readonly timeZone: string
  readonly weekStart: 'monday' | 'sunday'
  readonly seconds: readonly number[]
}

/** What a log destination shows; shards/effects makes a message of it. Payload of the outbox effect `post-log`. */
export type LogPost =
  | { readonly kind: 'sessions'; readonly sessions: readonly LoggedSession[] }
  | { readonly kind: 'period'; readonly index: number; readonly periodId: string; readonly startedAt: number; readonly endedAt: number; readonly entries: readonly LeaderboardEntry[]; readonly members: number; readonly unsigned: number }
  | { readonly kind: 'board'; readonly period: RunningPeriod | null; readonly entries: readonly LeaderboardEntry[]; readonly members: number }
  | { readonly kind: 'signing'; readonly change: SigningChange }
  /** `from` to `to`: the records that were exported. */
  | { readonly kind: 'export'; readonly from: number; readonly to: number; readonly at: number }

export interface LoggedSession {
  readonly sessionId: string
  readonly userId: UserId
  readonly channelId: ChannelId
  readonly leftAt: number
  readonly durationSeconds: number
  readonly setAsideSeconds: number
  readonly isUnsigned?: true
}
