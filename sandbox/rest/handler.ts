/**
 * The REST face: one function that answers everything under /api/v10, /cdn and /attachments.
 *
 * The order of a request: find the route, let faults have their say, authorize, count against the limits, read the
 * body, hold it against Discord's description, run the route, hold the answer against the description, send, log.
 * Two things are promised whatever happens: the client gets an answer, and the request log gets an entry. A handler
 * that throws anything but a Refusal is a bug: it is logged as an error and answered 500.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RESTGetAPIGatewayBotResult } from 'discord-api-types/v10'
import type { Clock } from '../../kernel/clock.ts'
import { waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { isSnowflake } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { RequestEntry } from '../request-log.ts'
import type { World } from '../world/world.ts'
import { serveFile } from './file-routes.ts'
import { refuseField } from './form-errors.ts'
import { createInvalidRequests } from './invalid-requests.ts'
import { createRateLimits, refuseLimited } from './rate-limits.ts'
import type { RateLimits, RestLimits } from './rate-limits.ts'
import { isRefusal, refuse } from './refusals.ts'
import type { Refusal } from './refusals.ts'
import { readRequestBody } from './request-body.ts'
import type { Answer, InteractionsPort, Portal, Route, RouteCall } from './route.ts'
import { createRouter } from './router.ts'
import type { RouteMatch } from './router.ts'
import { allRoutes } from './routes/all-routes.ts'
import { loadSpecCheck } from './spec-check.ts'
import type { SpecCheck } from './spec-check.ts'
import { describeIssues, toFormErrors } from './spec-issues.ts'
import type { ViolationEntry } from './violations.ts'

/** What a fault makes of a request; `answer` replaces the real one, `afterEffect` lets the real one happen unheard. */
export interface RequestFault {
  readonly delayMs: number
  readonly answer:
    | null
    | { readonly status: 429; readonly scope: 'user' | 'shared' | 'global'; readonly retryAfterMs: number }
    | { readonly status: number }
  readonly afterEffect: boolean
}

export interface RestDeps {
  readonly world: World
  readonly interactions: InteractionsPort
  readonly faults: { beforeRequest(method: string, route: string): RequestFault }
  readonly requestLog: { add(entry: RequestEntry | ViolationEntry): void }
  readonly clock: Clock
  readonly log: Log
  readonly token: string
  readonly gatewayInfo: () => RESTGetAPIGatewayBotResult
  /** Origin under which clients reach the sandbox: `http://127.0.0.1:4000`. */
  readonly baseUrl: () => string
  readonly limits: RestLimits
  readonly portal?: Portal
}

export interface RestHandler {
  (request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Answers of the last ten minutes that bring a client nearer to a ban. */
  invalidRequests(): number
}

export const apiPrefix = '/api/v10'

export function createRestHandler(deps: RestDeps): RestHandler {
  const router = createRouter(allRoutes)
  const limits = createRateLimits(deps, deps.limits)
  const invalid = createInvalidRequests(deps)
  let loading: Promise<SpecCheck> | undefined
  const specCheck = (): Promise<SpecCheck> => (loading ??= loadSpecCheck())

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedMs = deps.clock.monotonicMs()
    const url = new URL(request.url ?? '/', 'http://sandbox')
    const method = request.method ?? 'GET'
    if (serveFile(deps.world, url.pathname, response)) return
    const outcome = router.find(method, url.pathname.startsWith(`${apiPrefix}/`) ? url.pathname.slice(apiPrefix.length) : '')
    const reply =
      outcome.kind === 'matched'
        ? await answerRoute({ deps, limits, specCheck }, outcome.match, { request, url })
        : unknownRoute(outcome.kind, deps, { method, path: url.pathname })
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

interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly json: string
  readonly code?: number
}

interface Parts {
  readonly deps: RestDeps
  readonly limits: RateLimits
  readonly specCheck: () => Promise<SpecCheck>
}

interface Incoming {
  readonly request: IncomingMessage
  readonly url: URL
}

async function answerRoute(parts: Parts, match: RouteMatch<Route>, incoming: Incoming): Promise<Reply> {
  const { deps } = parts
  const route = match.handled
  const fault = deps.faults.beforeRequest(route.method, route.pattern)
  if (fault.delayMs > 0) await waitFor(deps.clock, fault.delayMs)
  if (fault.answer !== null && !fault.afterEffect) return faultReply(fault.answer)
  const reply = await runRoute(parts, match, incoming)
  return fault.answer === null ? reply : faultReply(fault.answer)
}

async function runRoute(parts: Parts, match: RouteMatch<Route>, { request, url }: Incoming): Promise<Reply> {
  const { deps, limits } = parts
  const route = match.handled
  const headers: Record<string, string> = {}
  try {
    // Loaded before anything is counted or changed: from here to the end of the route nothing else may interleave
    // except the reading of the body.
    const spec = await parts.specCheck()
    const body = await readRequestBody(request)
    authorize(route, request, deps.token)
    if (route.auth === 'bot') limits.takeGlobal(deps.token)
    if (route.bucket) Object.assign(headers, limits.takeBucket(route.bucket, majorOf(match.params)))
    requireSnowflakes(match.params)
    toFormErrors(spec.checkBody(route.operation, body.json), body.json).throwIfAny()
    const answer = route.handle(createCall(parts, match, { request, url, body }))
    return checkedReply(deps, { route, answer, headers, spec })
  } catch (thrown) {
    if (isRefusal(thrown)) return refusalReply(thrown, headers)
    deps.log.error('request handler failed', { route: route.pattern, method: route.method, error: coerceError(thrown) })
    return jsonReply(500, { message: '500: Internal Server Error', code: 0 }, headers)
  }
}

function createCall(
  { deps, limits }: Parts,
  match: RouteMatch<Route>,
  incoming: Incoming & { body: { json: unknown; files: RouteCall['files'] } },
): RouteCall {
  const { method, pattern } = match.handled
  return {
    world: deps.world,
    interactions: deps.interactions,
    gatewayInfo: deps.gatewayInfo,
    baseUrl: deps.baseUrl(),
    portal: deps.portal ?? { membersIntent: true },
    params: match.params,
    query: incoming.url.searchParams,
    body: incoming.body.json ?? {},
    files: incoming.body.files,
    reason: decodeReason(incoming.request.headers['x-audit-log-reason']),
    takeSublimit: (name, major) => void limits.takeBucket(name, major),
    noteNotBuilt: (detail) =>
      deps.requestLog.add({ kind: 'violation', what: 'not-built', method, route: pattern, detail }),
  }
}

function authorize(route: Route, request: IncomingMessage, token: string): void {
  if (route.auth === 'bot' && request.headers.authorization !== `Bot ${token}`) throw refuse('unauthorized')
}

/** Ids first, then the token of a webhook or interaction: together they are the resource a bucket belongs to. */
function majorOf(params: Readonly<Record<string, string>>): string {
  const webhook = params['webhook_id'] === undefined ? undefined : `${params['webhook_id']}/${params['webhook_token']}`
  return params['channel_id'] ?? params['guild_id'] ?? webhook ?? ''
}

function requireSnowflakes(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (name.endsWith('_id') && !isSnowflake(value)) {
      throw refuseField([name], 'NUMBER_TYPE_COERCE', `Value "${value.slice(0, 100)}" is not snowflake.`)
    }
  }
}

/** The header is percent-encoded because header values are Latin-1; what is no valid encoding is taken as it is. */
function decodeReason(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined || text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch (thrown) {
    if (thrown instanceof URIError) return text
    throw thrown
  }
}

function checkedReply(
  deps: RestDeps,
  at: { route: Route; answer: Answer; headers: Record<string, string>; spec: SpecCheck },
): Reply {
  const reply = jsonReply(at.answer.status, at.answer.body, at.headers)
  const issues = at.spec.checkAnswer(at.route.operation, reply.status, reply.json)
  if (issues.length > 0) {
    const { method, pattern } = at.route
    const detail = `${reply.status} ${describeIssues(issues)}`
    deps.requestLog.add({ kind: 'violation', what: 'answer-unlike-spec', method, route: pattern, detail })
  }
  return reply
}

function refusalReply(refusal: Refusal, headers: Record<string, string>): Reply {
  return { ...jsonReply(refusal.status, refusal.body, { ...headers, ...refusal.headers }), code: refusal.body.code }
}

function faultReply(answer: NonNullable<RequestFault['answer']>): Reply {
  if ('scope' in answer) return refusalReply(refuseLimited({ waitMs: answer.retryAfterMs, scope: answer.scope, headers: {} }), {})
  return jsonReply(answer.status, { message: `${answer.status}: Service Unavailable`, code: 0 }, {})
}

function unknownRoute(kind: 'wrong-method' | 'unknown', deps: RestDeps, at: { method: string; path: string }): Reply {
  const route = withoutTokens(at.path)
  deps.requestLog.add({ kind: 'violation', what: 'unknown-route', method: at.method, route, detail: kind })
  return refusalReply(refuse(kind === 'unknown' ? 'notFound' : 'methodNotAllowed'), {})
}

function jsonReply(status: number, body: unknown, headers: Record<string, string>): Reply {
  if (body === undefined) return { status, headers, json: '' }
  // The content type is not a courtesy: without it discord.js takes the body for bytes.
  return { status, headers: { ...headers, 'content-type': 'application/json' }, json: JSON.stringify(body) }
}

/** The log shows which route was used, not the token that was in it. */
function withoutTokens(path: string): string {
  return path.replace(/\/(interactions|webhooks)\/(\d+)\/[^/]+/, '/$1/$2/token')
}
