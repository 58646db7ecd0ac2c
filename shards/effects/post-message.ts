/**
 * Posts a message once, however often it is tried.
 *
 * Discord refuses a second message with the same nonce for some minutes. Past that the message is looked for first: each
 * carries a short reference in the footer of its last embed. https://docs.discord.com/developers/resources/message
 */
import { createHash } from 'node:crypto'
import type { REST } from 'discord.js'
import type { APIEmbed, RESTGetAPIChannelMessagesResult, RESTPostAPIChannelMessageJSONBody, RESTPostAPIChannelMessageResult } from 'discord-api-types/v10'
import { Routes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { EffectAttempt } from '../../actors/runtime/outbox.ts'
import type { EffectResult } from '../../actors/protocol/effect.ts'
import type { OpId } from '../../kernel/ids.ts'
import { needsLease } from './lease-header.ts'

/** Discord remembers nonces "for a few minutes"; past one we do not rely on it. */
export const nonceTrustMs = 60_000
/** Messages looked through for one of our own. */
const lookBackCount = 100

const payloadSchema = z.object({ channelId: z.string(), body: z.looseObject({}) })

/** 22 characters of 25: as many as 132 bits take. */
export const nonceOf = (op: OpId): string => createHash('sha256').update(op).digest('base64url').slice(0, 22)

export interface PostMessageDeps {
  readonly rest: REST
  now(): number
  applicationId(): string
}

export async function postMessage(
  deps: PostMessageDeps,
  attempt: EffectAttempt,
  signal: AbortSignal,
): Promise<EffectResult> {
  const payload = payloadSchema.parse(attempt.payload)
  const nonce = nonceOf(attempt.opId)
  const reference = nonce.slice(0, 8)
  const body = withReference(payload.body as RESTPostAPIChannelMessageJSONBody, reference)
  if (deps.now() - attempt.createdAt > nonceTrustMs) {
    const found = await findOwn(deps, { channelId: payload.channelId, reference, signal })
    if (found !== null) return { kind: 'done', answer: { channelId: payload.channelId, messageId: found } }
  }
  const message = (await deps.rest.post(Routes.channelMessages(payload.channelId), {
    body: { ...body, nonce, enforce_nonce: true },
    headers: needsLease,
    signal,
  })) as RESTPostAPIChannelMessageResult
  return { kind: 'done', answer: { channelId: message.channel_id, messageId: message.id } }
}

function withReference(body: RESTPostAPIChannelMessageJSONBody, reference: string): RESTPostAPIChannelMessageJSONBody {
  const embeds: APIEmbed[] = [...(body.embeds ?? [])]
  const last = embeds.pop()
  if (last === undefined) return body
  const text = last.footer === undefined ? reference : `${last.footer.text} · ${reference}`
  return { ...body, embeds: [...embeds, { ...last, footer: { ...last.footer, text } }] }
}

async function findOwn(
  deps: { readonly rest: REST; applicationId(): string },
  look: { readonly channelId: string; readonly reference: string; readonly signal: AbortSignal },
): Promise<string | null> {
  const query = new URLSearchParams({ limit: String(lookBackCount) })
  const messages = (await deps.rest.get(Routes.channelMessages(look.channelId), {
    query,
    signal: look.signal,
  })) as RESTGetAPIChannelMessagesResult
  const own = messages.find(
    (message) =>
      message.author.id === deps.applicationId() &&
      message.embeds.some((embed) => embed.footer?.text.endsWith(look.reference) === true),
  )
  return own?.id ?? null
}
