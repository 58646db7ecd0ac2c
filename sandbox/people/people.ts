/**
 * The people face: makes people and guilds, and acts as any of them.
 *
 *   const ada = people.guild(guildId).user(adaId)
 *   ada.joinVoice(channelId)
 *   const { message } = await ada.slash('leaderboard').reply()
 *
 * It stands where Discord's client stands: what a client refuses is refused here (PeopleRefused), what it allows
 * reaches the bot as on Discord. http.ts offers the same to other processes, client.ts speaks it.
 */
import type { APIRole, APIUser } from 'discord-api-types/v10'
import { ChannelType } from 'discord-api-types/v10'
import type { VoiceLogLine } from '../voice-log.ts'
import type { ChannelPatch, GuildChannelKind } from '../world/channels.ts'
import type { RolePatch } from '../world/roles.ts'
import type { GuildChannel, GuildState } from '../world/state.ts'
import type { HandleDeps } from './handle.ts'
import type { MemberDriver } from './member.ts'
import { createMember } from './member.ts'
import { PeopleRefused, known } from './refused.ts'

export interface NewGuild {
  name: string
  /** An existing user; without one an owner is made. */
  ownerId?: string
  /** Bits of the bot's role; default Administrator. */
  botPermissions?: bigint
  inviteBot?: boolean
  /** Made with the guild; by default one text channel `general`. */
  textChannels?: readonly string[]
  voiceChannels?: readonly string[]
  id?: string
}

export interface GuildDriver {
  readonly id: string
  state(): GuildState
  /** Acts as this user; members only, except that joining makes one. */
  user(userId: string): MemberDriver
  /** Makes a new person who is a member. */
  addMember(input: { username: string; globalName?: string; roles?: readonly string[] }): MemberDriver
  owner(): MemberDriver
  channel(name: string): GuildChannel
  createChannel(input: ChannelPatch & { name: string; type?: GuildChannelKind }): GuildChannel
  createRole(input: RolePatch & { name: string }): APIRole
  inviteBot(permissions?: bigint): void
  removeBot(): void
  /** False begins an outage of this guild, true ends it. */
  setAvailable(available: boolean): void
  /** Null: the guild has none any more. */
  setAfkChannel(channelId: string | null): void
}

export interface People {
  createUser(input: { username: string; globalName?: string; id?: string }): APIUser
  createGuild(input: NewGuild): GuildDriver
  guild(guildId: string): GuildDriver
  guilds(): GuildDriver[]
  voiceLog(): readonly VoiceLogLine[]
}

export function createPeople(deps: HandleDeps & { voiceLog: () => readonly VoiceLogLine[] }): People {
  const { world } = deps
  const createUser: People['createUser'] = ({ username, globalName, id }) => {
    const name = { username, globalName: globalName ?? null }
    return world.users.create(id === undefined ? name : { ...name, id })
  }
  const guild = (guildId: string): GuildDriver => {
    known(world.guilds.get(guildId), 'unknown-guild', `guild ${guildId}`)
    return createGuildDriver(deps, guildId, createUser)
  }
  return {
    createUser,
    createGuild({ textChannels = ['general'], voiceChannels = [], ownerId, ...input }) {
      const owner = ownerId ?? createUser({ username: 'owner' }).id
      known(world.users.get(owner), 'unknown-user', `user ${owner}`)
      const { id } = world.guilds.create({ ...input, ownerId: owner })
      for (const name of textChannels) world.channels.create(id, { name, type: ChannelType.GuildText })
      for (const name of voiceChannels) world.channels.create(id, { name, type: ChannelType.GuildVoice })
      return guild(id)
    },
    guild,
    guilds: () => [...world.state.guilds.keys()].map(guild),
    voiceLog: deps.voiceLog,
  }
}

function createGuildDriver(deps: HandleDeps, guildId: string, createUser: People['createUser']): GuildDriver {
  const { world } = deps
  const state = (): GuildState => known(world.guilds.get(guildId), 'unknown-guild', `guild ${guildId}`)
  const user = (userId: string): MemberDriver => {
    known(world.users.get(userId), 'unknown-user', `user ${userId}`)
    return refuseUnlessMember(createMember(deps, { guildId, userId }), () => world.members.has(guildId, userId))
  }
  return {
    id: guildId,
    state,
    user,
    addMember({ roles, ...input }) {
      const { id } = createUser(input)
      for (const role of roles ?? []) known(world.roles.get(guildId, role), 'unknown-role', `role ${role}`)
      world.members.add(guildId, id, { roles: [...(roles ?? [])] })
      return user(id)
    },
    owner: () => user(state().ownerId),
    channel: (name) =>
      known(world.channels.list(guildId).find((one) => one.name === name), 'unknown-channel', `channel named ${name}`),
    createChannel: (input) => world.channels.create(guildId, input),
    createRole: (input) => world.roles.create(guildId, input),
    inviteBot(permissions) {
      if (!state().botPresent) world.guilds.inviteBot(guildId, permissions)
    },
    removeBot() {
      if (state().botPresent) world.guilds.removeBot(guildId)
    },
    setAfkChannel: (afkChannelId) => void world.guilds.update(guildId, { afkChannelId }),
    setAvailable: (available) => world.guilds.setAvailable(guildId, available),
  }
}

/** Every act but joining is refused to somebody who is not, or no longer, a member. */
function refuseUnlessMember(driver: MemberDriver, isMember: () => boolean): MemberDriver {
  return new Proxy(driver, {
    get(target, key: keyof MemberDriver) {
      const value = target[key]
      if (typeof value !== 'function' || key === 'join' || isMember()) return value
      return () => {
        throw new PeopleRefused('unknown-member', `user ${target.userId} is not a member of guild ${target.guildId}`)
      }
    },
  })
}
