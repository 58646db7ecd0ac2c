/**
 * The REST face on a port of its own, without a gateway: what the tests of sandbox/rest talk to.
 *
 * Limits are Discord's unless a test loosens them. After each test `stop()` closes the server and every connection;
 * `expectNoViolations` is called by it, so that a test cannot pass over an answer that does not fit the description.
 */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { InteractionType } from 'discord-api-types/v10'
import type { Clock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createRestFaults } from '../../sandbox/faults/rest-faults.ts'
import type { RestFaults } from '../../sandbox/faults/rest-faults.ts'
import { createInteractions } from '../../sandbox/interactions/registry.ts'
import type { Interactions } from '../../sandbox/interactions/registry.ts'
import type { InteractionRecord } from '../../sandbox/interactions/interaction.ts'
import { createRequestLog } from '../../sandbox/request-log.ts'
import type { RequestLog } from '../../sandbox/request-log.ts'
import { createRestHandler } from '../../sandbox/rest/handler.ts'
import type { RestLimits } from '../../sandbox/rest/rate-limits.ts'
import { createWorld } from '../../sandbox/world/world.ts'
import type { World } from '../../sandbox/world/world.ts'
import { createManualClock } from '../support/manual-clock.ts'

export const token = 'bot.token.of-tests'

export interface Call {
  readonly status: number
  readonly headers: Headers
  // Tests look into answers by hand; what they find is asserted.
  readonly body: any // eslint-disable-line typescript/no-explicit-any
}

export interface RestHarness {
  readonly world: World
  readonly interactions: Interactions
  readonly faults: RestFaults
  readonly requestLog: RequestLog
  readonly origin: string
  /** `api` option of the client library. */
  readonly api: string
  readonly guildId: string
  readonly ownerId: string
  readonly channelId: string
  readonly dispatches: { t: string; d: unknown }[]
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Call>
  send(method: string, path: string, form: FormData): Promise<Call>
  /** A member of the guild, with roles. */
  member(name: string, roles?: readonly string[]): string
  /** A slash command of the member, waiting for its answer. */
  interact(userId: string): InteractionRecord
  invalidRequests(): number
  stop(): Promise<void>
}

export async function startRest(
  options: { clock?: Clock; limits?: RestLimits; botPermissions?: bigint; membersIntent?: boolean } = {},
): Promise<RestHarness> {
  const clock = options.clock ?? createManualClock()
  const world = createWorld({ clock })
  let tokens = 0
  const interactions = createInteractions({ world, clock, newToken: () => `token-${(tokens += 1)}` })
  const requestLog = createRequestLog({ clock })
  const faults = createRestFaults()
  const ownerId = world.users.create({ username: 'owner' }).id
  const { id: guildId } = world.guilds.create({
    name: 'Test guild',
    ownerId,
    ...(options.botPermissions === undefined ? {} : { botPermissions: options.botPermissions }),
  })
  const channelId = world.channels.create(guildId, { name: 'general' }).id
  const dispatches: { t: string; d: unknown }[] = []
  world.onDispatch(({ t, d }) => dispatches.push({ t, d: structuredClone(d) }))

  let origin = ''
  const handler = createRestHandler({
    world, interactions, faults, requestLog, clock, token,
    log: silentLog,
    gatewayInfo: () => ({
      url: 'ws://127.0.0.1:1',
      shards: 1,
      session_start_limit: { total: 1_000, remaining: 1_000, reset_after: 0, max_concurrency: 1 },
    }),
    baseUrl: () => origin,
    limits: options.limits ?? {},
    portal: { membersIntent: options.membersIntent ?? true },
  })
  const server = createServer((request, response) => void handler(request, response))
  origin = await listen(server)
  const api = `${origin}/api`

  const fetchCall = async (path: string, init: RequestInit): Promise<Call> => {
    const response = await fetch(`${api}/v10${path}`, init)
    const text = await response.text()
    const isJson = response.headers.get('content-type') === 'application/json'
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
  return {
    world, interactions, faults, requestLog, origin, api, guildId, ownerId, channelId, dispatches,
    call: (method, path, body, headers = {}) =>
      fetchCall(path, {
        method,
        headers: { authorization: `Bot ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    send: (method, path, form) => fetchCall(path, { method, headers: { authorization: `Bot ${token}` }, body: form }),
    member(name, roles = []) {
      const { id } = world.users.create({ username: name })
      world.members.add(guildId, id, { roles: [...roles] })
      return id
    },
    interact: (userId) =>
      interactions.create({
        guildId, channelId, userId,
        type: InteractionType.ApplicationCommand,
        data: { id: world.newId(), name: 'ping', type: 1 },
      }),
    invalidRequests: handler.invalidRequests,
    async stop() {
      interactions.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Every answer fitted the description and every route was known. */
export function expectNoViolations(harness: RestHarness): void {
  expect(harness.requestLog.violations()).to.deep.equal([])
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
