/**
 * Who is in voice where, as Discord itself knows it: what a guild is told with when a session begins, and what was really
 * the case when the judge asks for it afterwards.
 *
 * Every stay in a channel has a voice session of its own, so that no state comes again: then a switch of feeds is exact.
 */
import type { ChannelId, GuildId, UserId } from '../../kernel/ids.ts'
import type { ObservedVoice } from '../../actors/protocol/voice-attendance.ts'
import type { DispatchedEvent } from './plan.ts'

/** One member in one channel from when to when, simulated ms; `toMs` null: still there. */
export interface Stay {
  readonly guildId: GuildId
  readonly voiceSessionId: string
  readonly fromMs: number
  toMs: number | null
}

export class VoiceTruth {
  readonly stays: Stay[] = []
  readonly #voices = new Map<GuildId, Map<UserId, ObservedVoice>>()
  readonly #open = new Map<string, Stay>()

  /** What a member does now, as the gateway will tell it. */
  change(guildId: GuildId, what: Extract<DispatchedEvent, { kind: 'voice' }>, nowMs: number): ObservedVoice {
    const userId = `${1000 + what.user}` as UserId
    const channelId = what.channel === null ? null : (`${2000 + what.channel}` as ChannelId)
    const voices = this.#voices.get(guildId) ?? new Map<UserId, ObservedVoice>()
    this.#voices.set(guildId, voices)
    const before = voices.get(userId)
    const isSame = before !== undefined && before.channelId === channelId
    const voice: ObservedVoice = {
      userId,
      bot: false,
      channelId,
      voiceSessionId: isSame ? before.voiceSessionId : `stay-${this.stays.length}`,
      selfMute: what.isMuted,
      serverMute: false,
      selfDeaf: false,
      serverDeaf: false,
    }
    if (!isSame) this.#move(guildId, voice, nowMs)
    if (channelId === null) voices.delete(userId)
    else voices.set(userId, voice)
    return voice
  }

  voicesOf(guildId: GuildId): readonly ObservedVoice[] {
    return [...(this.#voices.get(guildId)?.values() ?? [])]
  }

  #move(guildId: GuildId, { userId, channelId, voiceSessionId }: ObservedVoice, nowMs: number): void {
    const key = `${guildId} ${userId}`
    const open = this.#open.get(key)
    if (open !== undefined) open.toMs = nowMs
    this.#open.delete(key)
    if (channelId === null) return
    const stay: Stay = { guildId, voiceSessionId, fromMs: nowMs, toMs: null }
    this.stays.push(stay)
    this.#open.set(key, stay)
  }
}
