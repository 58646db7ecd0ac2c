/**
 * The people face over HTTP: the same acts under the same names, for other programs and for curl.
 *
 * Routes about guilds are here, those of a member in http-member.ts. README.md of the sandbox lists them all.
 */
import type { JsonRefusal, JsonRoute } from '../json-door.ts'
import { jsonLines } from '../json-door.ts'
import type { World } from '../world/world.ts'
import type { HandleDeps } from './handle.ts'
import { createHandle } from './handle.ts'
import { memberRoutes } from './http-member.ts'
import { bodies, given } from './http-schemas.ts'
import type { People } from './people.ts'
import { PeopleRefused, known } from './refused.ts'

export function peopleRoutes(deps: HandleDeps & { people: People }): JsonRoute[] {
  return [...userAndGuildRoutes(deps), ...guildRoutes(deps), ...interactionRoutes(deps), ...memberRoutes(deps.people)]
}

export function toPeopleRefusal(error: Error): JsonRefusal | undefined {
  if (!(error instanceof PeopleRefused)) return undefined
  return { status: statusOf(error.code), code: error.code, message: error.message }
}

function statusOf(code: PeopleRefused['code']): number {
  if (code === 'reply-timeout') return 504
  if (code.startsWith('unknown-')) return 404
  if (code === 'missing-permission' || code === 'command-not-permitted' || code === 'banned') return 403
  return 400
}

/** What everybody may know of a guild, for tools that look around. */
export function describeGuild(world: World, guildId: string) {
  const guild = known(world.guilds.get(guildId), 'unknown-guild', `guild ${guildId}`)
  const { id, name, ownerId, botPresent, available } = guild
  return {
    id,
    name,
    ownerId,
    botPresent,
    available,
    channels: world.channels.list(guildId),
    roles: world.roles.list(guildId),
    members: world.members.list(guildId),
    voice: world.voice.list(guildId),
  }
}

export type GuildDescription = ReturnType<typeof describeGuild>

function userAndGuildRoutes({ people, world }: HandleDeps & { people: People }): JsonRoute[] {
  return [
    {
      method: 'POST',
      pattern: '/people/users',
      handle: ({ body }) => people.createUser(given(bodies.createUser.parse(body))),
    },
    {
      method: 'GET',
      pattern: '/people/guilds',
      handle: () => people.guilds().map((guild) => given({ id: guild.id, name: guild.state().name })),
    },
    {
      method: 'POST',
      pattern: '/people/guilds',
      handle: ({ body }) => {
        const { botPermissions, ...rest } = bodies.createGuild.parse(body)
        const permissions = botPermissions === undefined ? undefined : BigInt(botPermissions)
        return describeGuild(world, people.createGuild(given({ ...rest, botPermissions: permissions })).id)
      },
    },
    {
      method: 'GET',
      pattern: '/people/log',
      handle: ({ query }) => jsonLines(people.voiceLog().filter((line) => line.n > Number(query.get('after') ?? 0))),
    },
  ]
}

function guildRoutes({ people, world }: HandleDeps & { people: People }): JsonRoute[] {
  const at = '/people/guilds/:guild'
  return [
    { method: 'GET', pattern: at, handle: ({ param }) => describeGuild(world, param('guild')) },
    {
      method: 'POST',
      pattern: `${at}/members`,
      handle: ({ param, body }) => people.guild(param('guild')).addMember(given(bodies.addMember.parse(body))).member(),
    },
    {
      method: 'POST',
      pattern: `${at}/channels`,
      handle: ({ param, body }) => people.guild(param('guild')).createChannel(given(bodies.createChannel.parse(body))),
    },
    {
      method: 'POST',
      pattern: `${at}/roles`,
      handle: ({ param, body }) => people.guild(param('guild')).createRole(given(bodies.createRole.parse(body))),
    },
    {
      method: 'POST',
      pattern: `${at}/bot`,
      handle: ({ param, body }) => {
        const { present, permissions } = bodies.bot.parse(body)
        const guild = people.guild(param('guild'))
        if (!present) guild.removeBot()
        else if (permissions === undefined) guild.inviteBot()
        else guild.inviteBot(BigInt(permissions))
      },
    },
    {
      method: 'POST',
      pattern: `${at}/available`,
      handle: ({ param, body }) => people.guild(param('guild')).setAvailable(bodies.available.parse(body).available),
    },
  ]
}

function interactionRoutes(deps: HandleDeps): JsonRoute[] {
  const at = '/people/interactions/:interaction'
  const handleOf = (interactionId: string) =>
    createHandle(deps, known(deps.interactions.get(interactionId), 'unknown-interaction', `interaction ${interactionId}`))
  const wait = (query: URLSearchParams) => (query.has('timeoutMs') ? { timeoutMs: Number(query.get('timeoutMs')) } : {})
  return [
    {
      method: 'GET',
      pattern: `${at}/reply`,
      handle: ({ param, query }) => handleOf(param('interaction')).reply(wait(query)),
    },
    {
      method: 'GET',
      pattern: `${at}/acknowledged`,
      handle: async ({ param, query }) => ({ state: await handleOf(param('interaction')).acknowledged(wait(query)) }),
    },
    { method: 'GET', pattern: `${at}/followups`, handle: ({ param }) => handleOf(param('interaction')).followups() },
  ]
}
