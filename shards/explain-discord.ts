/**
 * What discord.js throws when a login fails, as one sentence with a remedy.
 *
 * It throws plain errors for gateway close codes (4004, 4010–4014) and codes of its own for a bad token; what is not
 * known here is passed on as it is.
 */
import { AppError, codeOf } from '../kernel/errors.ts'

const explanations: readonly { readonly matches: RegExp; readonly sentence: string }[] = [
  {
    matches: /TokenInvalid|invalid token|authentication failed|\b(4004|401)\b/i,
    sentence:
      'Discord refuses the bot token (4004). Copy the token of your application from the developer portal (Bot → Reset Token) into DISCORD_TOKEN.',
  },
  {
    matches: /disallowed intents|\b4014\b/i,
    sentence:
      'Discord refuses the intents (4014). Switch the privileged intents on in the developer portal (Bot → Privileged Gateway Intents), or switch off the feature that needs them.',
  },
  {
    matches: /invalid intents|\b4013\b/i,
    sentence: 'Discord does not know these intents (4013). This is a fault in Muster; please report it with the version.',
  },
  {
    matches: /sharding is required|\b4011\b/i,
    sentence: 'Discord requires more shards for this many servers (4011). Start with more shards: MUSTER_SHARDS.',
  },
  {
    matches: /invalid shard|\b4010\b/i,
    sentence: 'Discord refuses the shard numbers (4010). MUSTER_SHARDS must be one of the allowed counts.',
  },
  {
    matches: /not enough sessions remaining/i,
    sentence: 'The daily limit of gateway logins is used up. Wait until Discord resets it (see session_start_limit), then start again.',
  },
]

const unreachable = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|UND_ERR_CONNECT|fetch failed|other side closed/i

export function explainDiscord(error: Error): Error {
  if (error.name === 'AppError') return error
  const text = `${codeOf(error) ?? ''} ${error.message} ${codeOf(error.cause) ?? ''}`
  const known = explanations.find(({ matches }) => matches.test(text))
  if (known !== undefined) return new AppError('discord-refused', known.sentence, { cause: error })
  if (unreachable.test(text)) {
    return new AppError(
      'discord-unavailable',
      `Discord cannot be reached (${error.message}). Check the network, or DISCORD_API if it is set.`,
      { cause: error },
    )
  }
  return error
}
