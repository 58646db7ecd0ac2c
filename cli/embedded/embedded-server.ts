/**
 * What an embedded server is to its starter: a Postgres or a Redis on this machine that somebody may stop.
 *
 * The rule behind `stop`: who keeps a server ends it. The keeper is the process that started it, or that found it
 * still running after its keeper had died. A server whose keeper lives is only visited: `reused` is true and `stop`
 * leaves it alone.
 */
import type { Clock } from '../../kernel/clock.ts'

export interface EmbeddedServer {
  /** With the generated password inside: hand it on, never print it. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** True when it was already running on this data folder. */
  readonly reused: boolean
  /** Ends the server if it is ours to end, and waits until it is gone. Calling it twice does nothing more. */
  stop(): Promise<void>
}

export interface EmbeddedServerDeps {
  readonly clock: Clock
  /** Told, in words for a person, what takes long ("fetching Redis …"). */
  readonly progress: (sentence: string) => void
}

export interface EmbeddedServerOptions {
  /** The folder of all embedded data, usually `.muster`; created when missing. */
  readonly folder: string
  /** The port to try first; the next free one is taken when it is not free. 0 means any. */
  readonly portPreferred: number
  /** The folder is removed with its Postgres, however that ends. For runs whose data nobody wants back. */
  readonly disposable?: boolean
}

/** How long a server may take until it answers. Generous: after a power cut Postgres replays its log first. */
export const startTimeoutMs = 60_000
/** How often a start, a stop or a lock is looked at again. Small against a start of 60 ms, cheap to ask. */
export const lookAgainMs = 10
