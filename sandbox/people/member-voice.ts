/**
 * A member and voice: joining, moving, muting, leaving, within what the member's permissions allow.
 */
import { ChannelType, PermissionFlagsBits } from 'discord-api-types/v10'
import { isVoiceChannel } from '../world/channels.ts'
import type { VoiceFlags } from '../world/voice.ts'
import type { World } from '../world/world.ts'
import { PeopleRefused } from './refused.ts'

export interface JoinFlags {
  selfMute?: boolean
  selfDeaf?: boolean
}

export interface MemberVoice {
  /** Joins, or moves when already in voice. */
  joinVoice(channelId: string, flags?: JoinFlags): void
  /** Moves; refused when not in voice. */
  moveVoice(channelId: string): void
  leaveVoice(): void
  selfMute(on: boolean): void
  /** A client that deafens itself also mutes itself. */
  selfDeaf(on: boolean): void
  selfStream(on: boolean): void
  selfVideo(on: boolean): void
  /** The channel the member is in, or null. */
  voiceChannel(): string | null
}

export function createMemberVoice(world: World, who: { guildId: string; userId: string }): MemberVoice {
  const { guildId, userId } = who
  const inVoice = (): void => {
    if (world.voice.get(guildId, userId) === undefined) throw new PeopleRefused('not-in-voice', 'the member is not in voice')
  }
  const setFlags = (flags: VoiceFlags): void => {
    inVoice()
    world.voice.setFlags(guildId, userId, flags)
  }
  const othersIn = (channelId: string): number =>
    world.voice.list(guildId).filter((state) => state.channel_id === channelId && state.user_id !== userId).length
  const joinVoice = (channelId: string, flags: JoinFlags = {}): void => {
    const channel = world.channels.get(channelId)
    if (channel?.guild_id !== guildId) throw new PeopleRefused('unknown-channel', `no channel ${channelId} in the guild`)
    if (!isVoiceChannel(channel)) throw new PeopleRefused('not-a-voice-channel', `channel ${channelId} has no voice`)
    const permissions = world.permissions({ ...who, channelId })
    const needed = PermissionFlagsBits.ViewChannel | PermissionFlagsBits.Connect
    if ((permissions & needed) !== needed) {
      throw new PeopleRefused('missing-permission', `the member may not connect to channel ${channelId}`)
    }
    const limit = channel.user_limit ?? 0
    const mayOverfill = (permissions & PermissionFlagsBits.MoveMembers) !== 0n
    // Counted only where it matters: a thousand who join at once would each look at all the others.
    if (limit > 0 && !mayOverfill && othersIn(channelId) >= limit) {
      throw new PeopleRefused('channel-full', `channel ${channelId} is full`)
    }
    const suppress = channel.type === ChannelType.GuildStageVoice
    const { selfMute: self_mute, selfDeaf: self_deaf } = flags
    world.voice.join(guildId, userId, channelId, {
      suppress,
      ...(self_mute === undefined ? {} : { self_mute }),
      ...(self_deaf === undefined ? {} : { self_deaf, ...(self_deaf ? { self_mute: true } : {}) }),
    })
  }
  return {
    joinVoice,
    moveVoice(channelId) {
      inVoice()
      joinVoice(channelId)
    },
    leaveVoice() {
      inVoice()
      world.voice.leave(guildId, userId)
    },
    selfMute: (on) => setFlags(on ? { self_mute: true } : { self_mute: false, self_deaf: false }),
    selfDeaf: (on) => setFlags(on ? { self_deaf: true, self_mute: true } : { self_deaf: false }),
    selfStream: (on) => setFlags({ self_stream: on }),
    selfVideo: (on) => setFlags({ self_video: on }),
    voiceChannel: () => world.voice.get(guildId, userId)?.channel_id ?? null,
  }
}
