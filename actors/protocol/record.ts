/**
 * Records: the facts that become public receipts. A behaviour drafts them, the runtime seals them.
 *
 * A draft has neither sequence nor signature; both are given at sealing, never before. Payloads are what anyone may
 * read who knows the link: ids as strings, times RFC 3339 UTC with milliseconds.
 */
export interface PausedSeconds {
  readonly self_mute: number
  readonly server_mute: number
  readonly self_deaf: number
  readonly server_deaf: number
  readonly alone: number
  readonly afk: number
  readonly too_few: number
}

/** One finished stretch of one member in one tracked channel. */
export interface VoiceSessionPayload {
  readonly session_id: string
  readonly user_id: string
  readonly channel_id: string
  readonly period_id: string
  readonly joined_at: string
  readonly left_at: string
  readonly duration_seconds: number
  readonly paused_seconds: PausedSeconds
  readonly unobserved_seconds: number
  readonly recovered: boolean
  readonly split: boolean
  readonly rules_version: number
}

export type RecordDraft = {
  readonly type: 'voice-session'
  /** UUID; what `/verify/session/{uuid}` names. */
  readonly recordId: string
  readonly payload: VoiceSessionPayload
}

export type RecordType = RecordDraft['type']
