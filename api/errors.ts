/**
 * Everything that is not an answer: `{"error":{"code","message"}}` with the status that fits, never a stack trace.
 *
 * 4xx says what was wrong with the request; 503 that the database did not answer, and when to come again; 500 is a bug
 * of ours and tells the asker nothing beyond that.
 */
import type { ErrorRequestHandler, NextFunction, Request, Response } from 'express'
import { codeOf, coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'

export type ErrorAnswerCode =
  | 'not-a-uuid'
  | 'not-a-guild-id'
  | 'not-a-range'
  | 'malformed-request'
  | 'unknown-record'
  | 'unknown-guild'
  | 'unknown-route'
  | 'not-signed-yet'
  | 'erased'
  | 'key-not-believed'
  | 'method-not-allowed'
  | 'not-a-period'
  | 'not-a-receipt-file'
  | 'not-json'
  | 'too-large'
  | 'too-many-requests'
  | 'wrong-secret'
  | 'unknown-student'
  | 'too-many-entries'
  | 'unknown-session'
  | 'still-closing'
  | 'actor-unavailable'
  | 'database-unavailable'
  | 'internal-error'

const retryAfterSeconds = 2

export function answerError(response: Response, status: number, code: ErrorAnswerCode, message: string): void {
  response.status(status).set('Cache-Control', 'no-store').json({ error: { code, message } })
}

export function answerUnknownRoutes(_request: Request, response: Response): void {
  answerError(response, 404, 'unknown-route', 'there is nothing at this address')
}

/** For a known address asked with another method; put after the routes of that address. Asked first by browsers (CORS). */
export function answerOtherMethods(request: Request, response: Response): void {
  answerMethods(request, response, 'GET, HEAD')
}

export function answerOtherThanPost(request: Request, response: Response): void {
  answerMethods(request, response, 'POST')
}

function answerMethods(request: Request, response: Response, methods: string): void {
  response.set('Allow', `${methods}, OPTIONS`)
  if (request.method === 'OPTIONS') {
    response.set({ 'Access-Control-Allow-Methods': methods, 'Access-Control-Allow-Headers': 'content-type', 'Access-Control-Max-Age': '600' })
    response.status(204).end()
    return
  }
  answerError(response, 405, 'method-not-allowed', `only ${methods.replace(', ', ' and ')} are answered here`.replace('only POST are', 'only POST is'))
}

export function answerErrors(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request: Request, response: Response, next: NextFunction) => {
    const error = coerceError(thrown)
    if (response.headersSent) {
      next(error) // Express ends the connection: half an answer must not look whole.
      return
    }
    const status = clientErrorStatus(error)
    if (status !== null) {
      if (status === 413) answerError(response, 413, 'too-large', 'the body is longer than anything that is read here')
      else if (status === 415) answerError(response, 415, 'not-json', 'send JSON as it is, with content-type: application/json')
      else answerError(response, status, 'malformed-request', 'the request cannot be read')
      return
    }
    const code = codeOf(error)
    // Refused is a statement that does not fit the tables: a migration that is behind, which somebody must look at.
    if (code === 'postgres-unavailable' || code === 'postgres-refused') {
      log[code === 'postgres-refused' ? 'error' : 'warn']('request failed', { method: request.method, route: request.path, error })
      response.set('Retry-After', String(retryAfterSeconds))
      answerError(response, 503, 'database-unavailable', 'the records cannot be read at the moment; try again shortly')
      return
    }
    log.error('request failed', { method: request.method, route: request.path, error })
    answerError(response, 500, 'internal-error', 'something went wrong here; it has been noted')
  }
}

/** Express and its parsers put the status of a malformed request on the error they throw. */
function clientErrorStatus(error: Error): number | null {
  if (!('status' in error) || typeof error.status !== 'number') return null
  return error.status >= 400 && error.status < 500 ? error.status : null
}
