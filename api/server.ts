/**
 * An HTTP server around the application: finds a port, bounds what a slow client may take, and drains.
 *
 * A taken port is not the end: the next free one is used and told, at most `portAttemptsMax` further. stop() takes no
 * new connections, lets requests in flight finish, and cuts what is left after the drain time.
 */
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { AppError, codeOf, coerceError } from '../kernel/errors.ts'
import type { Clock } from '../kernel/clock.ts'

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

/** As far as a person looks for the port that was meant. */
const portAttemptsMax = 20
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
  const port = await listenOnFreePort(server, options)
  let stopped: Promise<void> | null = null
  return {
    port,
    stop: () => (stopped ??= drain(deps.clock, server, options.drainTimeoutMs)),
  }
}

async function listenOnFreePort(server: Server, { host, port }: ServerOptions): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + portAttemptsMax, 65_535)
  for (let candidate = port; candidate <= last; candidate++) {
    try {
      return await listen(server, host, candidate)
    } catch (thrown) {
      const error = coerceError(thrown)
      if (codeOf(error) === 'EADDRINUSE') continue
      const where = `${host}:${candidate}`
      throw new AppError('configuration-invalid', `cannot listen on ${where}: ${error.message}; correct API_HOST or API_PORT`, {
        cause: error,
      })
    }
  }
  throw new AppError('port-exhausted', `ports ${port} to ${last} of ${host} are all taken; set API_PORT to a free one`)
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
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
