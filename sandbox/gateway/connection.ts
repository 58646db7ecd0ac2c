/**
 * One socket: from HELLO to its close. It checks what every frame must satisfy and hands the rest on.
 *
 *   greeted ──IDENTIFY, or RESUME that is accepted──▶ attached ──▶ closed
 *
 * In greeted only heartbeat, IDENTIFY and RESUME are allowed (else 4003). In attached it is the sink of exactly one
 * session. Limits of the client are enforced here: frame size and form (4002), opcodes (4001), sends a minute (4008),
 * heartbeats (4009). Frames go out as strings: a Buffer would arrive as binary, which discord.js drops silently.
 */
import { GatewayCloseCodes, GatewayOpcodes } from 'discord-api-types/v10'
import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Wire } from './gathered-writes.ts'
import { gatherWrites } from './gathered-writes.ts'
import type { GatewayLimits } from './limits.ts'
import type { FrameSink, Session } from './session.ts'

export interface ConnectionEvents {
  onIdentify(connection: Connection, data: unknown): void
  onResume(connection: Connection, data: unknown): void
  onVoiceStateUpdate(session: Session, data: unknown): void
  onMemberRequest(session: Session, data: unknown): void
  /** Whether the heartbeat is to stay unanswered. */
  takesAck(connection: Connection): boolean
  /** Once a connection: when the server decides to close, else when the socket is gone. 1006 is a cut socket. */
  onClosed(connection: Connection, code: number, byClient: boolean): void
}

export interface Connection extends FrameSink {
  /** `v` of the connect URL. */
  readonly version: string | null
  session: Session | null
  sendOp(op: number, data: unknown): void
}

const frameSchema = z.looseObject({ op: z.int(), d: z.unknown() })
/** A heartbeat may be late by this share of the interval before the socket counts as dead. */
const heartbeatGraceShare = 0.5

export function openConnection(
  deps: { socket: WebSocket; wire: Wire; clock: Clock; events: ConnectionEvents },
  options: { version: string | null; limits: GatewayLimits },
): Connection {
  const { socket, wire, clock, events } = deps
  const { limits } = options
  let heartbeatTimer: Timer | null = null
  let isEnded = false
  const writes = gatherWrites(wire)
  let sends: { windowStartMs: number; count: number } = { windowStartMs: clock.monotonicMs(), count: 0 }

  const connection: Connection = {
    version: options.version,
    session: null,
    send(frame) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > limits.unsentBytesMax) return connection.terminate()
      writes.gather()
      socket.send(frame)
    },
    sendOp: (op, data) => connection.send(JSON.stringify({ t: null, s: null, op, d: data })),
    close(code, reason) {
      // What happens while the close handshake is under way already belongs to replay.
      end(code, false)
      socket.close(code, reason)
    },
    terminate() {
      // What was said before is on its way, as it is with a cut cable.
      writes.flush()
      socket.terminate()
    },
  }
  const end = (code: number, byClient: boolean): void => {
    if (isEnded) return
    isEnded = true
    heartbeatTimer?.cancel()
    events.onClosed(connection, code, byClient)
  }
  const expectHeartbeat = (): void => {
    heartbeatTimer?.cancel()
    const graceMs = limits.heartbeatIntervalMs * (1 + heartbeatGraceShare)
    heartbeatTimer = clock.after(graceMs, () => connection.close(GatewayCloseCodes.SessionTimedOut, 'Session timed out.'))
  }
  const exceedsSendRate = (): boolean => {
    const nowMs = clock.monotonicMs()
    if (nowMs - sends.windowStartMs >= limits.sendWindowMs) sends = { windowStartMs: nowMs, count: 0 }
    sends.count += 1
    return sends.count > limits.sendsPerWindow
  }

  socket.on('message', (raw) => {
    // A socket that is being closed is no longer listened to, as frames may still be on their way.
    if (isEnded) return
    if (exceedsSendRate()) return connection.close(GatewayCloseCodes.RateLimited, 'Rate limited.')
    const frame = parseFrame(raw, limits.frameBytesMax)
    if (frame === undefined) return connection.close(GatewayCloseCodes.DecodeError, 'Error while decoding payload.')
    if (frame.op === GatewayOpcodes.Heartbeat) {
      expectHeartbeat()
      if (!events.takesAck(connection)) connection.sendOp(GatewayOpcodes.HeartbeatAck, null)
      return
    }
    dispatchFrame(connection, frame, events)
  })
  socket.on('close', (code) => end(code, true))
  // ws reports protocol violations here and closes by itself; onClosed tells what came of it.
  socket.on('error', () => socket.terminate())

  connection.sendOp(GatewayOpcodes.Hello, { heartbeat_interval: limits.heartbeatIntervalMs, _trace: [] })
  expectHeartbeat()
  return connection
}

function parseFrame(raw: RawData, frameBytesMax: number): { op: number; d: unknown } | undefined {
  const bytes = Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw as Buffer)
  if (bytes.byteLength > frameBytesMax) return undefined
  try {
    const parsed = frameSchema.safeParse(JSON.parse(bytes.toString('utf8')))
    return parsed.success ? { op: parsed.data.op, d: parsed.data.d } : undefined
  } catch {
    // Not JSON: the caller closes with 4002, which is the whole report Discord gives.
    return undefined
  }
}

/** Everything but heartbeats. */
function dispatchFrame(connection: Connection, frame: { op: number; d: unknown }, events: ConnectionEvents): void {
  const { session } = connection
  if (frame.op === GatewayOpcodes.Identify || frame.op === GatewayOpcodes.Resume) {
    if (session !== null) {
      return connection.close(GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated.')
    }
    if (frame.op === GatewayOpcodes.Identify) events.onIdentify(connection, frame.d)
    else events.onResume(connection, frame.d)
    return
  }
  if (session === null) return connection.close(GatewayCloseCodes.NotAuthenticated, 'Not authenticated.')
  switch (frame.op) {
    case GatewayOpcodes.PresenceUpdate:
      return
    case GatewayOpcodes.VoiceStateUpdate:
      return events.onVoiceStateUpdate(session, frame.d)
    case GatewayOpcodes.RequestGuildMembers:
      return events.onMemberRequest(session, frame.d)
    default:
      return connection.close(GatewayCloseCodes.UnknownOpcode, 'Unknown opcode.')
  }
}
