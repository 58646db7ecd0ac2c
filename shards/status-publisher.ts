/**
 * Tells every two seconds how this process is, under its own key in Redis. A Redis that is away is told by its connections;
 * here nothing is lost, because the next status says it all again.
 */
import type { StatusBoard } from '../actors/transport/redis-status-board.ts'
import type { ProcessStatus } from '../cluster/process-status.ts'
import { statusIntervalMs, statusTtlMs } from '../cluster/process-status.ts'
import type { Clock, Timer } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Incarnation } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'

export interface StatusPublisherDeps {
  readonly board: StatusBoard
  readonly clock: Clock
  readonly log: Log
  look(): ProcessStatus
}

export interface StatusPublisher {
  /** Tells the present status at once, and then regularly. */
  start(): void
  /** Takes it back. Never rejects. */
  stop(): Promise<void>
}

export function createStatusPublisher(deps: StatusPublisherDeps, me: Incarnation): StatusPublisher {
  const { board, clock, log } = deps
  let timer: Timer | null = null
  let telling: Promise<void> = Promise.resolve()
  let isStopped = false
  const ignoring = (work: Promise<void>): Promise<void> =>
    work.catch((thrown: unknown) => log.debug('status not told', { error: coerceError(thrown) }))

  function tell(): void {
    telling = ignoring(board.write({ incarnation: me, text: JSON.stringify(deps.look()), ttlMs: statusTtlMs })).then(() => {
      if (!isStopped) timer = clock.after(statusIntervalMs, tell)
    })
  }

  return {
    start: tell,
    async stop() {
      isStopped = true
      timer?.cancel()
      await telling
      await ignoring(board.remove(me))
    },
  }
}
