/**
 * Faults of the REST face: refusals, server errors and latency, asked for before each request.
 *
 * A server error may come `afterEffect`: the request took effect and only its answer was lost. discord.js retries
 * 5xx at once, so this is how a POST is executed twice; a bot has to survive it.
 */
import { createPlan } from './plan.ts'

export type RateLimitScope = 'user' | 'shared' | 'global'

export type RestFaultAnswer =
  | { status: 429; scope: RateLimitScope; retryAfterMs: number }
  | { status: 500 | 502 | 503 | 504 }

export interface RestFault {
  delayMs: number
  /** Replaces the real answer; null lets the request pass. */
  answer: RestFaultAnswer | null
  /** True: the request takes effect first, then `answer` is sent instead of the real one. */
  afterEffect: boolean
}

/** Which requests are meant; a field left out matches all. Routes are patterns: `/channels/{channel_id}/messages`. */
export interface RequestSelector {
  method?: string
  route?: string
}

export interface RestFaults {
  beforeRequest(method: string, route: string): RestFault
  rateLimitNext(rule: RequestSelector & { times?: number; scope?: RateLimitScope; retryAfterMs?: number }): void
  failNext(rule: RequestSelector & { times?: number; status?: 500 | 502 | 503 | 504; afterEffect?: boolean }): void
  /** Adds latency; without `times` until clear(). */
  delayRequests(rule: RequestSelector & { times?: number; delayMs: number }): void
  clear(): void
}

export function createRestFaults(): RestFaults {
  const answers = createPlan<RequestSelector & { answer: RestFaultAnswer; afterEffect: boolean }>()
  const delays = createPlan<RequestSelector & { delayMs: number }>()
  return {
    beforeRequest(method, route) {
      const isMeant = (rule: RequestSelector): boolean =>
        (rule.method === undefined || rule.method === method) && (rule.route === undefined || rule.route === route)
      const planned = answers.take(isMeant)
      return {
        delayMs: delays.take(isMeant)?.delayMs ?? 0,
        answer: planned?.answer ?? null,
        afterEffect: planned?.afterEffect ?? false,
      }
    },
    rateLimitNext({ times = 1, scope = 'user', retryAfterMs = 1_000, ...selector }) {
      answers.add({ ...selector, answer: { status: 429, scope, retryAfterMs }, afterEffect: false }, times)
    },
    failNext({ times = 1, status = 500, afterEffect = false, ...selector }) {
      answers.add({ ...selector, answer: { status }, afterEffect }, times)
    },
    delayRequests({ times = Number.POSITIVE_INFINITY, delayMs, ...selector }) {
      delays.add({ ...selector, delayMs }, times)
    },
    clear() {
      answers.clear()
      delays.clear()
    },
  }
}
