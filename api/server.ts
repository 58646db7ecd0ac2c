/**
 * An HTTP server around the application: finds a port, bounds what a slow client may take, and drains.
 *
 * A taken port is not the end: the next free one is used and told (kernel/listen.ts).
 *
 *   serving ──stop──▶ leaving (notice) ──▶ closing ──all answered, or the drain time──▶ stopped
 *
 * leaving: whoever asks is answered, and told with the answer that this connection ends. So at closing no client is in the
 * middle of reusing one, which is what would lose a request. closing: no new connections; requests in flight finish, and
 * what is left after the drain time is cut.
 */
import { createServer } from 'node:http'
import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import { waitFor } from '../kernel/clock.ts'
import { listenOnFreePort } from '../kernel/listen.ts'

export interface RunningServer {
  readonly port: number
  /** Idempotent; resolves when every connection is closed. `noticeMs`: how long it goes on serving before it closes. */
  stop(options: { readonly noticeMs: number }): Promise<void>
}

export interface ServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly drainTimeoutMs: number
}

const settings = { host: 'API_HOST', port: 'API_PORT' }
/** A request without a body is read at once; a slow one is cut (slow loris). */
const requestTimeoutMs = 10_000
/** Node looks every 30 s for requests that took too long unless told: a slow client would hold its socket four times as long. */
const slowClientsCheckMs = 2_000
/** Above the idle time of common load balancers (60 s), so that they and not we end a quiet connection. */
const keepAliveTimeoutMs = 65_000

export async function startServer(
  deps: { readonly clock: Clock },
  listener: RequestListener,
  options: ServerOptions,
): Promise<RunningServer> {
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs, connectionsCheckingInterval: slowClientsCheckMs },
    listener,
  )
  server.keepAliveTimeout = keepAliveTimeoutMs
  const connections = watchResponses(server)
  const port = await listenOnFreePort(server, { ...options, settings })
  let stopped: Promise<void> | null = null
  const stop = async (noticeMs: number): Promise<void> => {
    connections.leave()
    if (noticeMs > 0) await waitFor(deps.clock, noticeMs)
    await close(deps.clock, server, options.drainTimeoutMs)
  }
  return { port, stop: ({ noticeMs }) => (stopped ??= stop(noticeMs)) }
}

/** From `leave` on every response says that its connection ends, those that are being worked on included. */
function watchResponses(server: Server): { leave(): void } {
  const open = new Set<ServerResponse>()
  let isLeaving = false
  const sayGoodbye = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('Connection', 'close')
  }
  server.prependListener('request', (_request, response) => {
    if (isLeaving) sayGoodbye(response)
    else {
      open.add(response)
      response.once('close', () => open.delete(response))
    }
  })
  return {
    leave() {
      isLeaving = true
      for (const response of open) sayGoodbye(response)
    },
  }
}

function close(clock: Clock, server: Server, drainTimeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(drainTimeoutMs, () => server.closeAllConnections())
    // Fails only when it was not listening, and then there is nothing to wait for.
    server.close(() => {
      timer.cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}
