/**
 * The append-only log of what crossed the sandbox: every request, gateway event and dispatch, in order.
 *
 * Tests assert on it and people read it when something went another way than they thought. Bounded in memory: beyond
 * `entriesMax` the oldest are forgotten and `forgotten` counts them. Each entry is also given to `onEntry`, from which
 * a file can be written. Tokens never enter it: doors log routes, not authorization.
 */
import type { Clock } from '../kernel/clock.ts'

export interface RequestEntry {
  kind: 'request'
  method: string
  /** With ids, without query and without interaction tokens. */
  path: string
  /** The template that matched, `/channels/:channel/messages`, or null for an unknown route. */
  route: string | null
  status: number
  durationMs: number
  /** Discord's error code of the answer, when it has one. */
  code?: number
}

export interface DispatchEntry {
  kind: 'dispatch'
  session: string
  shard: number
  t: string
  s: number
  guildId: string | null
}

export interface GatewayEntry {
  kind: 'gateway'
  event: 'connected' | 'identified' | 'resumed' | 'refused' | 'closed' | 'session-ended'
  session: string | null
  shard: number | null
  /** Close code or opcode, where there is one. */
  code: number | null
}

export type LogEntry = (RequestEntry | DispatchEntry | GatewayEntry) & { atMs: number; number: number }

export interface RequestLog {
  add(entry: RequestEntry | DispatchEntry | GatewayEntry): void
  /** Oldest first. */
  entries(): readonly LogEntry[]
  requests(): (RequestEntry & { atMs: number })[]
  dispatches(): (DispatchEntry & { atMs: number })[]
  /** Requests whose route was unknown; a test that met one has failed. */
  unknownRoutes(): (RequestEntry & { atMs: number })[]
  /** How many entries were dropped at the bound. */
  forgotten(): number
  onEntry(listener: (entry: LogEntry) => void): () => void
}

const entriesMaxDefault = 50_000

export function createRequestLog(deps: { clock: Clock }, options: { entriesMax?: number } = {}): RequestLog {
  const entriesMax = options.entriesMax ?? entriesMaxDefault
  const listeners = new Set<(entry: LogEntry) => void>()
  let kept: LogEntry[] = []
  let added = 0
  const requests = (): (RequestEntry & { atMs: number })[] => kept.filter((entry) => entry.kind === 'request')
  return {
    add(entry) {
      added += 1
      const logged: LogEntry = { number: added, atMs: deps.clock.wallMs(), ...entry }
      kept.push(logged)
      // Dropped in halves, so that a full log costs one copy per many entries.
      if (kept.length > entriesMax * 1.5) kept = kept.slice(-entriesMax)
      for (const listener of listeners) listener(logged)
    },
    entries: () => kept,
    requests,
    dispatches: () => kept.filter((entry) => entry.kind === 'dispatch'),
    unknownRoutes: () => requests().filter((entry) => entry.route === null),
    forgotten: () => added - kept.length,
    onEntry(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
