/**
 * The world: everything that exists on this Discord, in memory, behind one door.
 *
 * Three faces change it (bot over REST, people, faults) and every change is dispatched to gateways by the mutation
 * itself. It assumes one process and one event loop: a mutation is never interleaved with another. It promises that
 * ids are unique for ever and that what `onDispatch` hears is complete and in order.
 */
import type { APIGuild, APIGuildMember, APIUser, GatewayGuildCreateDispatchData } from 'discord-api-types/v10'
import type { Clock } from '../../kernel/clock.ts'
import type { Channels } from './channels.ts'
import { createChannels } from './channels.ts'
import type { Commands } from './commands.ts'
import { createCommands } from './commands.ts'
import { createCore } from './core.ts'
import type { DispatchHub } from './dispatch.ts'
import { createDispatchHub } from './dispatch.ts'
import type { Files } from './files.ts'
import { createFiles } from './files.ts'
import { toApiGuild, toGuildCreateData } from './guild-view.ts'
import type { Guilds } from './guilds.ts'
import { createGuilds } from './guilds.ts'
import type { Members } from './members.ts'
import { createMembers } from './members.ts'
import type { Messages } from './messages.ts'
import { createMessages } from './messages.ts'
import type { AuditLog, Bans } from './moderation.ts'
import { createAuditLog, createBans } from './moderation.ts'
import { computePermissions } from './permissions.ts'
import type { Reactions } from './reactions.ts'
import { createReactions } from './reactions.ts'
import type { Roles } from './roles.ts'
import { createRoles } from './roles.ts'
import { createSnowflakes } from './snowflakes.ts'
import type { WorldState } from './state.ts'
import type { Users } from './users.ts'
import { createUsers } from './users.ts'
import type { Voice } from './voice.ts'
import { createVoice } from './voice.ts'

export interface World {
  /** Read only for everybody outside this folder. */
  readonly state: WorldState
  readonly application: WorldState['application']
  readonly users: Users
  readonly guilds: Guilds
  readonly roles: Roles
  readonly members: Members
  readonly channels: Channels
  readonly messages: Messages
  readonly reactions: Reactions
  readonly voice: Voice
  readonly bans: Bans
  readonly auditLog: AuditLog
  readonly commands: Commands
  readonly files: Files
  bot(): APIUser
  newId(): string
  nowMs(): number
  apiGuild(guildId: string): APIGuild
  apiMember(guildId: string, userId: string): APIGuildMember
  guildCreateData(guildId: string): GatewayGuildCreateDispatchData
  /** What the user may do in the guild, or in the channel; 0n for somebody who is not a member. */
  permissions(target: { guildId: string; userId: string; channelId?: string | undefined }): bigint
  readonly emit: DispatchHub['emit']
  readonly onDispatch: DispatchHub['onDispatch']
  /** Any change at all, also those no gateway hears of. */
  readonly onTouched: DispatchHub['onTouched']
}

export function createWorld(deps: { clock: Clock }, options: { state?: WorldState; botName?: string } = {}): World {
  const { clock } = deps
  const state = options.state ?? createEmptyState()
  const ids = createSnowflakes(clock, state.counters)
  const hub = createDispatchHub()
  const core = createCore({ state, clock, ids, hub })
  const users = createUsers(core)
  const name = options.botName ?? 'Muster'
  if (state.botId === '') {
    // A bot's user has the id of its application, as for every application made since 2016.
    state.botId = users.create({ username: name, bot: true }).id
    state.application = { id: state.botId, name, publicKey: '0'.repeat(64) }
  }
  const voice = createVoice(core)
  const members = createMembers(core, voice)
  const channels = createChannels(core, voice)
  const guildCreateData = (guildId: string): GatewayGuildCreateDispatchData => toGuildCreateData(core, guildId)
  return {
    state,
    application: state.application,
    users,
    guilds: createGuilds(core, guildCreateData),
    roles: createRoles(core),
    members,
    channels,
    messages: createMessages(core, channels.guildIdOf),
    reactions: createReactions(core, channels.guildIdOf),
    voice,
    bans: createBans(core, members),
    auditLog: createAuditLog(core),
    commands: createCommands(core),
    files: createFiles(),
    bot: () => core.user(state.botId),
    newId: () => ids.next(),
    nowMs: () => clock.wallMs(),
    apiGuild: (guildId) => toApiGuild(core, guildId),
    apiMember: core.apiMember,
    guildCreateData,
    permissions: (target) => computePermissions(core, target),
    emit: hub.emit,
    onDispatch: hub.onDispatch,
    onTouched: hub.onTouched,
  }
}

function createEmptyState(): WorldState {
  return {
    counters: { low: 0, lastGuildMs: 0 },
    application: { id: '', name: '', publicKey: '' },
    botId: '',
    users: new Map(),
    closedDms: new Set(),
    guilds: new Map(),
    dms: new Map(),
    messages: new Map(),
    commands: new Map(),
  }
}
