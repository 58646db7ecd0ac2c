/**
 * One request to a known route, from the first look to the answer.
 *
 * The order: faults have their say, the body is read, the caller authorized and counted against the limits, the body
 * held against Discord's description, the route run, its answer held against the description. A refusal anywhere ends
 * it. A route that throws anything else is a bug of the sandbox: logged as an error, answered 500.
 */
import type { IncomingMessage } from 'node:http'
import { waitFor } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import { isSnowflake } from '../../kernel/ids.ts'
import type { RestFaultAnswer } from '../faults/rest-faults.ts'
import { refuseField } from './form-errors.ts'
import { refuseLimited } from './rate-limits.ts'
import type { RateLimits } from './rate-limits.ts'
import { isRefusal, refuse } from './refusals.ts'
import { jsonReply, refusalReply } from './reply.ts'
import type { Reply } from './reply.ts'
import { readRequestBody } from './request-body.ts'
import type { RequestBody } from './request-body.ts'
import type { RestDeps } from './rest-deps.ts'
import type { Route, RouteCall } from './route.ts'
import type { RouteMatch } from './router.ts'
import type { SpecCheck } from './spec-check.ts'
import { describeIssues, toFormErrors } from './spec-issues.ts'

export interface AnswerParts {
  readonly deps: RestDeps
  readonly limits: RateLimits
  readonly specCheck: () => Promise<SpecCheck>
}

interface Incoming {
  readonly request: IncomingMessage
  readonly url: URL
}

export async function answerRoute(parts: AnswerParts, match: RouteMatch<Route>, incoming: Incoming): Promise<Reply> {
  const { deps } = parts
  const route = match.handled
  const fault = deps.faults.beforeRequest(route.method, route.pattern)
  if (fault.delayMs > 0) await waitFor(deps.clock, fault.delayMs)
  if (fault.answer !== null && !fault.afterEffect) return faultReply(fault.answer)
  const reply = await runRoute(parts, match, incoming)
  return fault.answer === null ? reply : faultReply(fault.answer)
}

async function runRoute(parts: AnswerParts, match: RouteMatch<Route>, incoming: Incoming): Promise<Reply> {
  const { deps } = parts
  const { request } = incoming
  const route = match.handled
  const headers: Record<string, string> = {}
  try {
    const spec = await parts.specCheck()
    const body = await readRequestBody(request)
    // From here to the end nothing else runs: what is counted, checked and changed belongs together.
    const reply = judgeAndRun({ ...parts, spec }, match, { ...incoming, body, headers })
    noteUnlikeSpec(deps, { route, reply, spec })
    return reply
  } catch (thrown) {
    if (isRefusal(thrown)) return refusalReply(thrown, headers)
    if (request.destroyed && !request.complete) {
      // The client left while it was still sending: nothing was done, and nobody hears the answer.
      deps.log.debug('client left during its request', { route: route.pattern })
      return jsonReply(499, undefined, {})
    }
    deps.log.error('request handler failed', { route: route.pattern, method: route.method, error: coerceError(thrown) })
    return jsonReply(500, { message: '500: Internal Server Error', code: 0 }, headers)
  }
}

/** The answer of the route, or the refusal that came before or out of it. */
function judgeAndRun(
  parts: AnswerParts & { spec: SpecCheck },
  match: RouteMatch<Route>,
  incoming: Incoming & { body: RequestBody; headers: Record<string, string> },
): Reply {
  const { deps, limits, spec } = parts
  const { request, body, headers } = incoming
  const route = match.handled
  try {
    authorize(route, request, deps.token)
    if (route.auth === 'bot') limits.takeGlobal(deps.token)
    if (route.bucket) Object.assign(headers, limits.takeBucket(route.bucket, majorOf(match.params)))
    requireSnowflakes(match.params)
    toFormErrors(spec.checkBody(route.operation, body.json), body.json).throwIfAny()
    const answer = route.handle(createCall(parts, match, incoming))
    return jsonReply(answer.status, answer.body, headers)
  } catch (thrown) {
    if (isRefusal(thrown)) return refusalReply(thrown, headers)
    throw thrown
  }
}

function createCall(
  { deps, limits }: AnswerParts,
  match: RouteMatch<Route>,
  incoming: Incoming & { body: RequestBody },
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

function noteUnlikeSpec(deps: RestDeps, at: { route: Route; reply: Reply; spec: SpecCheck }): void {
  const { reply } = at
  const issues = at.spec.checkAnswer(at.route.operation, reply.status, reply.json)
  if (issues.length === 0) return
  const { method, pattern } = at.route
  const detail = `${reply.status} ${describeIssues(issues)}`
  deps.requestLog.add({ kind: 'violation', what: 'answer-unlike-spec', method, route: pattern, detail })
}

function faultReply(answer: RestFaultAnswer): Reply {
  if ('scope' in answer) return refusalReply(refuseLimited({ waitMs: answer.retryAfterMs, scope: answer.scope, headers: {} }), {})
  return jsonReply(answer.status, { message: `${answer.status}: Service Unavailable`, code: 0 }, {})
}
