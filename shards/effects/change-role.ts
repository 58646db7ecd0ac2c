/**
 * Gives or takes one role: PUT and DELETE, so that two writers never overwrite each other's list. Doing it twice is
 * doing it once.
 */
import type { REST } from 'discord.js'
import { Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import { needsLease } from './lease-header.ts'

const payloadSchema = z.object({ userId: z.string(), roleId: z.string(), reason: z.string().max(400).optional() })

export async function changeRole(
  deps: { readonly rest: REST },
  attempt: EffectAttempt,
  signal: AbortSignal,
): Promise<EffectResult> {
  const { userId, roleId, reason } = payloadSchema.parse(attempt.payload)
  const route = Routes.guildMemberRole(attempt.guildId, userId, roleId)
  const options = { headers: needsLease, signal, ...(reason === undefined ? {} : { reason }) }
  if (attempt.kind === 'add-role') await deps.rest.put(route, options)
  else await deps.rest.delete(route, options)
  return { kind: 'done', answer: {} }
}
