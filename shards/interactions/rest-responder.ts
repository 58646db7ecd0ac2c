/**
 * Answers interactions over REST. Interaction endpoints carry no token and are exempt from the global rate limit, so they
 * have a client of their own: in the other one they would wait behind role changes and posts.
 */
import type { RawFile } from 'discord.js'
import { DefaultRestOptions, DiscordAPIError, REST, RESTEvents } from 'discord.js'
import type { APIInteraction, APIMessage } from 'discord-api-types/v10'
import { InteractionResponseType, InteractionType, MessageFlags, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10'
import type { AnswerFile } from '../commands/slash-command.ts'
import type { InteractionResponder } from './front-door.ts'
import { createRequestLimit } from './request-limit.ts'
import { snowflakeTimeMs } from '../../kernel/ids.ts'

/** At Discord's usual tenth of a second this is a thousand answers a second. */
const requestsInFlightMax = 100

/** `api` is the REST base without a version; `onAnswer` is told the status of each answer. */
export function createInteractionRest(api: string, onAnswer: (status: number) => void): REST {
  const limit = createRequestLimit(requestsInFlightMax)
  const rest = new REST({
    api,
    globalRequestsPerSecond: Infinity,
    makeRequest: (url, init) => limit(() => DefaultRestOptions.makeRequest(url, init)),
  })
  rest.on(RESTEvents.Response, (_request, { status }) => onAnswer(status))
  return rest
}

export function createRestResponder(rest: REST): InteractionResponder {
  return {
    async respond(interaction, type, data) {
      const { files = [], ...message } = data ?? {}
      const body = data === undefined ? { type } : { type, data: message }
      try {
        await rest.post(Routes.interactionCallback(interaction.id, interaction.token), { body, auth: false, files: partsOf(files) })
        return 'acknowledged'
      } catch (thrown) {
        // By an attempt of ours whose answer was lost, or by a process of another generation: who asks next will know.
        if (!deferrals.has(type) || !isAcknowledgedAlready(thrown)) throw thrown
        return 'acknowledged before'
      }
    },
    async isAnswered(interaction) {
      try {
        const route = Routes.webhookMessage(interaction.application_id, interaction.token, '@original')
        const original = (await rest.get(route, { auth: false })) as APIMessage
        if (interaction.type === InteractionType.ApplicationCommand) return ((original.flags ?? 0) & MessageFlags.Loading) === 0
        const editedAtMs = original.edited_timestamp === null ? 0 : Date.parse(original.edited_timestamp)
        return editedAtMs >= snowflakeTimeMs(interaction.id)
      } catch (thrown) {
        // A modal or choices have no message, and one that is gone was there.
        if (thrown instanceof DiscordAPIError && thrown.status === 404) return true
        throw thrown
      }
    },
    async openModal(interaction, modal) {
      const body = { type: InteractionResponseType.Modal, data: modal }
      await rest.post(Routes.interactionCallback(interaction.id, interaction.token), { body, auth: false })
    },
    async offer(interaction, choices) {
      const body = { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } }
      await rest.post(Routes.interactionCallback(interaction.id, interaction.token), { body, auth: false })
    },
    async editOriginal(interaction: APIInteraction, data) {
      // The visibility of a deferred answer was settled with the deferral: flags may not be sent again.
      const { flags: _, files = [], ...body } = data
      const route = Routes.webhookMessage(interaction.application_id, interaction.token, '@original')
      await rest.patch(route, { body, auth: false, files: partsOf(files) })
    },
  }
}

const deferrals = new Set([InteractionResponseType.DeferredChannelMessageWithSource, InteractionResponseType.DeferredMessageUpdate])

const isAcknowledgedAlready = (thrown: unknown): boolean =>
  thrown instanceof DiscordAPIError && thrown.code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged

function partsOf(files: readonly AnswerFile[]): RawFile[] {
  return files.map(({ name, data, contentType = 'image/png' }) => ({ name, data: Buffer.from(data), contentType }))
}
