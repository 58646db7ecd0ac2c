/**
 * The fault face over HTTP: POST /faults/<fault> with the arguments of the typed method as JSON.
 *
 * GET /faults/log gives the request log as JSON lines, GET /faults/sessions what is connected.
 */
import { z } from 'zod'
import type { Gateway } from '../gateway/gateway.ts'
import type { JsonRoute } from '../json-door.ts'
import { jsonLines } from '../json-door.ts'
import type { RequestLog } from '../request-log.ts'
import type { Faults } from './faults.ts'

const times = z.int().min(1).optional()
const connection = { shard: z.int().optional(), shardCount: z.int().optional(), session: z.string().optional() }
const request = { method: z.string().optional(), route: z.string().optional(), times }
const dispatch = { t: z.string().optional(), guildId: z.string().optional(), shard: z.int().optional(), times }

const schemas = {
  close: z.object({ ...connection, code: z.int().min(1000).max(4999), reason: z.string().optional() }),
  connections: z.object(connection),
  invalidate: z.object({ ...connection, resumable: z.boolean() }),
  shard: z.object({ shard: z.int(), times }),
  guild: z.object({ guildId: z.string(), times }),
  duplicate: z.object({ ...dispatch, copies: z.int().min(0).max(10).optional() }),
  delay: z.object({ ...dispatch, delayMs: z.number().min(0) }),
  rateLimit: z.object({
    ...request,
    scope: z.enum(['user', 'shared', 'global']).optional(),
    retryAfterMs: z.number().min(0).optional(),
  }),
  fail: z.object({ ...request, status: z.literal([500, 502, 503, 504]).optional(), afterEffect: z.boolean().optional() }),
  latency: z.object({ ...request, delayMs: z.number().min(0) }),
}

/** JSON has no undefined, so a field zod calls optional is either there or not. */
type Given<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> }

export function faultRoutes(deps: { faults: Faults; gateway: Gateway; requestLog: RequestLog }): JsonRoute[] {
  const { faults, gateway, requestLog } = deps
  const post = <Schema extends z.ZodType<object>>(
    name: string,
    schema: Schema,
    act: (args: Given<z.infer<Schema>>) => number | void,
  ): JsonRoute => ({
    method: 'POST',
    pattern: `/faults/${name}`,
    handle: ({ body }) => ({ affected: act(schema.parse(body) as Given<z.infer<Schema>>) ?? null }),
  })
  return [
    post('close', schemas.close, (args) => faults.closeConnections(args)),
    post('drop', schemas.connections, (args) => faults.dropConnections(args)),
    post('reconnect', schemas.connections, (args) => faults.requestReconnect(args)),
    post('heartbeat', schemas.connections, (args) => faults.requestHeartbeat(args)),
    post('invalidate', schemas.invalidate, (args) => faults.invalidateSessions(args)),
    post('withhold-ack', schemas.shard, (args) => faults.withholdAck(args)),
    post('withhold-resume', schemas.shard, (args) => faults.withholdResume(args)),
    post('withhold-guild-create', schemas.guild, (args) => faults.withholdGuildCreate(args)),
    post('duplicate-dispatch', schemas.duplicate, (args) => faults.duplicateDispatch(args)),
    post('delay-dispatch', schemas.delay, (args) => faults.delayDispatch(args)),
    post('rate-limit', schemas.rateLimit, (args) => faults.rateLimitNext(args)),
    post('fail', schemas.fail, (args) => faults.failNext(args)),
    post('latency', schemas.latency, (args) => faults.delayRequests(args)),
    post('clear', z.object({}), () => faults.clear()),
    { method: 'GET', pattern: '/faults/log', handle: () => jsonLines(requestLog.entries()) },
    {
      method: 'GET',
      pattern: '/faults/sessions',
      handle: () =>
        gateway.sessions().map(({ id, shard, intents, sequence, sink }) => ({
          id,
          shard,
          intents,
          sequence,
          connected: sink !== null,
        })),
    },
  ]
}
