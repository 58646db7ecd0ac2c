/**
 * What one member sees: channels they may view, and in them every message except others' ephemeral ones.
 */
import type { APIMessage } from 'discord-api-types/v10'
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { GuildChannel } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { PeopleRefused, known } from './refused.ts'

export interface VisibleMessages {
  channels(): GuildChannel[]
  /** The channel, refused as unknown when the member may not view it. */
  channel(channelId: string): GuildChannel
  /** Oldest first. */
  list(channelId: string): APIMessage[]
  message(channelId: string, messageId: string): APIMessage
}

export function createVisibleMessages(world: World, who: { guildId: string; userId: string }): VisibleMessages {
  const maySee = (channel: GuildChannel): boolean =>
    (world.permissions({ ...who, channelId: channel.id }) & PermissionFlagsBits.ViewChannel) !== 0n
  const channel = (channelId: string): GuildChannel => {
    const found = world.channels.get(channelId)
    if (found?.guild_id !== who.guildId || !maySee(found)) {
      throw new PeopleRefused('unknown-channel', `the member sees no channel ${channelId}`)
    }
    return found
  }
  const list = (channelId: string): APIMessage[] =>
    world.messages
      .list(channel(channelId).id)
      .filter(({ visibleTo }) => visibleTo === null || visibleTo === who.userId)
      .map(({ message }) => message)
  return {
    channels: () => world.channels.list(who.guildId).filter(maySee),
    channel,
    list,
    message(channelId, messageId) {
      // By its id: a channel of a crowd holds thousands.
      const found = world.messages.get(channel(channelId).id, messageId)
      const isSeen = found?.visibleTo === null || found?.visibleTo === who.userId
      return known(isSeen ? found?.message : undefined, 'unknown-message', `message ${messageId} that the member sees in channel ${channelId}`)
    },
  }
}
