/**
 * An HTTP server around the application: finds a port, bounds what a slow client may take, and drains.
 *
 * A taken port is not the end: the next free one is used and told (kernel/listen.ts). stop() takes no
 * new connections, lets requests in flight finish, and cuts what is left after the drain time.
 */
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { Clock } from '../kernel/clock.ts'
import { listenOnFreePort } from '../kernel/listen.ts'

export interface RunningServer {
  readonly port: number
  /** Idempotent; resolves when every connection is closed. */
  stop(): Promise<void>
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
/** Above the idle time of common load balancers (60 s), so that they and not we end a quiet connection. */
const keepAliveTimeoutMs = 65_000

export async function startServer(
  deps: { readonly clock: Clock },
  listener: RequestListener,
  options: ServerOptions,
): Promise<RunningServer> {
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, listener)
  server.keepAliveTimeout = keepAliveTimeoutMs
  const port = await listenOnFreePort(server, { ...options, settings })
  let stopped: Promise<void> | null = null
  return {
    port,
    stop: () => (stopped ??= drain(deps.clock, server, options.drainTimeoutMs)),
  }
}

function drain(clock: Clock, server: Server, drainTimeoutMs: number): Promise<void> {
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
