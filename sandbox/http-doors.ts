/**
 * Which face a request is for: by the first part of its path. Upgrades are all for the gateway.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ServerOptions } from 'ws'
import { WebSocketServer } from 'ws'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { JsonDoor } from './json-door.ts'

export interface HttpDoors {
  rest(request: IncomingMessage, response: ServerResponse): Promise<void>
  json: JsonDoor
  gateway: Gateway
}

const restPrefixes = ['/api/', '/cdn/', '/attachments/']
/** Above this a frame is not even read; between 4,096 bytes and this it is closed with 4002. */
const frameBytesRead = 1024 * 1024
/** How long a client may take to answer a close frame before its socket is cut; ws' 30 s would hold up a stop. */
const closeTimeoutMs = 1_000

/** Answers requests and upgrades of the server until it closes. */
export function attachDoors(server: Server, doors: HttpDoors, log: Log): void {
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: frameBytesRead,
    closeTimeout: closeTimeoutMs,
  }
  const sockets = new WebSocketServer(options)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const url = new URL(request.url ?? '/', 'http://sandbox')
      if (restPrefixes.some((prefix) => url.pathname.startsWith(prefix))) await doors.rest(request, response)
      else await doors.json(request, response, url)
    } catch (thrown) {
      log.error('sandbox request failed', { error: coerceError(thrown) })
      if (!response.headersSent) response.writeHead(500)
      response.end()
    }
  }
  server.on('request', (request, response) => void answer(request, response))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://sandbox')
    sockets.handleUpgrade(request, socket, head, (open) => doors.gateway.accept(open, { search: searchParams, wire: socket }))
  })
}
