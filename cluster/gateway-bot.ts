/**
 * Asks Discord how many shards it recommends and how many logins are left, through our own base URL.
 *
 * The library would ask an address that is fixed in its source. https://docs.discord.com/developers/events/gateway
 */
import { z } from 'zod'
import { AppError, codeOf, coerceError } from '../kernel/errors.ts'

const answerSchema = z.object({
  shards: z.number().int().min(1),
  session_start_limit: z.object({
    total: z.number().int(),
    remaining: z.number().int(),
    reset_after: z.number(),
    max_concurrency: z.number().int().min(1),
  }),
})
export type GatewayBot = z.infer<typeof answerSchema>

const timeoutMs = 10_000

/** Throws `discord-refused` (wrong token) or `discord-unavailable`, each with the remedy. */
export async function readGatewayBot(options: { readonly api: string; readonly token: string }): Promise<GatewayBot> {
  let response: Response
  try {
    response = await fetch(`${options.api}/v10/gateway/bot`, {
      headers: { authorization: `Bot ${options.token}` },
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch (thrown) {
    const error = coerceError(thrown)
    const reason = codeOf(error.cause) ?? error.message
    throw new AppError(
      'discord-unavailable',
      `Discord cannot be reached at ${options.api} (${reason}). Check the network, or DISCORD_API if it is set.`,
      { cause: error },
    )
  }
  if (response.status === 401) {
    throw new AppError(
      'discord-refused',
      'Discord refuses the bot token (4004). Copy the token of your application from the developer portal (Bot → Reset Token) into DISCORD_TOKEN.',
    )
  }
  if (!response.ok) {
    throw new AppError('discord-unavailable', `Discord answered ${response.status} at ${options.api}/v10/gateway/bot. Try again later.`)
  }
  try {
    return answerSchema.parse(await response.json())
  } catch (thrown) {
    throw new AppError(
      'discord-unavailable',
      `The answer of ${options.api}/v10/gateway/bot is not understood. Try again later, or check DISCORD_API if it is set.`,
      { cause: coerceError(thrown) },
    )
  }
}
