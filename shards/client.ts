/**
 * The discord.js client of a shard process: this process' shards, no caches beyond what sharding needs.
 *
 * Everything Muster acts on comes from `raw`; discord.js keeps the sockets alive, resumes them, and paces REST. Caches
 * are emptied because the actors hold the state: a guild costs its actor, and not a second copy in a library.
 */
import { Client, DefaultRestOptions, Options } from 'discord.js'
import type { ClusterClientData } from 'discord-hybrid-sharding'
import { AppError } from '../kernel/errors.ts'
import { leaseHeader } from './effects/lease-header.ts'
import { gatewayIntents } from './intents.ts'
import type { IdentifyLimits, IdentifyThrottle } from './gateway/identify-throttle.ts'

export interface ShardClientOptions {
  readonly discordApi: string
  readonly shards: Pick<ClusterClientData, 'SHARD_LIST' | 'TOTAL_SHARDS'>
  /** Paces IDENTIFY over all processes; discord.js asks for it once, with Discord's limits known. */
  createIdentifyThrottle(limits: IdentifyLimits): IdentifyThrottle
  /** This process' share of the 50 requests a second that Discord allows a token over all processes. */
  readonly restRequestsPerSecond: number
  /** True: members that leave or change roles are told. */
  readonly hasMembersIntent: boolean
  /** True while REST calls on behalf of our slots may leave. */
  leaseCovers(): boolean
}

export function createShardClient(options: ShardClientOptions): Client {
  const client = new Client({
    shards: [...options.shards.SHARD_LIST],
    shardCount: options.shards.TOTAL_SHARDS,
    intents: [...gatewayIntents(options)],
    rest: {
      api: options.discordApi,
      globalRequestsPerSecond: options.restRequestsPerSecond,
      makeRequest: async (url, init) => {
        const headers = { ...(init.headers as Record<string, string>) }
        if (headers[leaseHeader] !== undefined && !options.leaseCovers()) {
          throw new AppError('lease-ended', 'the lease ended while the request waited for its turn')
        }
        delete headers[leaseHeader]
        return await DefaultRestOptions.makeRequest(url, { ...init, headers })
      },
    },
    ws: {
      buildIdentifyThrottler: async (manager) => {
        const { session_start_limit: limit } = await manager.fetchGatewayInformation()
        return options.createIdentifyThrottle({ maxConcurrency: limit.max_concurrency, remaining: limit.remaining, resetAfterMs: limit.reset_after })
      },
    },
    makeCache: Options.cacheWithLimits({
      MessageManager: 0,
      GuildMemberManager: { maxSize: 0, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 0, keepOverLimit: (user) => user.id === user.client.user.id },
      VoiceStateManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
      GuildScheduledEventManager: 0,
      GuildInviteManager: 0,
      StageInstanceManager: 0,
      ThreadManager: 0,
      ThreadMemberManager: 0,
    }),
    allowedMentions: { parse: [] },
  })
  passOverInteractions(client)
  return client
}

/**
 * The library makes objects of each interaction, its member and its options for listeners that we do not have: a tenth of
 * what an answer costs this process. Where a later version has no such place, it goes on doing so, and a test says it.
 */
function passOverInteractions(client: Client): void {
  const { InteractionCreate } = (client as unknown as { readonly actions: { readonly InteractionCreate?: { handle(data: unknown): void } } }).actions
  if (InteractionCreate !== undefined) InteractionCreate.handle = () => undefined
}
