/**
 * One POST to one checked address. Redirects are told and not followed: whoever asks checks the new target first.
 */
import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { AppError } from '../../kernel/errors.ts'
import { bareAddress, isPublicAddress } from './webhook-target.ts'
import type { WebhookTarget } from './webhook-target.ts'

export interface WebhookAnswer {
  readonly status: number
  readonly location: string | null
}

export type PinnedAddress = { readonly address: string; readonly family: number }

/** Thrown by `checkAddress` of a target that must not be connected to. */
export const refusedTarget = 'webhook-refused'

/**
 * The address to connect to. Every address of the name must be public: one that is not would be chosen by chance.
 * Throws `webhook-refused` for a name with another address, and what the resolver says when there is none.
 */
export async function checkAddress({ url, isAllowListed }: WebhookTarget): Promise<PinnedAddress> {
  const host = bareAddress(url.hostname)
  const family = isIP(host)
  const addresses = family === 0 ? await lookup(host, { all: true }) : [{ address: host, family }]
  const [first] = addresses
  if (first === undefined) throw new Error(`${host} has no address`)
  if (!isAllowListed && addresses.some(({ address }) => !isPublicAddress(address))) {
    throw new AppError(refusedTarget, 'the address is private: deliveries go to public addresses only', { context: { host } })
  }
  return first
}

export function postOnce(
  target: WebhookTarget & { readonly pinned: PinnedAddress },
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const { url, pinned } = target
  const request = url.protocol === 'http:' ? requestHttp : requestHttps
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { ...message.headers, 'content-length': Buffer.byteLength(message.body) },
        agent: false,
        signal,
        // The name is resolved no second time: what was checked is what is connected to.
        lookup: (_host, options, done) => {
          if (options.all === true) done(null, [{ address: pinned.address, family: pinned.family }])
          else done(null, pinned.address, pinned.family)
        },
      },
      (response: IncomingMessage) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null })
        // Nobody reads what a receiver says: its size is its own business.
        response.destroy()
      },
    )
    sent.on('error', reject)
    sent.end(message.body)
  })
}
