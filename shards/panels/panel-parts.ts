/**
 * What a process has for role panels, put together: who waits here, the pace of REST, and looks at guilds and members.
 */
import type { Client, REST } from 'discord.js'
import { DiscordAPIError, RESTEvents } from 'discord.js'
import type { RESTGetAPIGuildMemberResult } from 'discord-api-types/v10'
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import type { Panel } from '../../actors/protocol/role-panel.ts'
import type { ActorRuntime } from '../../actors/runtime/actor-runtime.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import type { GuildId, RoleId } from '../../kernel/ids.ts'
import { opId } from '../../kernel/ids.ts'
import { uuidV7 } from '../../kernel/uuid.ts'
import type { AnswerInteractionDeps } from '../effects/answer-interaction.ts'
import type { PaceBucket } from '../effects/rest-pace.ts'
import { RestPace } from '../effects/rest-pace.ts'
import { AnswerWaiters } from './answer-waiters.ts'
import { viewGuild } from './guild-view.ts'
import type { PanelDesk } from './panel-desk.ts'

export interface PanelPartsDeps {
  readonly clock: Clock
  readonly client: Client
  readonly interactionRest: REST
  /** Made later than these parts. */
  runtime(): Pick<ActorRuntime, 'ask'>
  /** Unix ms by the database's clock. */
  now(): number
  random(length: number): Uint8Array
}

export interface PanelParts {
  readonly desk: PanelDesk
  readonly waiters: AnswerWaiters
  readonly pace: RestPace
  /** What effects need. */
  readonly effects: Pick<AnswerInteractionDeps, 'interactionRest' | 'deliver' | 'readPanel'> & { readonly pace: RestPace }
}

export function createPanelParts(deps: PanelPartsDeps, options: { readonly requestsPerSecond: number }): PanelParts {
  const { clock, client, interactionRest } = deps
  const waiters = new AnswerWaiters(clock)
  const pace = new RestPace({ clock }, options)
  client.rest.on(RESTEvents.Response, ({ method, path }, { headers }) => {
    const bucket = bucketOf(method, path)
    if (bucket === null) return
    pace.learn(bucket, { requests: Number(headers.get('x-ratelimit-limit')), resetAfterMs: Number(headers.get('x-ratelimit-reset-after')) * 1_000 })
  })
  return {
    waiters,
    pace,
    desk: {
      facts: (guildId) => viewGuild(client, guildId),
      awaitAnswer: (interactionId) => waiters.wait(interactionId),
      rolesOf: async (guildId, userId) => {
        try {
          const member = (await client.rest.get(Routes.guildMember(guildId, userId))) as RESTGetAPIGuildMemberResult
          return member.roles as RoleId[]
        } catch (thrown) {
          if (thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.UnknownMember) return null
          throw thrown
        }
      },
    },
    effects: {
      pace,
      interactionRest,
      deliver: (interactionId, answer) => waiters.deliver(interactionId, answer),
      readPanel: (guildId, panelId) => readPanel(deps, guildId, panelId),
    },
  }
}

/** The bucket that a request used up; null: one that nothing is paced by. */
function bucketOf(method: string, path: string): PaceBucket | null {
  const [, room, id = '', things, , more] = path.split('/')
  if (room === 'guilds' && things === 'members' && more === 'roles') return { kind: 'roles', id }
  if (room === 'guilds' && things === 'members' && method === 'GET') return { kind: 'looks', id }
  if (room !== 'channels' || things !== 'messages') return null
  if (method === 'POST') return { kind: 'posts', id }
  return method === 'PATCH' ? { kind: 'edits', id } : null
}

/** Null: it was deleted. Throws when it cannot be said now: the effect is tried again. */
async function readPanel({ runtime, now, random }: PanelPartsDeps, guildId: GuildId, panelId: string): Promise<Panel | null> {
  const outcome = await runtime().ask({
    guildId,
    opId: opId(uuidV7(now(), random(16))),
    command: { feature: 'role-panels', kind: 'read-panel', panelId },
    receivedAt: null,
    deadlineAt: null,
  })
  if (outcome.status === 'refused') throw new AppError('lease-ended', `the panel could not be read now (${outcome.reason})`)
  return outcome.reply.kind === 'panel' ? outcome.reply.panel : null
}
