/**
 * The people face for other processes: the same acts under the same names, over the sandbox's HTTP interface.
 *
 *   const people = createPeopleClient('http://127.0.0.1:4140')
 *   const guild = await people.createGuild({ name: 'Tower', voiceChannels: ['Watch'] })
 *   const ada = await people.guild(guild.id).addMember({ username: 'ada' })
 *   const answer = await (await ada.slash('leaderboard')).reply()
 *
 * Thin: it checks nothing, the sandbox does. A refusal comes back as the same PeopleRefused with the same code; a
 * sandbox that cannot be reached is an AppError `discord-unavailable`. `describeGuild` and `messages` are looks.
 */
import type { APIGuildMember, APIRole, APIUser } from 'discord-api-types/v10'
import type { VoiceLogLine } from '../voice-log.ts'
import type { GuildChannel } from '../world/state.ts'
import { createCaller } from './client-call.ts'
import type { MemberClient } from './client-member.ts'
import { createMemberClient } from './client-member.ts'
import type { GuildDescription } from './http.ts'
import type { NewGuild } from './people.ts'

export interface GuildClient {
  readonly id: string
  /** Channels, roles, members and voice states as they are now. */
  describe(): Promise<GuildDescription>
  user(userId: string): MemberClient
  addMember(input: { username: string; globalName?: string; roles?: readonly string[] }): Promise<MemberClient>
  createChannel(input: { name: string; type?: number; parent_id?: string; user_limit?: number }): Promise<GuildChannel>
  createRole(input: { name: string; permissions?: string; color?: number; hoist?: boolean }): Promise<APIRole>
  inviteBot(permissions?: bigint): Promise<void>
  removeBot(): Promise<void>
  setAvailable(available: boolean): Promise<void>
}

export interface PeopleClient {
  createUser(input: { username: string; globalName?: string; id?: string }): Promise<APIUser>
  createGuild(input: NewGuild): Promise<GuildDescription>
  guild(guildId: string): GuildClient
  guilds(): Promise<{ id: string; name: string }[]>
  /** Lines of the voice log numbered above `after`. */
  voiceLog(after?: number): Promise<VoiceLogLine[]>
}

export function createPeopleClient(baseUrl: string): PeopleClient {
  const call = createCaller(baseUrl)
  const guild = (guildId: string): GuildClient => {
    const at = `/people/guilds/${guildId}`
    const user = (userId: string): MemberClient => createMemberClient(call, { guildId, userId })
    return {
      id: guildId,
      describe: () => call.get<GuildDescription>(at),
      user,
      async addMember(input) {
        const { user: account } = await call.post<APIGuildMember>(`${at}/members`, input)
        return user(account.id)
      },
      createChannel: (input) => call.post<GuildChannel>(`${at}/channels`, input),
      createRole: (input) => call.post<APIRole>(`${at}/roles`, input),
      inviteBot: (permissions) =>
        call.act(`${at}/bot`, { present: true, ...(permissions === undefined ? {} : { permissions: String(permissions) }) }),
      removeBot: () => call.act(`${at}/bot`, { present: false }),
      setAvailable: (available) => call.act(`${at}/available`, { available }),
    }
  }
  return {
    createUser: (input) => call.post<APIUser>('/people/users', input),
    createGuild: ({ botPermissions, ...input }) => {
      const bits = botPermissions === undefined ? {} : { botPermissions: String(botPermissions) }
      return call.post<GuildDescription>('/people/guilds', { ...input, ...bits })
    },
    guild,
    guilds: () => call.get<{ id: string; name: string }[]>('/people/guilds'),
    voiceLog: (after = 0) => call.getLines<VoiceLogLine>(`/people/log?after=${after}`),
  }
}

