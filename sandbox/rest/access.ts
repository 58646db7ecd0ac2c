/**
 * May the bot do this here? The questions every route asks, in Discord's order and with Discord's codes.
 *
 * What does not exist is 404. What exists but cannot be seen (not in the guild, no VIEW_CHANNEL) is 50001; what is
 * seen but not permitted is 50013.
 */
import { ChannelType, PermissionFlagsBits } from 'discord-api-types/v10'
import type { APIDMChannel, APIGuildMember, APIMessage, APIRole } from 'discord-api-types/v10'
import type { GuildChannel, GuildState } from '../world/state.ts'
import { refuse } from './refusals.ts'
import { param } from './route.ts'
import type { RouteCall } from './route.ts'

export interface ChannelAccess {
  readonly channel: GuildChannel | APIDMChannel
  /** Null in a direct message. */
  readonly guildId: string | null
  readonly permissions: bigint
}

/** The guild of the address, with the bot in it. */
export function requireGuild(call: RouteCall, guildId = param(call, 'guild_id')): GuildState {
  const guild = call.world.guilds.get(guildId)
  if (guild === undefined) throw refuse('unknownGuild')
  if (!guild.botPresent) throw refuse('missingAccess')
  return guild
}

/** The guild of the address, in which the bot has the permission. */
export function requireGuildPermission(call: RouteCall, wanted: bigint): GuildState {
  const guild = requireGuild(call)
  requireBits(call.world.permissions({ guildId: guild.id, userId: call.world.bot().id }), wanted)
  return guild
}

/** The channel of the address, as far as the bot can see it. */
export function requireChannel(call: RouteCall, channelId = param(call, 'channel_id')): ChannelAccess {
  const { world } = call
  const channel = world.channels.find(channelId)
  if (channel === undefined) throw refuse('unknownChannel')
  const guildId = world.channels.guildIdOf(channelId)
  if (guildId === undefined) return { channel, guildId: null, permissions: directMessagePermissions }
  if (world.guilds.get(guildId)?.botPresent !== true) throw refuse('missingAccess')
  const permissions = world.permissions({ guildId, userId: world.bot().id, channelId })
  if ((permissions & PermissionFlagsBits.ViewChannel) === 0n) throw refuse('missingAccess')
  return { channel, guildId, permissions }
}

/** A channel in which messages live, and the bot holds the permission. */
export function requireMessageChannel(call: RouteCall, wanted: bigint): ChannelAccess {
  const access = requireChannel(call)
  if (access.channel.type === ChannelType.GuildCategory) throw refuse('notATextChannel')
  requireBits(access.permissions, wanted)
  return access
}

/** A guild channel, for what a direct message does not have. */
export function requireGuildChannel(
  call: RouteCall,
  wanted: bigint,
): { channel: GuildChannel; guild: GuildState; permissions: bigint } {
  const { channel, guildId, permissions } = requireChannel(call)
  if (guildId === null || channel.type === ChannelType.DM) throw refuse('notOnDirectMessage')
  requireBits(permissions, wanted)
  return { channel, guild: requireGuild(call, guildId), permissions }
}

export function requireBits(permissions: bigint, wanted: bigint): void {
  if ((permissions & wanted) !== wanted) throw refuse('missingPermissions')
}

/** A message everybody in the channel can see; ephemeral ones are only reached through their interaction. */
export function requireMessage(call: RouteCall, messageId = param(call, 'message_id')): APIMessage {
  const stored = call.world.messages.get(param(call, 'channel_id'), messageId)
  if (stored === undefined || stored.visibleTo !== null) throw refuse('unknownMessage')
  return stored.message
}

export function requireMember(call: RouteCall, guildId: string, userId: string): APIGuildMember {
  if (call.world.users.get(userId) === undefined) throw refuse('unknownUser')
  const member = call.world.members.get(guildId, userId)
  if (member === undefined) throw refuse('unknownMember')
  return member
}

export function requireRole(guild: GuildState, roleId: string): APIRole {
  const role = guild.roles.get(roleId)
  if (role === undefined) throw refuse('unknownRole')
  return role
}

const { ViewChannel, SendMessages, ReadMessageHistory, EmbedLinks, AttachFiles, AddReactions, PinMessages } =
  PermissionFlagsBits
/** In a direct message both sides may do what there is to do. */
const directMessagePermissions =
  ViewChannel | SendMessages | ReadMessageHistory | EmbedLinks | AttachFiles | AddReactions | PinMessages
