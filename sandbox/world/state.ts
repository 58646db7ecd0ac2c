/**
 * The world as data: what exists, without behaviour. It is plain maps and API objects, so it can be saved whole.
 *
 * Only the mutations of this folder write to it; everybody may read. Members are kept without their user, voice
 * states without their member: both are joined in when they leave the world, so a renamed user is renamed everywhere.
 */
import type {
  APIApplicationCommand,
  APIAuditLogEntry,
  APIDMChannel,
  APIGuildCategoryChannel,
  APIGuildMember,
  APIGuildStageVoiceChannel,
  APIGuildVoiceChannel,
  APIMessage,
  APINewsChannel,
  APIRole,
  APITextChannel,
  APIUser,
  APIVoiceState,
  Locale,
} from 'discord-api-types/v10'
import type { SnowflakeCounters } from './snowflakes.ts'

type InGuild<Channel> = Channel & { guild_id: string }

export type GuildChannel =
  | InGuild<APITextChannel>
  | InGuild<APINewsChannel>
  | InGuild<APIGuildVoiceChannel>
  | InGuild<APIGuildStageVoiceChannel>
  | InGuild<APIGuildCategoryChannel>

export type VoiceChannel = InGuild<APIGuildVoiceChannel> | InGuild<APIGuildStageVoiceChannel>

export type MemberState = Omit<APIGuildMember, 'user'> & Required<Pick<APIGuildMember, 'avatar' | 'banner'>>

export type VoiceState = Omit<APIVoiceState, 'member' | 'guild_id' | 'channel_id'> & { channel_id: string }

export interface BanState {
  userId: string
  reason: string | null
}

export interface GuildState {
  id: string
  name: string
  icon: string | null
  ownerId: string
  locale: `${Locale}`
  /** Where members are moved when they idle; absent: nowhere. */
  afkChannelId?: string | null
  /** True while the bot is a member; a guild the bot left stays in the world but reaches no gateway. */
  botPresent: boolean
  /** False simulates an outage of this guild: READY lists it, no GUILD_CREATE follows. */
  available: boolean
  roles: Map<string, APIRole>
  members: Map<string, MemberState>
  channels: Map<string, GuildChannel>
  /** By user id. */
  voiceStates: Map<string, VoiceState>
  bans: Map<string, BanState>
  /** Newest last, at most `auditLogEntriesMax`. */
  auditLog: APIAuditLogEntry[]
}

/** A message as stored: what the API shows plus who may see it. */
export interface StoredMessage {
  message: APIMessage
  guildId: string | null
  /** The only member who sees an ephemeral message; null for an ordinary one. */
  visibleTo: string | null
  /** By emoji (`👍` or `name:id`), who reacted with it. */
  reactors: Map<string, Set<string>>
}

export interface WorldState {
  counters: SnowflakeCounters
  application: { id: string; name: string; publicKey: string }
  botId: string
  users: Map<string, APIUser>
  /** Users who do not accept direct messages from the bot (50007). */
  closedDms: Set<string>
  guilds: Map<string, GuildState>
  /** Direct message channels of the bot by channel id. */
  dms: Map<string, APIDMChannel>
  /** By channel id, oldest first. */
  messages: Map<string, Map<string, StoredMessage>>
  /** By command id; global ones have no `guild_id`. */
  commands: Map<string, APIApplicationCommand>
}

/** Beyond it the oldest entry of the guild is forgotten, as Discord forgets after 45 days. */
export const auditLogEntriesMax = 1_000
/** Beyond it the oldest message of the channel is forgotten: reading it answers 10008. */
export const messagesPerChannelMax = 1_000
