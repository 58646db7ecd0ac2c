/**
 * Discord: the token, the intents of its application, how many shards and logins it gives, and what time it is there.
 */
import type { GatewayIntentBits } from 'discord-api-types/v10'
import { z } from 'zod'
import type { GatewayBot } from '../../cluster/gateway-bot.ts'
import { readGatewayBot } from '../../cluster/gateway-bot.ts'
import type { Clock } from '../../kernel/clock.ts'
import { codeOf, coerceError } from '../../kernel/errors.ts'
import { missingIntents } from '../../shards/intents.ts'
import type { Finding } from './finding.ts'
import { note, ok, problem, warning } from './finding.ts'

export interface DiscordWanted {
  readonly api: string
  readonly token: string
  readonly intents: readonly GatewayIntentBits[]
  /** null: what Discord recommends. */
  readonly shardCount: number | null
}

export interface DiscordLook {
  readonly findings: readonly Finding[]
  /** Discord's time minus ours, milliseconds; null: not known. Its header counts whole seconds. */
  readonly clockOffsetMs: number | null
}

const timeoutMs = 10_000
/** A rescale and a bad day of respawns. */
const loginsSpare = 200

export async function checkDiscord(deps: { readonly clock: Pick<Clock, 'wallMs'> }, wanted: DiscordWanted): Promise<DiscordLook> {
  let gateway: GatewayBot
  try {
    gateway = await readGatewayBot(wanted)
  } catch (thrown) {
    const error = coerceError(thrown)
    return { findings: [judgeRefusal(error)], clockOffsetMs: null }
  }
  const before = deps.clock.wallMs()
  const me = await ask(wanted, '/users/@me')
  const after = deps.clock.wallMs()
  const application = await ask(wanted, '/applications/@me')
  return {
    findings: [judgeUser(me?.body), judgeIntents(wanted, application?.body), judgeShards(wanted, gateway), judgeLogins(gateway)],
    clockOffsetMs: me === null ? null : offsetOf(me.date, (before + after) / 2),
  }
}

function judgeRefusal(error: Error): Finding {
  if (codeOf(error) !== 'discord-refused') return problem('discord', error.message, 'If the network is well: https://discordstatus.com says whether Discord is.')
  return problem('token', 'Discord refuses the bot token', 'Copy the token of your application from the developer portal (Bot → Reset Token) into DISCORD_TOKEN.')
}

function judgeUser(body: unknown): Finding {
  const user = z.object({ id: z.string(), username: z.string() }).safeParse(body)
  if (!user.success) return warning('token', 'Discord takes the token and does not say whose it is', 'Try again; if it stays, check DISCORD_API.')
  return ok('token', `the bot is ${user.data.username} (${user.data.id})`)
}

function judgeIntents({ intents }: DiscordWanted, body: unknown): Finding {
  const application = z.object({ flags: z.number().int().default(0) }).safeParse(body)
  if (!application.success) return warning('intents', 'Discord does not say which intents are switched on', 'Look in the developer portal, under Bot → Privileged Gateway Intents.')
  const missing = missingIntents(intents, application.data.flags)
  if (missing.length === 0) return ok('intents', 'those that are used are switched on')
  const fix = `Switch ${missing.join(' and ')} on in the developer portal, under Bot → Privileged Gateway Intents.`
  return problem('intents', `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} off: Discord would close the gateway (4014)`, fix)
}

function judgeShards({ shardCount }: DiscordWanted, { shards }: GatewayBot): Finding {
  if (shardCount === null) return ok('shards', `Discord recommends ${shards}`)
  if (shardCount < shards) return warning('shards', `${shardCount} are configured, Discord recommends ${shards}`, 'Past 2,500 servers a shard Discord refuses it: run `muster rescale --shards` with an allowed count above.')
  return ok('shards', `${shardCount} configured, Discord recommends ${shards}`)
}

function judgeLogins({ session_start_limit: { remaining, total, reset_after: resetAfterMs, max_concurrency: atOnce } }: GatewayBot): Finding {
  const says = `${remaining} of ${total} logins left today, ${atOnce} at once`
  if (remaining >= Math.min(loginsSpare, total)) return ok('logins', says)
  const hours = (resetAfterMs / 3_600_000).toFixed(1)
  return warning('logins', says, `Find what starts so often (the log of the manager). The count begins anew in ${hours} h; at 0 Discord resets the token.`)
}

interface Answer {
  readonly body: unknown
  readonly date: string | null
}

/** Null: no answer that can be used. That Discord is reached at all was told by the question before. */
async function ask({ api, token }: DiscordWanted, path: string): Promise<Answer | null> {
  try {
    const response = await fetch(`${api}/v10${path}`, { headers: { authorization: `Bot ${token}` }, signal: AbortSignal.timeout(timeoutMs) })
    return response.ok ? { body: await response.json(), date: response.headers.get('date') } : null
  } catch (thrown) {
    coerceError(thrown)
    return null
  }
}

/** The header is cut to the second below: half a second is added back. */
function offsetOf(date: string | null, ourMs: number): number | null {
  const theirMs = date === null ? Number.NaN : Date.parse(date)
  return Number.isNaN(theirMs) ? null : theirMs + 500 - ourMs
}

export const noToken: DiscordLook = {
  findings: [note('discord', 'no token is set: `muster up` brings a Discord of its own (the sandbox)')],
  clockOffsetMs: null,
}
