/**
 * Delivers what happened in a guild to the address that its admins chose, signed with the guild's webhook secret.
 *
 *   2xx                           → delivered
 *   410                           → the receiver wants nothing any more: impossible, the feature stops sending
 *   redirect                      → followed up to three times, each target checked like the first; else impossible
 *   a private or loopback target  → impossible, whether named at once or by a redirect
 *   anything else, or no answer within ten seconds → thrown: the outbox tries again, with backoff, for 24 hours
 *
 * The signature is HMAC-SHA-256 over `timestamp.body`: a receiver refuses old timestamps and compares in constant time.
 * The timestamp is that of the attempt, the delivery id the same for all attempts of one delivery.
 */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import { codeOf } from '../../kernel/errors.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { english } from '../texts/english.ts'
import { checkAddress, postOnce, refusedTarget } from './webhook-request.ts'
import { parseWebhookUrl } from './webhook-target.ts'
import type { WebhookAllowList, WebhookTarget } from './webhook-target.ts'

export interface DeliverWebhookDeps {
  readonly allowed: WebhookAllowList
  /** How long one attempt may take, redirects included; ten seconds unless told. */
  readonly timeoutMs?: number
  /** Unix ms. */
  now(): number
  /** The guild's webhook secret; throws when it does not open. */
  openSecret(guildId: GuildId, sealed: string): string
}

const timeoutMsDefault = 10_000
/** The sentence that tells of it names the number. */
const redirectsMax = 3
const { effectFailures } = english

const payloadSchema = z.object({ url: z.string(), sealedSecret: z.string(), event: z.string(), at: z.number(), items: z.array(z.unknown()) })

export async function deliverWebhook(deps: DeliverWebhookDeps, attempt: EffectAttempt, signal: AbortSignal): Promise<EffectResult> {
  const { url, sealedSecret, event, at, items } = payloadSchema.parse(attempt.payload)
  const body = JSON.stringify({
    delivery_id: attempt.opId,
    event,
    guild_id: attempt.guildId,
    at: new Date(at).toISOString(),
    items,
  })
  const headers = signedHeaders(deps, attempt, { event, body, secret: deps.openSecret(attempt.guildId, sealedSecret) })
  const target = parseWebhookUrl(url, deps.allowed)
  if (target === null) return impossible(effectFailures.webhookAddress)
  const timeoutMs = deps.timeoutMs ?? timeoutMsDefault
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    return await follow(deps, target, { headers, body, signal: AbortSignal.any([signal, timeout]) })
  } catch (thrown) {
    if (timeout.aborted && !signal.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: thrown })
    if (codeOf(thrown) === refusedTarget) return impossible(effectFailures.webhookPrivate)
    throw thrown
  }
}

const impossible = (reason: string): EffectResult => ({ kind: 'impossible', reason })

async function follow(
  deps: DeliverWebhookDeps,
  first: WebhookTarget,
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
): Promise<EffectResult> {
  let target = first
  for (let redirects = 0; ; redirects += 1) {
    const pinned = await checkAddress(target)
    const { status, location } = await postOnce({ ...target, pinned }, message, message.signal)
    if (status >= 200 && status < 300) return { kind: 'done', answer: { status } }
    if (status === 410) return impossible(effectFailures.webhookGone)
    if (status < 300 || status >= 400) throw new Error(`the receiver answered ${status}`)
    if (redirects >= redirectsMax) return impossible(effectFailures.webhookRedirects)
    const next = location === null || !URL.canParse(location, target.url.href) ? null : new URL(location, target.url.href).href
    const parsed = next === null ? null : parseWebhookUrl(next, deps.allowed)
    if (parsed === null) return impossible(effectFailures.webhookRedirectTarget)
    target = parsed
  }
}

function signedHeaders(
  deps: DeliverWebhookDeps,
  { opId }: EffectAttempt,
  { event, body, secret }: { readonly event: string; readonly body: string; readonly secret: string },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(deps.now() / 1000))
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  return {
    'content-type': 'application/json',
    'user-agent': 'Muster-Webhook/1',
    'x-muster-event': event,
    'x-muster-delivery': opId,
    'x-muster-timestamp': timestamp,
    'x-muster-signature': `sha256=${signature}`,
  }
}
