/**
 * Spends an address' points before a request is looked at: one for a plain question, more for what costs more.
 */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { AddressLimit } from './address-limit.ts'
import { answerError } from './errors.ts'

export function limitRequests(limit: AddressLimit, points = 1): RequestHandler {
  return (request, response, next) => {
    const waitSeconds = limit.spend(request.ip ?? '', points)
    // Answered at once nearly always: then no turn of the event loop is spent on it. Express hears of a rejection.
    if (waitSeconds === null || typeof waitSeconds === 'number') return settle(waitSeconds, response, next)
    return waitSeconds.then((seconds) => settle(seconds, response, next))
  }
}

function settle(waitSeconds: number | null, response: Response, next: NextFunction): void {
  if (waitSeconds === null) next()
  else refuseForNow(response, waitSeconds)
}

export function refuseForNow(response: Response, waitSeconds: number): void {
  response.set('Retry-After', String(waitSeconds))
  answerError(response, 429, 'too-many-requests', `too many requests from this address; again in ${waitSeconds} s`)
}

/** Points for something that turned out to be hostile, after it was answered: a guessed secret. */
export async function spendAfterwards(limit: AddressLimit, request: Request, points: number): Promise<void> {
  await limit.spend(request.ip ?? '', points)
}
