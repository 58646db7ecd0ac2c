/**
 * Whom a message pings: what its text names, limited by what `allowed_mentions` allows.
 *
 * Without `allowed_mentions` everything named pings, and a reply pings who is replied to. With it, `parse` allows whole
 * kinds, `users` and `roles` single ones. @everyone needs the permission as well.
 * https://docs.discord.com/developers/resources/message#allowed-mentions-object
 */
import type { APIAllowedMentions, APIMessage, APIUser } from 'discord-api-types/v10'
import { AllowedMentionsTypes, PermissionFlagsBits } from 'discord-api-types/v10'
import type { RouteCall } from './route.ts'

export type Mentions = Pick<APIMessage, 'mentions' | 'mention_roles' | 'mention_everyone'>

export interface MentionsInput {
  readonly text: string
  readonly allowed: APIAllowedMentions | null | undefined
  readonly guildId: string | null
  readonly permissions: bigint
  readonly repliedTo: APIUser | undefined
}

export function findMentions(call: RouteCall, input: MentionsInput): Mentions {
  const { text, allowed, guildId } = input
  const isAllowed = (kind: AllowedMentionsTypes, id: string): boolean => {
    if (!allowed) return true
    const single = kind === AllowedMentionsTypes.User ? allowed.users : allowed.roles
    return (allowed.parse ?? []).includes(kind) || (single ?? []).includes(id)
  }
  const users = new Map<string, APIUser>()
  for (const id of idsIn(text, /<@!?(\d{1,20})>/g)) {
    const user = call.world.users.get(id)
    if (user && isAllowed(AllowedMentionsTypes.User, id)) users.set(id, user)
  }
  const { repliedTo } = input
  // Given allowed_mentions, the reply pings only when they say so; without them it does.
  if (repliedTo && (allowed ? allowed.replied_user === true : true)) users.set(repliedTo.id, repliedTo)
  const roles = guildId === null ? undefined : call.world.guilds.get(guildId)?.roles
  const roleIds = idsIn(text, /<@&(\d{1,20})>/g).filter(
    (id) => roles?.has(id) === true && isAllowed(AllowedMentionsTypes.Role, id),
  )
  const mayPingAll = (input.permissions & PermissionFlagsBits.MentionEveryone) !== 0n
  const isAllAllowed = !allowed || (allowed.parse ?? []).includes(AllowedMentionsTypes.Everyone)
  return {
    mentions: [...users.values()],
    mention_roles: roleIds,
    mention_everyone: mayPingAll && isAllAllowed && /@(everyone|here)\b/.test(text),
  }
}

function idsIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))]
}
