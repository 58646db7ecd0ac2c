/**
 * Who is in voice now, as the gateway told: what a guild is reconciled with when its slot is won or its feed returns.
 *
 * discord.js keeps the same in its caches, but drops voice updates after a resume with empty caches; this one is fed
 * from the raw dispatches. Bounded by Discord: one voice state a member, and only members in voice are kept.
 */
import type { ObservedVoice } from '../../actors/protocol/voice-attendance.ts'
import type { ChannelId, GuildId, Slot, UserId } from '../../kernel/ids.ts'
import { slotOf } from '../../actors/ownership/slots.ts'

export class VoiceTracker {
  readonly #voices = new Map<GuildId, Map<UserId, ObservedVoice>>()
  readonly #heardSince = new Map<GuildId, number>()
  readonly #afkChannels = new Map<GuildId, ChannelId | null>()
  readonly #guildsOfSlot = new Map<Slot, Set<GuildId>>()

  /** The whole truth about one guild, from GUILD_CREATE, heard at `at` (Unix ms); from there on every change is heard. */
  replace(guild: GuildId, voices: readonly ObservedVoice[], at: number): void {
    const slot = slotOf(guild)
    this.#guildsOfSlot.set(slot, (this.#guildsOfSlot.get(slot) ?? new Set()).add(guild))
    this.#voices.set(guild, new Map(voices.map((voice) => [voice.userId, voice])))
    this.#heardSince.set(guild, at)
  }

  /** As GUILD_CREATE and GUILD_UPDATE tell. True: it is another one than before. */
  setAfkChannel(guild: GuildId, channel: ChannelId | null): boolean {
    const isNew = this.#afkChannels.get(guild) !== channel
    this.#afkChannels.set(guild, channel)
    return isNew
  }

  /** Undefined: not told yet. */
  afkChannelOf(guild: GuildId): ChannelId | null | undefined {
    return this.#afkChannels.get(guild)
  }

  /**
   * One change; a guild that was never told of is left alone. False: who is not in voice left it once more, which tells
   * nothing, and could be taken for the end of a stay that this feed has not told yet.
   */
  apply(guild: GuildId, voice: ObservedVoice): boolean {
    const voices = this.#voices.get(guild)
    if (voices === undefined) return true
    if (voice.channelId === null) return voices.delete(voice.userId)
    voices.set(voice.userId, voice)
    return true
  }

  forget(guild: GuildId): void {
    this.#voices.delete(guild)
    this.#heardSince.delete(guild)
    this.#afkChannels.delete(guild)
    this.#guildsOfSlot.get(slotOf(guild))?.delete(guild)
  }

  knows(guild: GuildId): boolean {
    return this.#voices.has(guild)
  }

  voicesOf(guild: GuildId): readonly ObservedVoice[] {
    return [...(this.#voices.get(guild)?.values() ?? [])]
  }

  /** Null: not in voice, or unknown. */
  voiceOf(guild: GuildId, user: UserId): ObservedVoice | null {
    return this.#voices.get(guild)?.get(user) ?? null
  }

  /** Unix ms; Infinity: the guild is unknown. */
  heardSince(guild: GuildId): number {
    return this.#heardSince.get(guild) ?? Infinity
  }

  guildsOf(slot: Slot): readonly GuildId[] {
    return [...(this.#guildsOfSlot.get(slot) ?? [])]
  }

  get guildCount(): number {
    return this.#voices.size
  }
}
