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
  | 'database-unavailable'
  | 'internal-error'

const retryAfterSeconds = 2

export function answerError(response: Response, status: number, code: ErrorAnswerCode, message: string): void {
  response.status(status).set('Cache-Control', 'no-store').json({ error: { code, message } })
}

export function answerUnknownRoutes(_request: Request, response: Response): void {
  answerError(response, 404, 'unknown-route', 'there is nothing at this address')
}

/** For a known address asked with another method; put after the routes of that address. */
export function answerOtherMethods(_request: Request, response: Response): void {
  response.set('Allow', 'GET, HEAD')
  answerError(response, 405, 'method-not-allowed', 'only GET and HEAD are answered here')
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
      answerError(response, status, 'malformed-request', 'the request cannot be read')
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
