/**
 * HTTP load over plain sockets: each connection sends a request, waits for the whole answer, sends the next. What a client
 * library would cost is not measured with the server. Answers must have a Content-Length and the expected status.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'
import type { Measured } from './measure.ts'

export interface HttpLoad {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  readonly statusExpected: number
  /** The bytes of the next request. */
  nextRequest(): Buffer
}

export function getRequest(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`)
}

export function postRequest(path: string, body: string): Buffer {
  const length = Buffer.byteLength(body)
  return Buffer.from(`POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`)
}

export async function measureHttp(clock: Clock, load: HttpLoad): Promise<Measured> {
  const latencies: number[] = []
  const startedAt = clock.monotonicMs()
  const endsAt = startedAt + load.seconds * 1_000
  await Promise.all(Array.from({ length: load.connections }, () => ask(clock, load, endsAt, latencies)))
  return { events: latencies.length, seconds: (clock.monotonicMs() - startedAt) / 1_000, latencies }
}

function ask(clock: Clock, load: HttpLoad, endsAt: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
    let sentAt = 0
    let received = Buffer.alloc(0)
    const send = (): void => {
      sentAt = clock.monotonicMs()
      socket.write(load.nextRequest())
    }
    socket.once('connect', send)
    socket.once('error', reject)
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const headEnd = received.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const head = received.toString('latin1', 0, headEnd)
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
      if (received.length < headEnd + 4 + length) return
      const now = clock.monotonicMs()
      if (!head.startsWith(`HTTP/1.1 ${load.statusExpected} `)) {
        socket.destroy()
        reject(new Error(`answered ${head.split('\r\n')[0] ?? ''}`))
        return
      }
      latencies.push(now - sentAt)
      received = Buffer.alloc(0)
      if (now < endsAt) send()
      else {
        socket.end()
        resolve()
      }
    })
  })
}
