/**
 * The gateway: gives sockets sessions, and every session the dispatches of its shard that its intents include.
 *
 * It promises what Discord promises: a guild's events reach every session of its shard once and in order, numbered
 * without holes; a session without a socket keeps them for RESUME. It knows nothing of who caused an event: it hears
 * the world. READY and the GUILD_CREATEs of a session are written in one go, so no event can slip in between.
 */
import type { RESTGetAPIGatewayBotResult } from 'discord-api-types/v10'
import { GatewayCloseCodes } from 'discord-api-types/v10'
import type { WebSocket } from 'ws'
import type { Clock } from '../../kernel/clock.ts'
import type { GatewayControl } from '../faults/faults.ts'
import type { GatewayFaults } from '../faults/gateway-faults.ts'
import type { GatewayEntry, RequestLog } from '../request-log.ts'
import type { World } from '../world/world.ts'
import { createBroadcast } from './broadcast.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import type { Wire } from './gathered-writes.ts'
import { openConnection } from './connection.ts'
import { createGatewayControl } from './control.ts'
import { createHandshake } from './handshake.ts'
import { createIdentifyBudget } from './identify-budget.ts'
import type { GatewayLimits } from './limits.ts'
import { createSessionRequests } from './session-requests.ts'
import type { Session } from './session.ts'
import { createSessions } from './sessions.ts'
import { isOnShard } from './shard-route.ts'

export interface GatewayDeps {
  world: World
  clock: Clock
  faults: GatewayFaults
  requestLog: RequestLog
  newSessionId: () => string
  /** Where sockets connect: `ws://127.0.0.1:port`. */
  url: () => string
}

export interface GatewayOptions {
  token: string
  /** Privileged intents enabled in the "developer portal". */
  privilegedIntents: number
  limits: GatewayLimits
  /** Recommended by GET /gateway/bot; by default computed from the number of guilds. */
  recommendedShards?: number
}

export interface Gateway {
  /** Takes a socket whose upgrade is done; `search` is the query of its URL. */
  accept(socket: WebSocket, from: { search: URLSearchParams; wire: Wire }): void
  /** The body of GET /gateway/bot. */
  gatewayInfo(): RESTGetAPIGatewayBotResult
  sessions(): Session[]
  readonly control: GatewayControl
  /** Says 1001 to everybody and forgets all sessions. */
  stop(): void
}

export function createGateway(deps: GatewayDeps, options: GatewayOptions): Gateway {
  const { world, clock, faults, requestLog } = deps
  const { limits } = options
  const connections = new Set<Connection>()
  const note = (event: GatewayEntry['event'], about: { session?: string; shard?: number; code?: number }): void => {
    const { session = null, shard = null, code = null } = about
    requestLog.add({ kind: 'gateway', event, session, shard, code })
  }
  const onEnd = (session: Session): void => note('session-ended', { session: session.id, shard: session.shard[0] })
  const sessions = createSessions({ clock, newSessionId: deps.newSessionId, onEnd }, limits)
  const broadcast = createBroadcast(
    { world, clock, faults, requestLog, sessions: () => sessions.list() },
    { replayFramesMax: limits.replayFramesMax },
  )
  const budget = createIdentifyBudget({ clock }, limits)
  const guildsOn = (shard: readonly [number, number]): number =>
    world.guilds.listOfBot().filter((guild) => isOnShard(guild.id, shard)).length
  const handshake = createHandshake({
    world,
    sessions,
    broadcast,
    budget,
    faults,
    note,
    resumeUrl: deps.url,
    rules: { ...options, guildsOn, guildsPerShardMax: limits.guildsPerShardMax },
  })
  const requests = createSessionRequests({ world, clock, broadcast }, limits)

  const refuseForm = (session: Session, isFine: boolean): void => {
    if (!isFine) session.sink?.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload.')
  }
  const events: ConnectionEvents = {
    onIdentify: handshake.identify,
    onResume: handshake.resume,
    onVoiceStateUpdate: (session, data) => refuseForm(session, requests.updateVoiceState(session, data)),
    onMemberRequest: (session, data) => refuseForm(session, requests.requestMembers(session, data)),
    takesAck({ session }) {
      if (session === null) return false
      requestLog.add({ kind: 'heartbeat', session: session.id, shard: session.shard[0] })
      return faults.takesAck(session.shard[0])
    },
    onClosed(connection, code, byClient) {
      connections.delete(connection)
      const { session } = connection
      note('closed', { code, ...(session === null ? {} : { session: session.id, shard: session.shard[0] }) })
      if (session === null) return
      if (endsSession(code, byClient) && session.sink === connection) sessions.end(session)
      else sessions.detach(session, connection)
    },
  }
  return {
    accept(socket, { search, wire }) {
      note('connected', {})
      connections.add(openConnection({ socket, wire, clock, events }, { version: search.get('v'), limits }))
    },
    gatewayInfo: () => ({
      url: deps.url(),
      shards: options.recommendedShards ?? recommendShards(world.guilds.listOfBot().length, limits),
      session_start_limit: budget.sessionStartLimit(),
    }),
    sessions: () => [...sessions.list()],
    control: createGatewayControl({ connections, sessions }),
    stop() {
      broadcast.stop()
      sessions.stop()
      for (const connection of connections) connection.close(1001, 'Going away.')
    },
  }
}

/** The client's goodbye, or a time-out, after which Discord wants a new session. */
function endsSession(code: number, byClient: boolean): boolean {
  return byClient ? code === 1000 || code === 1001 : code === GatewayCloseCodes.SessionTimedOut
}

function recommendShards(guildCount: number, limits: GatewayLimits): number {
  return Math.max(1, Math.ceil(guildCount / limits.guildsPerShardRecommended))
}
