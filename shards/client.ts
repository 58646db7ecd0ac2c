/**
 * The discord.js client of a shard process: this process' shards, no caches beyond what sharding needs.
 *
 * Everything Muster acts on comes from `raw`; discord.js keeps the sockets alive, resumes them, and paces REST. Caches
 * are emptied because the actors hold the state: a guild costs its actor, and not a second copy in a library.
 */
import { Client, GatewayIntentBits, Options } from 'discord.js'
import type { ClusterClientData } from 'discord-hybrid-sharding'

export interface ShardClientOptions {
  readonly discordApi: string
  readonly shards: Pick<ClusterClientData, 'SHARD_LIST' | 'TOTAL_SHARDS'>
}

export function createShardClient(options: ShardClientOptions): Client {
  return new Client({
    shards: [...options.shards.SHARD_LIST],
    shardCount: options.shards.TOTAL_SHARDS,
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildVoiceStates],
    rest: { api: options.discordApi },
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
}
