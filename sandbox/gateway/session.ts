/**
 * A session: one shard's stream of numbered dispatches, which may outlive the socket it travels on.
 *
 * While a socket is attached frames are sent at once; always they are also kept for replay, up to a bound past which
 * the session can no longer be resumed. Sequence numbers start at 1 and have no holes.
 */
import type { DispatchBody } from '../world/dispatch.ts'
import type { ShardPair } from './shard-route.ts'

/** Where frames go: the connection the session is attached to. */
export interface FrameSink {
  send(frame: string): void
  close(code: number, reason: string): void
  terminate(): void
}

export interface Session {
  readonly id: string
  readonly shard: ShardPair
  readonly intents: number
  /** Of the last dispatch sent. */
  sequence: number
  /** Oldest first, consecutive, ending at `sequence`. */
  replay: { sequence: number; frame: string }[]
  sink: FrameSink | null
}

/** Numbers the dispatch, keeps it for replay and sends it when a socket is there. */
export function deliver(session: Session, body: DispatchBody, replayFramesMax: number): void {
  session.sequence += 1
  const frame = `{"t":${JSON.stringify(body.t)},"s":${session.sequence},"op":0,"d":${JSON.stringify(body.d)}}`
  session.replay.push({ sequence: session.sequence, frame })
  // Dropped in halves: a copy per dispatch at the bound would be quadratic.
  if (session.replay.length > replayFramesMax * 2) session.replay = session.replay.slice(-replayFramesMax)
  session.sink?.send(frame)
}

/** The frames after `sequence`, or undefined when some of them are no longer kept. */
export function framesAfter(session: Session, sequence: number): string[] | undefined {
  const missed = session.sequence - sequence
  if (missed > session.replay.length) return undefined
  return missed === 0 ? [] : session.replay.slice(-missed).map(({ frame }) => frame)
}
