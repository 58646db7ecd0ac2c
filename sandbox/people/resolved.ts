/**
 * `resolved`: the users, members, roles and channels an interaction mentions by id, in the form Discord adds.
 */
import type { APIInteractionDataResolved, APIInteractionDataResolvedChannel } from 'discord-api-types/v10'
import { ApplicationCommandOptionType } from 'discord-api-types/v10'
import type { World } from '../world/world.ts'
import { PeopleRefused, known } from './refused.ts'

export interface Resolver {
  /** Looks the id up if the type of option names a thing; other types are passed over. */
  add(type: ApplicationCommandOptionType, id: string): void
  resolved(): APIInteractionDataResolved
}

export function createResolver(world: World, guildId: string): Resolver {
  const resolved: Required<Omit<APIInteractionDataResolved, 'attachments'>> = { users: {}, members: {}, roles: {}, channels: {} }
  const addUser = (id: string): void => {
    resolved.users[id] = known(world.users.get(id), 'unknown-user', `user ${id}`)
    const member = world.members.get(guildId, id)
    if (member === undefined) return
    const { user: _user, deaf: _deaf, mute: _mute, ...rest } = member
    resolved.members[id] = { ...rest, permissions: String(world.permissions({ guildId, userId: id })) }
  }
  const addRole = (id: string): void => {
    resolved.roles[id] = known(world.roles.get(guildId, id), 'unknown-role', `role ${id}`)
  }
  const addChannel = (id: string): void => {
    const channel = world.channels.get(id)
    if (channel?.guild_id !== guildId) throw new PeopleRefused('unknown-channel', `no channel ${id} in the guild`)
    const { name, type } = channel
    const permissions = String(world.permissions({ guildId, userId: world.state.botId, channelId: id }))
    resolved.channels[id] = { id, name, type, permissions } as APIInteractionDataResolvedChannel
  }
  return {
    add(type, id) {
      if (type === ApplicationCommandOptionType.User) addUser(id)
      else if (type === ApplicationCommandOptionType.Role) addRole(id)
      else if (type === ApplicationCommandOptionType.Channel) addChannel(id)
      else if (type === ApplicationCommandOptionType.Mentionable) {
        if (world.roles.get(guildId, id) !== undefined) addRole(id)
        else addUser(id)
      }
    },
    resolved: () => Object.fromEntries(Object.entries(resolved).filter(([, things]) => Object.keys(things).length > 0)),
  }
}
