/**
 * `POST /webhooks/attendance`: another system records an attendance, under the guild's secret.
 *
 * The same command as staff's, asked of the guild's actor. The op id is made of the event id and the secret's hash: the
 * same event gets the same answer for a day, and a guess that was refused keeps nobody else's event from being taken. The
 * secret leaves this process only as its SHA-256, which is what the actor compares.
 */
import { createHash } from 'node:crypto'
import { Router } from 'express'
import type { Request, Response } from 'express'
import type { AttendanceReply, RecordAttendance } from '../../actors/protocol/attendance.ts'
import type { ReadAttendanceFacts } from '../../actors/protocol/attendance-facts.ts'
import type { Command, Outcome } from '../../actors/protocol/command.ts'
import { parseFlatJson } from '../../actors/records/flat-json.ts'
import { guildId, opId, userId } from '../../kernel/ids.ts'
import type { GuildId, OpId } from '../../kernel/ids.ts'
import type { AddressLimit } from '../address-limit.ts'
import type { Log } from '../../kernel/log.ts'
import { answerError, answerOtherThanPost } from '../errors.ts'
import { spendAfterwards } from '../limit-requests.ts'
import { bodyBytes, readBody } from '../read-body.ts'
import { webhookBody } from '../schemas/webhook.ts'
import type { WebhookBody } from '../schemas/webhook.ts'

/** Asks a guild's actor; null when this process has no way to (no Redis). */
export type AskActor = (options: {
  readonly guildId: GuildId
  readonly opId: OpId
  readonly command: Command
  readonly deadlineInMs: number
}) => Promise<Outcome>

export interface WebhookDeps {
  readonly log: Log
  readonly ask: AskActor | null
  /** What rows say about entries of closed sessions. */
  readonly readFacts: ReadAttendanceFacts
  readonly limit: AddressLimit
  /** Unix milliseconds. */
  now(): number
}

const bodyLengthMax = 8 * 1024
/** A caller waits as long for us as we for a guild that changes hands. */
const deadlineMs = 5_000
const retryAfterSeconds = 2
/** Reads of rows that other changes overtook, before the caller is asked to come again. */
const factsReadsMax = 5
/** A guessed secret costs as much as this many requests. */
const wrongSecretPoints = 20
/** Clocks of other systems run a little ahead; an attendance of tomorrow is a mistake. */
const futureMsMax = 5 * 60_000

export function webhookRoutes(deps: WebhookDeps): Router {
  const router = Router()
  router.post('/webhooks/attendance', ...readBody(bodyLengthMax), async (request, response) => {
    const secret = request.headers['x-webhook-secret']
    if (typeof secret !== 'string' || secret === '') return refuseSecret(deps, request, response)
    const read = parseFlatJson(bodyBytes(request))
    if (!read.ok) return answerError(response, 400, 'malformed-request', read.problem)
    const body = webhookBody.safeParse(read.value)
    if (!body.success) return answerError(response, 400, 'malformed-request', describeIssue(body.error.issues[0]))
    if (Date.parse(body.data.at) > deps.now() + futureMsMax) return answerError(response, 400, 'malformed-request', 'at is in the future')
    if (deps.ask === null) return refuseForLackOfActor(response, 'this server cannot reach its guilds')
    const secretHash = createHash('sha256').update(secret).digest('hex')
    const question = askFor(body.data, secretHash)
    // What became of the request is found by it, in every process that it came through.
    response.set('X-Trace-Id', question.opId)
    deps.log.debug('request', { trace: question.opId, route: 'POST /webhooks/attendance', guildId: question.guildId })
    const outcome = await askWithFacts({ ask: deps.ask, readFacts: deps.readFacts }, question)
    if (outcome.status === 'refused') return refuseForLackOfActor(response, `the guild is not ready (${outcome.reason})`)
    await answerReply(deps, request, response, { body: body.data, reply: outcome.reply as AttendanceReply })
  })
  router.all('/webhooks/attendance', answerOtherThanPost)
  return router
}

/** Rows are read when the actor asks for them, which it does of nobody without the secret. */
async function askWithFacts(
  deps: { readonly ask: AskActor; readonly readFacts: ReadAttendanceFacts },
  { guildId: guild, opId: op, command: first }: Question,
): Promise<Outcome> {
  let command = first
  for (let reads = 0; ; reads += 1) {
    const outcome = await deps.ask({ guildId: guild, opId: op, command, deadlineInMs: deadlineMs })
    const reply = outcome.status === 'answered' ? (outcome.reply as AttendanceReply) : null
    if (reply?.kind !== 'facts-needed') return outcome
    if (reads === factsReadsMax) return { status: 'refused', reason: 'busy' }
    command = { ...command, facts: await deps.readFacts(guild, reply.question) }
  }
}

interface Question {
  readonly guildId: GuildId
  readonly opId: OpId
  readonly command: RecordAttendance
}

function askFor(body: WebhookBody, secretHash: string): Question {
  const name = createHash('sha256').update(`${secretHash} ${body.event_id}`).digest('hex')
  return {
    guildId: guildId(body.guild_id),
    opId: opId(`webhook:${name}`),
    command: {
      feature: 'code-attendance',
      kind: 'record-attendance',
      member: body.user_id === undefined ? { studentId: body.student_id ?? '' } : { userId: userId(body.user_id) },
      sessionId: body.session_id ?? null,
      status: body.status,
      at: Date.parse(body.at),
      source: 'webhook',
      byUserId: null,
      reason: null,
      secretHash,
      dateId: null,
      asker: null,
      facts: null,
    },
  }
}

async function answerReply(
  deps: WebhookDeps,
  request: Request,
  response: Response,
  { body, reply }: { readonly body: WebhookBody; readonly reply: AttendanceReply },
): Promise<void> {
  if (reply.kind === 'attendance-recorded') {
    response.status(202).json({
      event_id: body.event_id,
      record_id: reply.recordId,
      user_id: reply.userId,
      session_id: reply.sessionId,
      status: reply.status,
      previous_status: reply.previous,
    })
    return
  }
  switch (reply.kind === 'attendance-refused' ? reply.reason : null) {
    case 'wrong-secret':
      return refuseSecret(deps, request, response)
    case 'unknown-student':
      return answerError(response, 422, 'unknown-student', 'nobody of this guild has registered this student id')
    case 'unknown-session':
      return answerError(response, 422, 'unknown-session', 'this guild has no class with this session_id; names of digits are those of classes')
    case 'still-closing':
      return answerError(response, 409, 'still-closing', 'the class is being written; send the event again shortly')
    case 'too-many-entries':
      return answerError(response, 409, 'too-many-entries', 'this guild has as many entries as are kept')
    default:
      throw new Error(`a webhook was answered with ${reply.kind}`)
  }
}

/** The same for a wrong secret, none, a guild without one, and a guild that does not exist. */
async function refuseSecret(deps: WebhookDeps, request: Request, response: Response): Promise<void> {
  answerError(response, 401, 'wrong-secret', 'x-webhook-secret is not the secret of this guild')
  await spendAfterwards(deps.limit, request, wrongSecretPoints)
}

/** Done or not, nobody knows: the same event sent again gets the answer. */
function refuseForLackOfActor(response: Response, message: string): void {
  response.set('Retry-After', String(retryAfterSeconds))
  answerError(response, 503, 'actor-unavailable', `${message}; send the same event again shortly`)
}

/** Names the field and never repeats what was sent. */
function describeIssue(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): string {
  const path = issue?.path.map(String).join('.') ?? ''
  return path === '' ? (issue?.message ?? 'not in form') : `${path}: ${issue?.message ?? 'not in form'}`
}
