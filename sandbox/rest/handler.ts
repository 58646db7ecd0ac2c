/**
 * The REST face: one function that answers everything under /api/v10, /cdn and /attachments.
 *
 * Two things are promised whatever happens: the client gets an answer, and the request log gets an entry. What happens
 * between is answer-route.ts. An address that no route has is answered 404 and recorded as a violation, so that a test
 * cannot pass over it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerRoute } from './answer-route.ts'
import { serveFile } from './file-routes.ts'
import { createInvalidRequests } from './invalid-requests.ts'
import { createRateLimits } from './rate-limits.ts'
import { refuse } from './refusals.ts'
import type { RestDeps } from './rest-deps.ts'
import { refusalReply } from './reply.ts'
import type { Reply } from './reply.ts'
import { createRouter } from './router.ts'
import { allRoutes } from './routes/all-routes.ts'
import { loadSpecCheck } from './spec-check.ts'
import type { SpecCheck } from './spec-check.ts'

export interface RestHandler {
  (request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Answers of the last ten minutes that bring a client nearer to a ban. */
  invalidRequests(): number
}

const apiPrefix = '/api/v10'

export function createRestHandler(deps: RestDeps): RestHandler {
  const router = createRouter(allRoutes)
  const limits = createRateLimits(deps, deps.limits)
  const invalid = createInvalidRequests(deps)
  let loading: Promise<SpecCheck> | undefined
  const parts = { deps, limits, specCheck: (): Promise<SpecCheck> => (loading ??= loadSpecCheck()) }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedMs = deps.clock.monotonicMs()
    const url = new URL(`http://sandbox${request.url ?? '/'}`)
    const method = request.method ?? 'GET'
    if (serveFile(deps.world, url.pathname, response)) return
    const path = url.pathname.startsWith(`${apiPrefix}/`) ? url.pathname.slice(apiPrefix.length) : ''
    const outcome = router.find(method, path)
    const reply =
      outcome.kind === 'matched'
        ? await answerRoute(parts, outcome.match, { request, url })
        : unknownRoute(deps, outcome.kind, { method, path: url.pathname })
    // A client that left does not hear the answer; what was done stays done, as with Discord.
    if (!response.destroyed) response.writeHead(reply.status, reply.headers).end(reply.json)
    invalid.note(reply.status, reply.headers['x-ratelimit-scope'])
    deps.requestLog.add({
      kind: 'request',
      method,
      path: withoutTokens(url.pathname),
      route: outcome.kind === 'matched' ? outcome.match.pattern : null,
      status: reply.status,
      durationMs: deps.clock.monotonicMs() - startedMs,
      ...(reply.code === undefined ? {} : { code: reply.code }),
    })
  }
  return Object.assign(handle, { invalidRequests: invalid.count })
}

function unknownRoute(deps: RestDeps, kind: 'wrong-method' | 'unknown', at: { method: string; path: string }): Reply {
  const route = withoutTokens(at.path)
  deps.requestLog.add({ kind: 'violation', what: 'unknown-route', method: at.method, route, detail: kind })
  return refusalReply(refuse(kind === 'unknown' ? 'notFound' : 'methodNotAllowed'), {})
}

/** The log shows which route was used, not the token that was in it. */
function withoutTokens(path: string): string {
  return path.replace(/\/(interactions|webhooks)\/(\d+)\/[^/]+/, '/$1/$2/token')
}
