/**
 * The append-only log of what crossed the sandbox: every request, gateway event and dispatch, in order.
 *
 * Tests assert on it and people read it when something went another way than they thought. Bounded in memory: beyond
 * `entriesMax` the oldest are forgotten and `forgotten` counts them; the first violations are kept however long the run.
 * Each entry is also given to `onEntry`, from which a file can be written. Tokens never enter it: doors log routes, not
 * authorization.
 */
import type { Clock } from '../kernel/clock.ts'

export interface RequestEntry {
  kind: 'request'
  method: string
  /** With ids, without query and without interaction tokens. */
  path: string
  /** The pattern that matched, `/channels/{channel_id}/messages`, or null for an unknown route. */
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

/** A heartbeat of an attached session, when it arrived. */
export interface HeartbeatEntry {
  kind: 'heartbeat'
  session: string
  shard: number
}

/** Something that must not happen in a sound run: a test that met one has failed. */
export interface ViolationEntry {
  kind: 'violation'
  what: 'unknown-route' | 'answer-unlike-spec' | 'not-built'
  method: string
  route: string
  detail: string
}

export type NewEntry = RequestEntry | DispatchEntry | GatewayEntry | HeartbeatEntry | ViolationEntry
export type LogEntry = NewEntry & { atMs: number; number: number }

export interface RequestLog {
  add(entry: NewEntry): void
  /** Oldest first. */
  entries(): readonly LogEntry[]
  requests(): (RequestEntry & { atMs: number })[]
  dispatches(): (DispatchEntry & { atMs: number })[]
  violations(): (ViolationEntry & { atMs: number })[]
  /** How many entries were dropped at the bound. */
  forgotten(): number
  onEntry(listener: (entry: LogEntry) => void): () => void
}

const entriesMaxDefault = 50_000
/** One is enough to fail a run; these tell what kinds there are. */
const violationsMax = 1_000

export function createRequestLog(deps: { clock: Clock }, options: { entriesMax?: number } = {}): RequestLog {
  const entriesMax = options.entriesMax ?? entriesMaxDefault
  const listeners = new Set<(entry: LogEntry) => void>()
  let kept: LogEntry[] = []
  const violations: (ViolationEntry & LogEntry)[] = []
  let added = 0
  return {
    add(entry) {
      added += 1
      const logged: LogEntry = { number: added, atMs: deps.clock.wallMs(), ...entry }
      kept.push(logged)
      if (logged.kind === 'violation' && violations.length < violationsMax) violations.push(logged)
      // Dropped in halves, so that a full log costs one copy per many entries.
      if (kept.length > entriesMax * 1.5) kept = kept.slice(-entriesMax)
      for (const listener of listeners) listener(logged)
    },
    entries: () => kept,
    requests: () => kept.filter((entry) => entry.kind === 'request'),
    dispatches: () => kept.filter((entry) => entry.kind === 'dispatch'),
    violations: () => [...violations],
    forgotten: () => added - kept.length,
    onEntry(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
