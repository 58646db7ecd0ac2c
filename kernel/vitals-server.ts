/**
 * A small HTTP server for load balancers and Prometheus: `/health/live`, `/health/ready`, `/health`, `/metrics`.
 *
 * Only GET and HEAD, nothing is read from a request but its path, and a slow one is cut. It is for the machines around the
 * process and not for the public.
 */
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { HealthAnswer } from './health.ts'
import { liveAnswer } from './health.ts'
import type { ListenOptions } from './listen.ts'
import { listenOnFreePort } from './listen.ts'

export interface Vitals {
  /** Never rejects. */
  ready(): Promise<HealthAnswer>
  /** Never rejects. */
  health(): Promise<HealthAnswer>
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface VitalsServer {
  readonly port: number
  stop(): Promise<void>
}

const requestTimeoutMs = 5_000

/** Resolves when it listens; throws as `listenOnFreePort`. */
export async function startVitalsServer(vitals: Vitals, options: ListenOptions): Promise<VitalsServer> {
  const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      send(response, 405, { error: { code: 'method-not-allowed', message: 'only GET and HEAD' } })
      return
    }
    answer(vitals, path, response).catch(() => send(response, 500, { error: { code: 'internal-error', message: 'this could not be answered' } }))
  })
  const port = await listenOnFreePort(server, options)
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(vitals: Vitals, path: string, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/health/live':
      return send(response, liveAnswer.status, liveAnswer.body)
    case '/health/ready': {
      const { status, body } = await vitals.ready()
      return send(response, status, body)
    }
    case '/health': {
      const { status, body } = await vitals.health()
      return send(response, status, body)
    }
    case '/metrics': {
      const { contentType, text } = await vitals.metrics()
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
      return
    }
    default:
      return send(response, 404, { error: { code: 'unknown-route', message: 'try /health, /health/live, /health/ready or /metrics' } })
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body))
}
