/**
 * After a change of owner: is a member's role what was intended? Looked at first, because most are.
 *
 * A request of the owner before may have arrived after ours; only the member tells. Rows of one member run in order, so a
 * newer change of the same role comes after this look and has the last word.
 */
import type { REST } from 'discord.js'
import type { RESTGetAPIGuildMemberResult } from 'discord-api-types/v10'
import { Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import { needsLease } from './lease-header.ts'

const payloadSchema = z.object({ userId: z.string(), roleId: z.string(), wanted: z.enum(['add', 'remove']) })

export async function confirmRole(deps: { readonly rest: REST }, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { userId, roleId, wanted } = payloadSchema.parse(attempt.payload)
  const { roles } = (await deps.rest.get(Routes.guildMember(attempt.guildId, userId), { signal })) as RESTGetAPIGuildMemberResult
  const isRight = roles.includes(roleId) === (wanted === 'add')
  if (isRight) return { kind: 'done', answer: { changed: false } }
  const route = Routes.guildMemberRole(attempt.guildId, userId, roleId)
  const options = { headers: needsLease, signal, reason: 'Role panel' }
  if (wanted === 'add') await deps.rest.put(route, options)
  else await deps.rest.delete(route, options)
  return { kind: 'done', answer: { changed: true } }
}
