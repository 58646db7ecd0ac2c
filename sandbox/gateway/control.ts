/**
 * Faults that act on connections at once: close, cut, op 7, op 9, op 1.
 */
import { GatewayOpcodes } from 'discord-api-types/v10'
import type { ConnectionSelector, GatewayControl } from '../faults/faults.ts'
import type { Connection } from './connection.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

export function createGatewayControl(deps: { connections: Iterable<Connection>; sessions: Sessions }): GatewayControl {
  const meant = (selector: ConnectionSelector): { connection: Connection; session: Session }[] =>
    [...deps.connections].flatMap((connection) => {
      const { session } = connection
      return session !== null && isMeant(session, selector) ? [{ connection, session }] : []
    })
  const forEach = (selector: ConnectionSelector, act: (connection: Connection, session: Session) => void): number => {
    const chosen = meant(selector)
    for (const { connection, session } of chosen) act(connection, session)
    return chosen.length
  }
  return {
    closeConnections: ({ code, reason = '', ...selector }) =>
      forEach(selector, (connection) => connection.close(code, reason)),
    dropConnections: (selector) => forEach(selector, (connection) => connection.terminate()),
    requestReconnect: (selector) => forEach(selector, (connection) => connection.sendOp(GatewayOpcodes.Reconnect, null)),
    invalidateSessions: ({ resumable, ...selector }) =>
      forEach(selector, (connection, session) => {
        // The socket stays open without a session: discord.js resumes on it, other clients may identify on it.
        connection.session = null
        if (resumable) deps.sessions.detach(session, connection)
        else deps.sessions.end(session)
        connection.sendOp(GatewayOpcodes.InvalidSession, resumable)
      }),
    requestHeartbeat: (selector) => forEach(selector, (connection) => connection.sendOp(GatewayOpcodes.Heartbeat, null)),
  }
}

function isMeant(session: Session, { shard, shardCount, session: sessionId }: ConnectionSelector): boolean {
  return (
    (shard === undefined || session.shard[0] === shard) &&
    (shardCount === undefined || session.shard[1] === shardCount) &&
    (sessionId === undefined || session.id === sessionId)
  )
}
