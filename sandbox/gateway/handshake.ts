/**
 * IDENTIFY and RESUME: how a connection comes to a session.
 *
 * A refused identify closes with its code; a busy bucket is op 9, after which the client may try again on a new
 * connection. RESUME of a session that is unknown, ended or past replay is op 9 `false`; a sequence from the future
 * is 4007.
 */
import { GatewayCloseCodes, GatewayDispatchEvents, GatewayOpcodes } from 'discord-api-types/v10'
import { z } from 'zod'
import type { GatewayFaults } from '../faults/gateway-faults.ts'
import type { GatewayEntry } from '../request-log.ts'
import type { World } from '../world/world.ts'
import type { Broadcast } from './broadcast.ts'
import type { Connection } from './connection.ts'
import type { IdentifyRules } from './identify.ts'
import { checkIdentify } from './identify.ts'
import type { IdentifyBudget } from './identify-budget.ts'
import { guildDispatches, readyDispatch } from './ready.ts'
import { framesAfter } from './session.ts'
import type { Sessions } from './sessions.ts'

export interface HandshakeDeps {
  world: World
  sessions: Sessions
  broadcast: Broadcast
  budget: IdentifyBudget
  rules: IdentifyRules
  faults: GatewayFaults
  resumeUrl: () => string
  note: (event: GatewayEntry['event'], about: { session?: string; shard?: number; code?: number }) => void
}

export interface Handshake {
  identify(connection: Connection, data: unknown): void
  resume(connection: Connection, data: unknown): void
}

const resumeSchema = z.looseObject({ token: z.string(), session_id: z.string(), seq: z.int().min(0) })

export function createHandshake(deps: HandshakeDeps): Handshake {
  return {
    identify: (connection, data) => identify(deps, connection, data),
    resume: (connection, data) => resume(deps, connection, data),
  }
}

function identify(deps: HandshakeDeps, connection: Connection, data: unknown): void {
  const { world, sessions, broadcast, budget, note } = deps
  const verdict = checkIdentify(deps.rules, connection.version, data)
  if (!verdict.ok) {
    note('refused', { code: verdict.closeCode })
    return connection.close(verdict.closeCode, verdict.reason)
  }
  const { shard, intents } = verdict
  const grant = budget.take(shard[0])
  if (grant === 'bucket-busy') {
    note('refused', { shard: shard[0], code: GatewayOpcodes.InvalidSession })
    return connection.sendOp(GatewayOpcodes.InvalidSession, false)
  }
  if (grant === 'day-used-up') {
    // Discord resets the token of a bot that identifies too often: from then on it does not authenticate.
    note('refused', { shard: shard[0], code: GatewayCloseCodes.AuthenticationFailed })
    return connection.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.')
  }
  const session = sessions.create({ shard, intents, sink: connection })
  connection.session = session
  note('identified', { session: session.id, shard: shard[0] })
  broadcast.tell(session, readyDispatch(world, session, deps.resumeUrl()))
  for (const dispatch of guildDispatches(world, session)) broadcast.offer(session, dispatch)
}

function resume(deps: HandshakeDeps, connection: Connection, data: unknown): void {
  const { sessions, broadcast, note } = deps
  const parsed = resumeSchema.safeParse(data)
  if (!parsed.success) return connection.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload.')
  const { token, session_id: sessionId, seq } = parsed.data
  if (token !== deps.rules.token) {
    note('refused', { session: sessionId, code: GatewayCloseCodes.AuthenticationFailed })
    return connection.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.')
  }
  const session = sessions.get(sessionId)
  if (session !== undefined && deps.faults.takesResume(session.shard[0])) return
  if (session !== undefined && seq > session.sequence) {
    note('refused', { session: sessionId, code: GatewayCloseCodes.InvalidSeq })
    return connection.close(GatewayCloseCodes.InvalidSeq, 'Invalid sequence.')
  }
  const missed = session === undefined ? undefined : framesAfter(session, seq)
  if (session === undefined || missed === undefined) {
    if (session !== undefined) sessions.end(session)
    note('refused', { session: sessionId, code: GatewayOpcodes.InvalidSession })
    return connection.sendOp(GatewayOpcodes.InvalidSession, false)
  }
  sessions.attach(session, connection)
  connection.session = session
  note('resumed', { session: sessionId, shard: session.shard[0] })
  for (const frame of missed) connection.send(frame)
  // Discord sends a trace here, which discord-api-types does not describe.
  broadcast.tell(session, { t: GatewayDispatchEvents.Resumed, d: { _trace: [] } as never })
}
