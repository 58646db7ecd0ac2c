/**
 * What every mutation of the world is built on: the state, ids, time, and the way to tell gateways.
 *
 * Mutations assume their target exists: doors (REST, people) look first and answer 404; here a miss is a bug.
 */
import type { APIUser, APIGuildMember } from 'discord-api-types/v10'
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { DispatchHub } from './dispatch.ts'
import type { Snowflakes } from './snowflakes.ts'
import type { GuildState, MemberState, WorldState } from './state.ts'

/** No flag of any flags enum; discord-api-types refuses the literal 0. */
export const noFlags: number = 0

export interface WorldCore {
  readonly state: WorldState
  readonly clock: Clock
  readonly ids: Snowflakes
  readonly hub: DispatchHub
  /** The current instant as Discord writes it: ISO 8601 in UTC. */
  now(): string
  guild(guildId: string): GuildState
  user(userId: string): APIUser
  member(guildId: string, userId: string): MemberState
  /** The member as the API shows it, user joined in. */
  apiMember(guildId: string, userId: string): APIGuildMember
}

export function createCore(deps: { state: WorldState; clock: Clock; ids: Snowflakes; hub: DispatchHub }): WorldCore {
  const { state, clock } = deps
  const core: WorldCore = {
    ...deps,
    now: () => new Date(clock.wallMs()).toISOString().replace('Z', '+00:00'),
    guild(guildId) {
      const guild = state.guilds.get(guildId)
      assert(guild !== undefined, `no guild ${guildId} in the world`)
      return guild
    },
    user(userId) {
      const user = state.users.get(userId)
      assert(user !== undefined, `no user ${userId} in the world`)
      return user
    },
    member(guildId, userId) {
      const member = core.guild(guildId).members.get(userId)
      assert(member !== undefined, `user ${userId} is not a member of guild ${guildId}`)
      return member
    },
    apiMember: (guildId, userId) => ({ ...core.member(guildId, userId), user: core.user(userId) }),
  }
  return core
}
