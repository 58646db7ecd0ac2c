/**
 * An answer on its way out: status, headers, text.
 */
import type { Refusal } from './refusals.ts'

export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  /** '' for none. */
  readonly json: string
  /** Discord's error code, for the request log. */
  readonly code?: number
}

export function jsonReply(status: number, body: unknown, headers: Record<string, string>): Reply {
  if (body === undefined) return { status, headers, json: '' }
  // The content type is not a courtesy: without it discord.js takes the body for bytes.
  return { status, headers: { ...headers, 'content-type': 'application/json' }, json: JSON.stringify(body) }
}

export function refusalReply(refusal: Refusal, headers: Record<string, string>): Reply {
  return { ...jsonReply(refusal.status, refusal.body, { ...headers, ...refusal.headers }), code: refusal.body.code }
}
