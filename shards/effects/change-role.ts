/**
 * Gives or takes one role: PUT and DELETE, so that two writers never overwrite each other's list. Doing it twice is
 * doing it once. A refusal is believed only after a look at the member: an attempt whose answer was lost, of this owner or the
 * one before, may have taken effect, and a seat or a word to the person must not rest on a refusal that came later.
 *
 * Where a person waits in this process for this role alone, they are told as soon as Discord has agreed: that is what they
 * are told, and no crash takes it back. The outcome goes to the guild's actor all the same, and what comes of it answers
 * those who are not held here.
 */
import type { REST } from 'discord.js'
import { DiscordAPIError } from 'discord.js'
import type { RESTGetAPIGuildMemberResult } from 'discord-api-types/v10'
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { ChangeTicket } from '../../actors/protocol/role-panels.ts'
import type { RoleId, UserId } from '../../kernel/ids.ts'
import type { MessageAnswer } from '../commands/slash-command.ts'
import { answerOf } from '../panels/change-answer.ts'
import { textsFor } from '../texts/choose-texts.ts'
import { needsLease } from './lease-header.ts'

const payloadSchema = z.object({
  userId: z.string(),
  roleId: z.string(),
  reason: z.string().max(400).optional(),
  /** Of a panel: this role is the whole change, and `ticket` says who waits. */
  panelId: z.string().optional(),
  ticket: z.custom<ChangeTicket>((value) => typeof value === 'object' && value !== null).optional(),
})

export interface ChangeRoleDeps {
  readonly rest: REST
  deliver(interactionId: string, answer: MessageAnswer): Promise<void> | null
}

export async function changeRole(deps: ChangeRoleDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { userId, roleId, reason, panelId, ticket } = payloadSchema.parse(attempt.payload)
  const route = Routes.guildMemberRole(attempt.guildId, userId, roleId)
  const options = { headers: needsLease, signal, ...(reason === undefined ? {} : { reason }) }
  const isGiven = attempt.kind === 'add-role'
  try {
    if (isGiven) await deps.rest.put(route, options)
    else await deps.rest.delete(route, options)
  } catch (thrown) {
    const isRefused = thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.MissingPermissions
    if (!isRefused || (await holdsRole(deps, attempt, signal)) !== isGiven) throw thrown
  }
  if (panelId !== undefined && ticket !== undefined) {
    const roles = [roleId as RoleId]
    const answer = { ticket, panelId, userId: userId as UserId, added: isGiven ? roles : [], removed: isGiven ? [] : roles, failed: [], refused: [] }
    void deps.deliver(ticket.interactionId, answerOf(textsFor(ticket.locale), attempt.guildId, { answer, panel: null }))
    // The person first: by the loop's next turn their answer is on its way, and what is left to write down may follow.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { kind: 'done', answer: {} }
}

async function holdsRole({ rest }: ChangeRoleDeps, { guildId, payload }: EffectAttempt, signal: AbortSignal): Promise<boolean> {
  const { userId, roleId } = payloadSchema.parse(payload)
  const { roles } = (await rest.get(Routes.guildMember(guildId, userId), { signal })) as RESTGetAPIGuildMemberResult
  return roles.includes(roleId)
}
