/**
 * The body of a POST as the bytes that were sent, up to a bound. Nothing is decompressed and nothing parsed here.
 */
import express from 'express'
import type { Request, RequestHandler } from 'express'

/** A body that says it is something else than JSON is refused with 415; one that says nothing is read. */
const readableTypes = /^(application\/(json|octet-stream)|text\/plain)\s*(;|$)/i

export function readBody(lengthMax: number): readonly RequestHandler[] {
  const read = express.raw({ type: () => true, limit: lengthMax, inflate: false })
  return [
    (request, _response, next) => {
      const type = request.headers['content-type']
      next(type === undefined || readableTypes.test(type) ? undefined : httpError(415, 'not JSON'))
    },
    read,
  ]
}

/** Empty when no body came: the reader leaves it undefined then. */
export function bodyBytes(request: Request): Uint8Array {
  const body: unknown = request.body
  return body instanceof Uint8Array ? body : new Uint8Array(0)
}

function httpError(status: number, message: string): Error {
  return Object.assign(new Error(message), { status })
}
