/**
 * So many requests at once, first come first served: in a crowd connections are used again instead of one being opened for
 * each, which would cost both sides more than the request.
 */
import { assert } from '../../kernel/assert.ts'

export type RequestLimit = <Result>(work: () => Promise<Result>) => Promise<Result>

/** What waits is bounded by the interactions that are open. */
export function createRequestLimit(inFlightMax: number): RequestLimit {
  assert(inFlightMax > 0, 'at least one request may be under way')
  const waiting: (() => void)[] = []
  let inFlight = 0
  return async (work) => {
    if (inFlight >= inFlightMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else inFlight += 1
    try {
      return await work()
    } finally {
      // The place is handed on, or given back.
      const next = waiting.shift()
      if (next === undefined) inFlight -= 1
      else next()
    }
  }
}
