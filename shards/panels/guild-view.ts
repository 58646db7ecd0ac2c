/**
 * A guild's roles and channels as discord.js keeps them, in our own words. Null where this process does not hear the
 * guild: then nobody here can say who stands above whom.
 */
import type { Client, Guild, NonThreadGuildBasedChannel, Role } from 'discord.js'
import { PermissionsBitField } from 'discord.js'
import { ChannelType } from 'discord-api-types/v10'
import type { ChannelId, GuildId, RoleId, UserId } from '../../kernel/ids.ts'
import type { ChannelFacts, GuildFacts, RoleFacts } from './guild-facts.ts'
import { isBelow } from './guild-facts.ts'

export function viewGuild(client: Client, guildId: GuildId): GuildFacts | null {
  const guild = client.guilds.cache.get(guildId)
  const me = guild?.members.me ?? null
  if (guild === undefined || me === null) return null
  // Each look at `me.roles` gathers them anew, and discord.js' own way to the highest walks through all roles of the guild.
  const own = [...me.roles.cache.values()].map(toRole)
  const channel = (known: NonThreadGuildBasedChannel): ChannelFacts => ({
    id: known.id as ChannelId,
    name: known.name,
    permissions: known.permissionsFor(me).bitfield,
  })
  return {
    guildId,
    ownerId: guild.ownerId as UserId,
    botPermissions: guild.ownerId === me.id ? PermissionsBitField.All : own.reduce((bits, { permissions }) => bits | permissions, 0n),
    botHighest: own.reduce<RoleFacts | null>((highest, role) => (isBelow(highest, role) ? role : highest), null),
    role(roleId) {
      const role = guild.roles.cache.get(roleId)
      return role === undefined ? null : toRole(role)
    },
    channel(channelId) {
      const known = textChannels(guild).find(({ id }) => id === channelId)
      return known === undefined ? null : channel(known)
    },
    channels: () => textChannels(guild).map(channel),
  }
}

const toRole = (role: Role): RoleFacts => ({
  id: role.id as RoleId,
  name: role.name,
  // As Discord tells it; `position` counts anew through all roles at each look.
  position: role.rawPosition,
  managed: role.managed,
  permissions: role.permissions.bitfield,
})

function textChannels(guild: Guild): NonThreadGuildBasedChannel[] {
  const channels: NonThreadGuildBasedChannel[] = []
  for (const channel of guild.channels.cache.values()) {
    if (channel.type === ChannelType.GuildText || channel.type === ChannelType.GuildAnnouncement) channels.push(channel)
  }
  return channels.sort((a, b) => a.rawPosition - b.rawPosition || (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
}
