/**
 * Objects of the world in the full form REST answers them.
 *
 * The gateway's forms are smaller, and discord-api-types marks as optional what Discord's description requires
 * (`flags`, `primary_guild`, `banner` …). What the world does not model is answered as Discord answers "none".
 */
import type { APIDMChannel, APIGuildMember, APIMessage, APIUser } from 'discord-api-types/v10'
import type { GuildChannel } from '../world/state.ts'
import type { RouteCall } from './route.ts'

export function shapeUser(user: APIUser): object {
  return {
    public_flags: 0,
    avatar_decoration_data: null,
    collectibles: null,
    banner: null,
    accent_color: null,
    ...user,
    flags: user.flags ?? user.public_flags ?? 0,
    primary_guild: user.primary_guild ?? null,
  }
}

export function shapeOwnUser(user: APIUser): object {
  return { ...shapeUser(user), bio: '', mfa_enabled: true, locale: 'en-US', premium_type: 0, verified: true, email: null }
}

export function shapeMember(member: APIGuildMember): object {
  return {
    ...member,
    avatar: member.avatar ?? null,
    banner: member.banner ?? null,
    nick: member.nick ?? null,
    premium_since: member.premium_since ?? null,
    pending: member.pending ?? false,
    communication_disabled_until: member.communication_disabled_until ?? null,
    user: shapeUser(member.user),
  }
}

export function shapeGuild(call: RouteCall, guildId: string): object {
  return { home_header: null, nsfw: false, ...call.world.apiGuild(guildId) }
}

export function shapeChannel(channel: GuildChannel | APIDMChannel): object {
  if (!('recipients' in channel)) return channel
  return { ...channel, recipients: (channel.recipients ?? []).map(shapeUser) }
}

export function shapeMessage(message: APIMessage): object {
  const { referenced_message: referenced, interaction_metadata: metadata, interaction } = message
  return {
    ...message,
    author: shapeUser(message.author),
    mentions: message.mentions.map(shapeUser),
    ...(referenced === undefined ? {} : { referenced_message: referenced && shapeReferenced(referenced) }),
    ...(metadata === undefined ? {} : { interaction_metadata: shapeMetadata(metadata) }),
    ...(interaction === undefined ? {} : { interaction: { ...interaction, user: shapeUser(interaction.user) } }),
  }
}

/** One level deep only, as Discord does: the message a reply refers to does not carry its own reference's message. */
function shapeReferenced(message: APIMessage): object {
  const { referenced_message: _, ...rest } = message
  return shapeMessage(rest)
}

type Metadata = NonNullable<APIMessage['interaction_metadata']>

function shapeMetadata(metadata: Metadata): object {
  const shaped = { ...metadata, user: shapeUser(metadata.user) }
  if (!('triggering_interaction_metadata' in metadata)) return shaped
  return { ...shaped, triggering_interaction_metadata: shapeMetadata(metadata.triggering_interaction_metadata) }
}
