/**
 * A moderator in voice: server mute and deafening, moving and disconnecting others, each with the permission it needs.
 */
import { AuditLogEvent, PermissionFlagsBits } from 'discord-api-types/v10'
import { isVoiceChannel } from '../world/channels.ts'
import type { World } from '../world/world.ts'
import { createDeeds } from './deeds.ts'
import { PeopleRefused } from './refused.ts'

export interface VoiceModeration {
  serverMute(userId: string, on: boolean): void
  serverDeaf(userId: string, on: boolean): void
  moveMember(userId: string, channelId: string): void
  /** Throws the other out of voice. */
  disconnectMember(userId: string): void
}

export function createVoiceModeration(world: World, who: { guildId: string; userId: string }): VoiceModeration {
  const { guildId } = who
  const { need, note } = createDeeds(world, who)
  const inVoice = (userId: string): void => {
    if (world.voice.get(guildId, userId) === undefined) throw new PeopleRefused('not-in-voice', `user ${userId} is not in voice`)
  }
  return {
    serverMute(userId, on) {
      need(PermissionFlagsBits.MuteMembers)
      inVoice(userId)
      world.voice.setServerFlags(guildId, userId, { mute: on })
      note(AuditLogEvent.MemberUpdate, userId)
    },
    serverDeaf(userId, on) {
      need(PermissionFlagsBits.DeafenMembers)
      inVoice(userId)
      world.voice.setServerFlags(guildId, userId, { deaf: on })
      note(AuditLogEvent.MemberUpdate, userId)
    },
    moveMember(userId, channelId) {
      need(PermissionFlagsBits.MoveMembers)
      inVoice(userId)
      const channel = world.channels.get(channelId)
      if (!isVoiceChannel(channel)) throw new PeopleRefused('not-a-voice-channel', `channel ${channelId} has no voice`)
      world.voice.join(guildId, userId, channelId)
      note(AuditLogEvent.MemberMove, null)
    },
    disconnectMember(userId) {
      need(PermissionFlagsBits.MoveMembers)
      inVoice(userId)
      world.voice.leave(guildId, userId)
      note(AuditLogEvent.MemberDisconnect, null)
    },
  }
}
