/**
 * Shows the newest state in a message that is already there. May be dropped: the next change shows everything again.
 */
import type { REST } from 'discord.js'
import { Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { AdvisoryEffect } from '../../actors/protocol/effect.ts'
import { needsLease } from './lease-header.ts'

const payloadSchema = z.object({ channelId: z.string(), messageId: z.string(), body: z.looseObject({}) })

export async function editMessage(deps: { readonly rest: REST }, effect: AdvisoryEffect): Promise<void> {
  const { channelId, messageId, body } = payloadSchema.parse(effect.payload)
  await deps.rest.patch(Routes.channelMessage(channelId, messageId), { body, headers: needsLease })
}
