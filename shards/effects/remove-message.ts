/**
 * Removes a panel's message. Looked at first: which message it is came from outside once, and only our own of that panel
 * may go. One that is gone already is done with.
 */
import type { REST } from 'discord.js'
import { DiscordAPIError } from 'discord.js'
import type { APIMessage } from 'discord-api-types/v10'
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import { isMessageOfPanel } from '../panels/panel-components.ts'
import { needsLease } from './lease-header.ts'

const payloadSchema = z.object({ panelId: z.string(), channelId: z.string(), messageId: z.string() })

export interface RemoveMessageDeps {
  readonly rest: REST
  applicationId(): string
}

export async function removeMessage(deps: RemoveMessageDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { panelId, channelId, messageId } = payloadSchema.parse(attempt.payload)
  try {
    const route = Routes.channelMessage(channelId, messageId)
    const message = (await deps.rest.get(route, { signal })) as APIMessage
    if (message.author.id !== deps.applicationId() || !isMessageOfPanel(message, panelId)) {
      return { kind: 'impossible', reason: 'The message is not one of this panel.' }
    }
    await deps.rest.delete(route, { headers: needsLease, signal, reason: 'Role panel' })
  } catch (thrown) {
    if (!(thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.UnknownMessage)) throw thrown
  }
  return { kind: 'done', answer: {} }
}
