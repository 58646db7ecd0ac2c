/**
 * A finished answer: text with its ETag, made once and given to whoever asks the same.
 *
 * The ETag is a hash over the whole body, and the body is the verdict: when the verdict changes, so does the tag. Text and
 * not bytes, because Node then sends head and body in one write; as two they cost a third of the whole answer.
 */
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { shortCaching } from './headers.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** In bytes. */
  readonly length: number
  readonly etag: string
  /** Beyond those of every answer. */
  readonly headers: Readonly<Record<string, string>>
}

const jsonType = 'application/json; charset=utf-8'

export function jsonAnswer(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return answerOf(JSON.stringify(value), jsonType, headers)
}

export function answerOf(body: string, contentType: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  return { status: 200, contentType, body, length: Buffer.byteLength(body), etag, headers: { 'Cache-Control': shortCaching, ...headers } }
}

/** 304 when the asker has it already. */
export function sendAnswer(request: Request, response: Response, answer: Answer): void {
  for (const name of Object.keys(answer.headers)) response.setHeader(name, answer.headers[name] ?? '')
  response.setHeader('ETag', answer.etag)
  response.statusCode = answer.status
  if (request.headers['if-none-match'] !== undefined && request.fresh) {
    response.statusCode = 304
    response.end()
    return
  }
  response.setHeader('Content-Type', answer.contentType)
  response.setHeader('Content-Length', answer.length)
  if (request.method === 'HEAD') response.end()
  else response.end(answer.body)
}

/** An answer that is nobody's to keep: without a tag, and past what Express does for those that are. */
export function sendJson(response: Response, value: unknown): void {
  const body = JSON.stringify(value)
  response.setHeader('Content-Type', jsonType)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.end(body)
}
