/**
 * A guild as the API shows it: the object of GET /guilds/{id} and the larger one of GUILD_CREATE.
 *
 * GUILD_CREATE is written for a session without the presences intent: it lists the bot and the members in voice, not
 * everyone (https://docs.discord.com/developers/events/gateway-events#guild-create). Sending everyone would hide the
 * cache misses a bot meets in production.
 */
import type { APIGuild, GatewayGuildCreateDispatchData } from 'discord-api-types/v10'
import {
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  GuildVerificationLevel,
} from 'discord-api-types/v10'
import type { WorldCore } from './core.ts'
import { noFlags } from './core.ts'

/** Discord calls a guild large when it has more members than the session's `large_threshold`, 50 by default. */
const largeThreshold = 50

export function toApiGuild(core: WorldCore, guildId: string): APIGuild {
  const guild = core.guild(guildId)
  return {
    id: guild.id,
    name: guild.name,
    icon: guild.icon,
    owner_id: guild.ownerId,
    splash: null,
    discovery_splash: null,
    region: 'deprecated',
    afk_channel_id: guild.afkChannelId ?? null,
    afk_timeout: 300,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: GuildVerificationLevel.None,
    default_message_notifications: GuildDefaultMessageNotifications.AllMessages,
    explicit_content_filter: GuildExplicitContentFilter.Disabled,
    roles: [...guild.roles.values()].sort((a, b) => a.position - b.position),
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: GuildMFALevel.None,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: noFlags,
    rules_channel_id: null,
    max_presences: null,
    max_members: 25_000_000,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: GuildPremiumTier.None,
    premium_subscription_count: 0,
    preferred_locale: guild.locale as APIGuild['preferred_locale'],
    public_updates_channel_id: null,
    max_video_channel_users: 25,
    max_stage_video_channel_users: 50,
    nsfw_level: GuildNSFWLevel.Default,
    premium_progress_bar_enabled: false,
    hub_type: null,
    safety_alerts_channel_id: null,
    incidents_data: null,
  }
}

export function toGuildCreateData(core: WorldCore, guildId: string): GatewayGuildCreateDispatchData {
  const guild = core.guild(guildId)
  const seen = new Set([core.state.botId, ...guild.voiceStates.keys()])
  return {
    ...toApiGuild(core, guildId),
    joined_at: guild.members.get(core.state.botId)?.joined_at ?? core.now(),
    large: guild.members.size > largeThreshold,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: [...guild.voiceStates.values()],
    members: [...seen].filter((id) => guild.members.has(id)).map((id) => core.apiMember(guildId, id)),
    channels: [...guild.channels.values()],
    threads: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}
