/**
 * A small JSON interface over HTTP: a table of routes, bodies parsed by their schema, refusals with a stable code.
 *
 * Used by the people face and the fault face, which only tools and tests of this machine reach. Answers are JSON, or
 * JSON lines when a route returns `jsonLines(...)`. An error has the form `{ "error": { "code", "message" } }`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export interface JsonCall {
  /** Values of the pattern's `:name` parts. */
  param(name: string): string
  query: URLSearchParams
  body: unknown
}

export interface JsonRoute {
  method: 'GET' | 'POST'
  /** `/people/guilds/:guild` */
  pattern: string
  handle(call: JsonCall): unknown
}

export interface JsonRefusal {
  status: number
  code: string
  message: string
}

export type JsonDoor = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

/** Far above any body of these faces; more is answered 413. */
const bodyBytesMax = 1024 * 1024

const linesMark = Symbol('json lines')

/** Answers with one JSON object a line. */
export function jsonLines(lines: readonly object[]): object {
  return { [linesMark]: lines }
}

export function createJsonDoor(
  deps: { log: Log; toRefusal: (error: Error) => JsonRefusal | undefined },
  routes: readonly JsonRoute[],
): JsonDoor {
  const compiled = routes.map((route) => ({ route, parts: route.pattern.split('/') }))

  const answer = async (request: IncomingMessage, url: URL): Promise<{ status: number; body: unknown }> => {
    const path = url.pathname.split('/').map(decodeURIComponent)
    const found = compiled.find(({ route, parts }) => route.method === request.method && matches(parts, path))
    if (found === undefined) return refusal({ status: 404, code: 'unknown-route', message: `${request.method} ${url.pathname}` })
    try {
      const body = request.method === 'POST' ? await readJson(request) : undefined
      const param = (name: string): string => path[found.parts.indexOf(`:${name}`)] ?? ''
      return { status: 200, body: (await found.route.handle({ param, query: url.searchParams, body })) ?? {} }
    } catch (thrown) {
      const error = coerceError(thrown)
      const refused = deps.toRefusal(error) ?? ownRefusal(error)
      if (refused !== undefined) return refusal(refused)
      deps.log.error('sandbox route failed', { route: found.route.pattern, error })
      return refusal({ status: 500, code: 'internal', message: error.message })
    }
  }
  return async (request, response, url) => {
    const { status, body } = await answer(request, url)
    write(response, status, body)
  }
}

/** Thrown when a body is too large or not JSON. */
class BodyRefused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function ownRefusal(error: Error): JsonRefusal | undefined {
  if (error instanceof BodyRefused) return { status: error.status, code: 'request-invalid', message: error.message }
  if (error instanceof z.ZodError) return { status: 400, code: 'request-invalid', message: z.prettifyError(error) }
  return undefined
}

function refusal({ status, code, message }: JsonRefusal): { status: number; body: unknown } {
  return { status, body: { error: { code, message } } }
}

function matches(parts: readonly string[], path: readonly string[]): boolean {
  return parts.length === path.length && parts.every((part, index) => part.startsWith(':') || part === path[index])
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > bodyBytesMax) throw new BodyRefused(413, `the body has more than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BodyRefused(400, `the body is not JSON: ${coerceError(error).message}`)
  }
}

function write(response: ServerResponse, status: number, body: unknown): void {
  const isLines = typeof body === 'object' && body !== null && linesMark in body
  const text = isLines
    ? (body[linesMark] as object[]).map((line) => `${JSON.stringify(line)}\n`).join('')
    : JSON.stringify(body)
  response.writeHead(status, { 'content-type': isLines ? 'application/x-ndjson' : 'application/json' })
  response.end(text)
}
