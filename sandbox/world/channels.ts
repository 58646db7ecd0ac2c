/**
 * Channels of guilds: text, announcement, voice, stage and categories.
 *
 * Deleting a voice channel disconnects who is in it, and that is told before the channel's own end.
 */
import type { APIDMChannel, APIOverwrite } from 'discord-api-types/v10'
import { ChannelType, GatewayDispatchEvents, GatewayIntentBits } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { WorldCore } from './core.ts'
import { noFlags } from './core.ts'
import type { GuildChannel, VoiceChannel } from './state.ts'
import type { Voice } from './voice.ts'

export type GuildChannelKind = GuildChannel['type']

/** Fields of any kind of channel that REST may set; the caller gives only those that fit the kind. */
export interface ChannelPatch {
  name?: string
  topic?: string | null
  nsfw?: boolean
  position?: number
  parent_id?: string | null
  rate_limit_per_user?: number
  bitrate?: number
  user_limit?: number
  rtc_region?: string | null
  permission_overwrites?: APIOverwrite[]
}

export interface Channels {
  /** The guild's channel; undefined for direct messages and unknown ids. */
  get(channelId: string): GuildChannel | undefined
  /** A guild's channel or a direct message channel of the bot. */
  find(channelId: string): GuildChannel | APIDMChannel | undefined
  guildIdOf(channelId: string): string | undefined
  list(guildId: string): GuildChannel[]
  create(guildId: string, input: ChannelPatch & { name: string; type?: GuildChannelKind }): GuildChannel
  update(channelId: string, patch: ChannelPatch): GuildChannel
  setOverwrite(channelId: string, overwrite: APIOverwrite): void
  removeOverwrite(channelId: string, overwriteId: string): void
  remove(channelId: string): GuildChannel
}

export function isVoiceChannel(channel: GuildChannel | APIDMChannel | undefined): channel is VoiceChannel {
  return channel?.type === ChannelType.GuildVoice || channel?.type === ChannelType.GuildStageVoice
}

function blankChannel(common: { id: string; guild_id: string; name: string }, type: GuildChannelKind): GuildChannel {
  const base = { ...common, position: 0, flags: noFlags, permission_overwrites: [], nsfw: false }
  switch (type) {
    case ChannelType.GuildCategory:
      return { ...base, type, parent_id: null }
    case ChannelType.GuildVoice:
    case ChannelType.GuildStageVoice: {
      const voice = { parent_id: null, last_message_id: null, rate_limit_per_user: 0, bitrate: 64_000, user_limit: 0 }
      return { ...base, ...voice, type, rtc_region: null }
    }
    case ChannelType.GuildText:
    case ChannelType.GuildAnnouncement:
      return { ...base, type, parent_id: null, topic: null, last_message_id: null, rate_limit_per_user: 0 }
  }
}

export function createChannels(core: WorldCore, voice: Pick<Voice, 'list' | 'leave'>): Channels {
  const { state, hub } = core
  const intent = GatewayIntentBits.Guilds
  // Ids are looked up over all guilds by REST, so an index spares a walk; it is filled from a loaded world here.
  const guildOf = new Map<string, string>()
  for (const guild of state.guilds.values()) for (const id of guild.channels.keys()) guildOf.set(id, guild.id)

  const get = (channelId: string): GuildChannel | undefined => {
    const guildId = guildOf.get(channelId)
    return guildId === undefined ? undefined : state.guilds.get(guildId)?.channels.get(channelId)
  }
  const must = (channelId: string): { guildId: string; channel: GuildChannel } => {
    const channel = get(channelId)
    const guildId = guildOf.get(channelId)
    assert(channel !== undefined && guildId !== undefined, `no channel ${channelId} in the world`)
    return { guildId, channel }
  }
  const update = (channelId: string, patch: ChannelPatch): GuildChannel => {
    const { guildId, channel } = must(channelId)
    // The patch holds only fields of this kind of channel, which the spread cannot tell the compiler.
    const changed = { ...channel, ...patch } as GuildChannel
    core.guild(guildId).channels.set(channelId, changed)
    hub.emit({ t: GatewayDispatchEvents.ChannelUpdate, d: changed }, { guildId, intent })
    return changed
  }
  const overwritesBut = (channelId: string, overwriteId: string): APIOverwrite[] =>
    (must(channelId).channel.permission_overwrites ?? []).filter((one) => one.id !== overwriteId)

  return {
    get,
    find: (channelId) => get(channelId) ?? state.dms.get(channelId),
    guildIdOf: (channelId) => guildOf.get(channelId),
    list: (guildId) => [...core.guild(guildId).channels.values()],
    create(guildId, { name, type = ChannelType.GuildText, ...patch }) {
      const guild = core.guild(guildId)
      const blank = blankChannel({ id: core.ids.next(), guild_id: guildId, name }, type)
      const channel = { ...blank, position: guild.channels.size, ...patch } as GuildChannel
      guild.channels.set(channel.id, channel)
      guildOf.set(channel.id, guildId)
      hub.emit({ t: GatewayDispatchEvents.ChannelCreate, d: channel }, { guildId, intent })
      return channel
    },
    update,
    setOverwrite(channelId, overwrite) {
      update(channelId, { permission_overwrites: [...overwritesBut(channelId, overwrite.id), overwrite] })
    },
    removeOverwrite(channelId, overwriteId) {
      update(channelId, { permission_overwrites: overwritesBut(channelId, overwriteId) })
    },
    remove(channelId) {
      const { guildId, channel } = must(channelId)
      for (const voiceState of voice.list(guildId)) {
        if (voiceState.channel_id === channelId) voice.leave(guildId, voiceState.user_id)
      }
      core.guild(guildId).channels.delete(channelId)
      guildOf.delete(channelId)
      state.messages.delete(channelId)
      hub.emit({ t: GatewayDispatchEvents.ChannelDelete, d: channel }, { guildId, intent })
      return channel
    },
  }
}
