/**
 * All sessions: made by IDENTIFY, found by RESUME, ended by goodbye, by invalidation or by waiting too long.
 *
 * Two sessions of the same shard are legal and both get its events: a bot that hands over without a gap needs that.
 * Only a goodbye of the client (1000 or 1001) ends a session at once; any other end of the socket leaves it
 * resumable for `resumeWindowMs`.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { GatewayLimits } from './limits.ts'
import type { FrameSink, Session } from './session.ts'
import type { ShardPair } from './shard-route.ts'

export interface Sessions {
  create(input: { shard: ShardPair; intents: number; sink: FrameSink }): Session
  get(sessionId: string): Session | undefined
  list(): Iterable<Session>
  /** The session goes on over another socket; the one before it is cut. */
  attach(session: Session, sink: FrameSink): void
  /** The socket is gone. Does nothing when the session has moved to another one. */
  detach(session: Session, sink: FrameSink): void
  end(session: Session): void
  stop(): void
}

export function createSessions(
  deps: { clock: Clock; newSessionId: () => string; onEnd: (session: Session) => void },
  limits: GatewayLimits,
): Sessions {
  const sessions = new Map<string, Session>()
  /** Only of sessions without a socket; in the order they lost it. */
  const expiries = new Map<Session, Timer>()

  const keepAlive = (session: Session): void => {
    expiries.get(session)?.cancel()
    expiries.delete(session)
  }
  const end = (session: Session): void => {
    keepAlive(session)
    if (sessions.delete(session.id)) deps.onEnd(session)
  }
  const makeRoom = (): void => {
    if (sessions.size < limits.sessionsMax) return
    const longestGone = expiries.keys().next().value ?? sessions.values().next().value
    if (longestGone === undefined) return
    longestGone.sink?.terminate()
    end(longestGone)
  }
  return {
    create({ shard, intents, sink }) {
      makeRoom()
      const session: Session = { id: deps.newSessionId(), shard, intents, sequence: 0, replay: [], sink }
      sessions.set(session.id, session)
      return session
    },
    get: (sessionId) => sessions.get(sessionId),
    list: () => sessions.values(),
    attach(session, sink) {
      keepAlive(session)
      const before = session.sink
      session.sink = sink
      before?.terminate()
    },
    detach(session, sink) {
      if (session.sink !== sink) return
      session.sink = null
      if (sessions.has(session.id)) expiries.set(session, deps.clock.after(limits.resumeWindowMs, () => end(session)))
    },
    end,
    stop() {
      for (const timer of expiries.values()) timer.cancel()
      expiries.clear()
      sessions.clear()
    },
  }
}
