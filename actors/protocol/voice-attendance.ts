/**
 * Voice attendance: what can be asked, what can happen, what is kept. Times are Unix milliseconds, database's clock.
 *
 * A session is one member in one tracked channel. Its time falls into exactly one account at every instant: counted,
 * paused for one reason, or unobserved. Accounts are kept in milliseconds and floored where they are signed.
 */
import type { ChannelId, UserId } from '../../kernel/ids.ts'
import type { PausedSeconds } from './record.ts'

export const trackingModes = ['off', 'allowlist', 'denylist', 'all'] as const
export type TrackingMode = (typeof trackingModes)[number]
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

export type VoiceAttendanceCommand =
  | {
      readonly feature: 'voice-attendance'
      readonly kind: 'observe-voice'
      readonly voice: ObservedVoice
      /** Set on a dispatch replayed after RESUME: nobody watched from then until its receipt. */
      readonly unobservedSince?: number
    }
  | {
      readonly feature: 'voice-attendance'
      readonly kind: 'reconcile-voice'
      /** Everybody who is in voice now. */
      readonly voices: readonly ObservedVoice[]
      /** Nobody watched from this instant until now. */
      readonly watchedUntil: number
    }
  | { readonly feature: 'voice-attendance'; readonly kind: 'lose-feed'; readonly since: number }
  | {
      readonly feature: 'voice-attendance'
      readonly kind: 'set-tracking-mode'
      readonly mode: TrackingMode
      readonly byUserId: UserId
    }
  | {
      readonly feature: 'voice-attendance'
      readonly kind: 'read-leaderboard'
      readonly page: number
      readonly forUserId: UserId
    }

export type VoiceAttendanceEvent =
  | { readonly kind: 'voice-period-opened'; readonly periodId: string; readonly index: number }
  | { readonly kind: 'tracking-mode-set'; readonly mode: TrackingMode; readonly byUserId: UserId }
  | {
      readonly kind: 'voice-session-opened'
      readonly sessionId: string
      readonly voice: ObservedVoice
    }
  | { readonly kind: 'voice-flags-changed'; readonly voice: ObservedVoice; readonly unobservedSince?: number }
  /** From `since` on nobody watches; later time of every open session is unobserved until `voice-feed-resumed`. */
  | { readonly kind: 'voice-feed-lost'; readonly since: number }
  | { readonly kind: 'voice-feed-resumed'; readonly watchedUntil: number }
  | {
      readonly kind: 'voice-session-closed'
      readonly sessionId: string
      readonly userId: UserId
      readonly channelId: ChannelId
      readonly joinedAt: number
      readonly leftAt: number
      readonly durationSeconds: number
      readonly pausedSeconds: PausedSeconds
      readonly unobservedSeconds: number
      readonly recovered: boolean
    }

export interface LeaderboardEntry {
  readonly rank: number
  readonly userId: UserId
  readonly durationSeconds: number
  readonly sessions: number
}

export type VoiceAttendanceReply =
  | { readonly kind: 'observed' }
  | { readonly kind: 'tracking-mode-set'; readonly mode: TrackingMode; readonly previous: TrackingMode }
  | {
      readonly kind: 'leaderboard'
      readonly periodIndex: number
      readonly trackingMode: TrackingMode
      readonly entries: readonly LeaderboardEntry[]
      readonly page: number
      readonly pages: number
      readonly own: LeaderboardEntry | null
    }
