/**
 * Answers interactions over REST. Interaction endpoints carry no token and are exempt from the global rate limit.
 */
import type { REST } from 'discord.js'
import type { APIInteraction } from 'discord-api-types/v10'
import { Routes } from 'discord-api-types/v10'
import type { InteractionResponder } from './front-door.ts'

export function createRestResponder(rest: REST): InteractionResponder {
  return {
    async respond(interaction, type, data) {
      const body = data === undefined ? { type } : { type, data }
      await rest.post(Routes.interactionCallback(interaction.id, interaction.token), { body, auth: false })
    },
    async editOriginal(interaction: APIInteraction, data) {
      // The visibility of a deferred answer was settled with the deferral: flags may not be sent again.
      const { flags: _, ...body } = data
      const route = Routes.webhookMessage(interaction.application_id, interaction.token, '@original')
      await rest.patch(route, { body, auth: false })
    },
  }
}
