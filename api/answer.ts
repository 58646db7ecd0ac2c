/**
 * A finished answer: bytes with their ETag, made once and given to whoever asks the same.
 *
 * The ETag is a hash over the whole body, and the body is the verdict: when the verdict changes, so does the tag.
 */
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { shortCaching } from './headers.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
  readonly etag: string
  /** Beyond those of every answer. */
  readonly headers: Readonly<Record<string, string>>
}

export function jsonAnswer(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return answerOf(Buffer.from(JSON.stringify(value)), 'application/json; charset=utf-8', headers)
}

export function answerOf(body: Buffer, contentType: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  return { status: 200, contentType, body, etag, headers: { 'Cache-Control': shortCaching, ...headers } }
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
  response.setHeader('Content-Length', answer.body.length)
  if (request.method === 'HEAD') response.end()
  else response.end(answer.body)
}
