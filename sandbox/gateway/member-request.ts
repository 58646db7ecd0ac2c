/**
 * Op 8, request guild members: the chunks that answer it.
 *
 * Chunks hold exactly 1,000 members except the last, because discord.js takes a smaller one for the last. Asking for
 * everybody needs the members intent and is allowed once a guild in 30 s; above that RATE_LIMITED comes instead.
 */
import type { APIGuildMember, GatewayGuildMembersChunkDispatchData } from 'discord-api-types/v10'
import { GatewayDispatchEvents, GatewayIntentBits, GatewayOpcodes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { DispatchBody } from '../world/dispatch.ts'
import type { World } from '../world/world.ts'

const chunkMembers = 1_000
/** Most members a query, or a list of ids, answers with. */
const queryMembersMax = 100

const requestSchema = z.looseObject({
  guild_id: z.string(),
  query: z.string().optional(),
  limit: z.int().min(0).optional(),
  user_ids: z.union([z.string(), z.array(z.string()).max(queryMembersMax)]).optional(),
  nonce: z.string().max(32).optional(),
})

export type MemberRequest = z.infer<typeof requestSchema>

export function parseMemberRequest(data: unknown): MemberRequest | undefined {
  const parsed = requestSchema.safeParse(data)
  return parsed.success ? parsed.data : undefined
}

/** True for `query: '', limit: 0`: all members, the request Discord limits. */
export function asksForEveryone(request: MemberRequest): boolean {
  return request.user_ids === undefined && (request.query ?? '') === '' && (request.limit ?? 0) === 0
}

export function answerMemberRequest(world: World, request: MemberRequest, intents: number): DispatchBody[] {
  const isAllowed = !asksForEveryone(request) || (intents & GatewayIntentBits.GuildMembers) !== 0
  if (!isAllowed || world.guilds.get(request.guild_id)?.botPresent !== true) return []
  const { members, notFound } = selectMembers(world, request)
  const chunkCount = Math.max(1, Math.ceil(members.length / chunkMembers))
  return Array.from({ length: chunkCount }, (_, index) => {
    const d: GatewayGuildMembersChunkDispatchData = {
      guild_id: request.guild_id,
      members: members.slice(index * chunkMembers, (index + 1) * chunkMembers),
      chunk_index: index,
      chunk_count: chunkCount,
      ...(notFound.length === 0 ? {} : { not_found: notFound }),
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    }
    return { t: GatewayDispatchEvents.GuildMembersChunk, d }
  })
}

export function rateLimitedAnswer(request: MemberRequest, retryAfterMs: number): DispatchBody {
  const nonce = request.nonce === undefined ? {} : { nonce: request.nonce }
  const meta = { guild_id: request.guild_id, ...nonce }
  const d = { opcode: GatewayOpcodes.RequestGuildMembers as const, retry_after: retryAfterMs / 1_000, meta }
  return { t: GatewayDispatchEvents.RateLimited, d }
}

function selectMembers(world: World, request: MemberRequest): { members: APIGuildMember[]; notFound: string[] } {
  const { guild_id: guildId, user_ids: userIds, query = '', limit = 0 } = request
  if (userIds !== undefined) {
    const asked = typeof userIds === 'string' ? [userIds] : userIds
    const members = asked.map((id) => world.members.get(guildId, id)).filter((member) => member !== undefined)
    return { members, notFound: asked.filter((id) => !world.members.has(guildId, id)) }
  }
  const all = world.members.list(guildId)
  if (asksForEveryone(request)) return { members: all, notFound: [] }
  const wanted = query.toLowerCase()
  const startsSo = ({ nick, user }: APIGuildMember): boolean =>
    user.username.toLowerCase().startsWith(wanted) || (nick ?? '').toLowerCase().startsWith(wanted)
  const most = Math.min(queryMembersMax, limit === 0 ? queryMembersMax : limit)
  return { members: all.filter(startsSo).slice(0, most), notFound: [] }
}
