/**
 * Who may hand out which role, by what Discord has told of a guild. Pure: it takes facts and answers.
 *
 * Giving a role compares that role with the highest of whoever gives it; of two at one position the older is higher.
 * https://docs.discord.com/developers/topics/permissions#permission-hierarchy
 */
import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { RoleObstacle } from '../../actors/protocol/role-panel.ts'
import type { ChannelId, GuildId, RoleId, UserId } from '../../kernel/ids.ts'

export interface RoleFacts {
  readonly id: RoleId
  readonly name: string
  readonly position: number
  readonly managed: boolean
  readonly permissions: bigint
}

export interface ChannelFacts {
  readonly id: ChannelId
  readonly name: string
  /** What the bot may do there. */
  readonly permissions: bigint
}

export interface GuildFacts {
  readonly guildId: GuildId
  readonly ownerId: UserId
  readonly botPermissions: bigint
  readonly botHighest: RoleFacts | null
  role(roleId: RoleId): RoleFacts | null
  channel(channelId: ChannelId): ChannelFacts | null
  /** Text and announcement channels, as they stand in the list. */
  channels(): readonly ChannelFacts[]
}

/** What a role may not carry unnoticed, with Discord's own name of each permission. */
export const dangerousPermissions: readonly { readonly bit: bigint; readonly name: keyof typeof PermissionFlagsBits }[] = (
  [
    'Administrator', 'ManageGuild', 'ManageRoles', 'ManageChannels', 'ManageWebhooks', 'ManageMessages', 'ManageNicknames', 'ManageThreads',
    'ManageEvents', 'ManageGuildExpressions', 'KickMembers', 'BanMembers', 'ModerateMembers', 'MentionEveryone', 'ViewAuditLog',
    'MuteMembers', 'DeafenMembers', 'MoveMembers',
  ] as const
).map((name) => ({ bit: PermissionFlagsBits[name], name }))

const dangerousBits = dangerousPermissions.reduce((all, { bit }) => all | bit, 0n)

export const dangersOf = (role: RoleFacts | null): bigint => (role?.permissions ?? 0n) & dangerousBits

/** What the bot must be able to do where a panel stands. */
export const postPermissions: readonly (keyof typeof PermissionFlagsBits)[] = ['ViewChannel', 'SendMessages', 'EmbedLinks', 'ReadMessageHistory']

/** Of those, what is missing in the channel. */
export function missingToPost(channel: ChannelFacts): readonly (keyof typeof PermissionFlagsBits)[] {
  return postPermissions.filter((name) => (channel.permissions & PermissionFlagsBits[name]) === 0n)
}

/** Why the bot can neither give nor take this role; null: it can. */
export function botObstacle(facts: GuildFacts, roleId: RoleId): RoleObstacle | null {
  if (roleId === (facts.guildId as string)) return 'everyone'
  const role = facts.role(roleId)
  if (role === null) return 'role-gone'
  if (role.managed) return 'managed'
  if ((facts.botPermissions & (PermissionFlagsBits.ManageRoles | PermissionFlagsBits.Administrator)) === 0n) return 'bot-lacks-permission'
  return isBelow(role, facts.botHighest) ? null : 'above-bot'
}

/** Why this editor may not put the role on a panel; null: they may. The owner stands above every role. */
export function editorObstacle(facts: GuildFacts, editor: { readonly userId: UserId; readonly roles: readonly RoleId[] }, roleId: RoleId): RoleObstacle | null {
  const role = facts.role(roleId)
  if (role === null || editor.userId === facts.ownerId) return null
  const highest = editor.roles.map((one) => facts.role(one)).reduce((high, one) => (one !== null && isBelow(high, one) ? one : high), null)
  return isBelow(role, highest) ? null : 'above-editor'
}

/** No role at all is lowest. */
export function isBelow(role: RoleFacts | null, than: RoleFacts | null): boolean {
  if (than === null) return false
  if (role === null) return true
  if (role.position !== than.position) return role.position < than.position
  return role.id !== than.id && BigInt(role.id) > BigInt(than.id)
}
