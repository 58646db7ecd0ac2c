/**
 * A click's own facts: who it was, what they held, and what cannot be touched, as far as Discord has told.
 */
import type { APIInteractionGuildMember } from 'discord-api-types/v10'
import type { RoleObstacle } from '../../actors/protocol/role-panel.ts'
import type { AnswerTicket, ClickingMember } from '../../actors/protocol/role-panels.ts'
import type { RoleId, UserId } from '../../kernel/ids.ts'
import { isSnowflake, snowflakeTimeMs } from '../../kernel/ids.ts'
import type { GuildFacts } from './guild-facts.ts'
import { botObstacle, dangersOf } from './guild-facts.ts'

export interface Clicked {
  readonly id: string
  readonly application_id: string
  readonly token: string
  readonly locale: string
  readonly member?: APIInteractionGuildMember | undefined
}

export function heldRoles(member: APIInteractionGuildMember | undefined): readonly RoleId[] {
  return (member?.roles ?? []).filter(isSnowflake) as RoleId[]
}

/** `named`: the roles that are asked for. Of a guild that this process does not hear nothing is known, and Discord decides. */
export function clickingMember(clicked: Clicked, byUserId: UserId, { facts, named }: { readonly facts: GuildFacts | null; readonly named: readonly RoleId[] }): ClickingMember {
  const roles = heldRoles(clicked.member)
  const obstacles: Record<string, RoleObstacle> = {}
  const dangers: Record<string, string> = {}
  for (const roleId of facts === null ? [] : new Set([...named, ...roles])) {
    const obstacle = botObstacle(facts as GuildFacts, roleId)
    if (obstacle !== null) obstacles[roleId] = obstacle
  }
  for (const roleId of named) {
    const bits = dangersOf(facts?.role(roleId) ?? null)
    if (bits !== 0n) dangers[roleId] = String(bits)
  }
  return { userId: byUserId, roles, clickedAt: isSnowflake(clicked.id) ? snowflakeTimeMs(clicked.id) : 0, obstacles, dangers }
}

export const ticketOf = ({ id, application_id: applicationId, token, locale }: Clicked): AnswerTicket => ({ interactionId: id, applicationId, token, locale })
