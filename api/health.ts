/**
 * Whether this process can do its work, found out by asking, at most once in half a second however often it is asked.
 *
 * A part that does not answer within a second is down: a load balancer waits no longer for us than we do for it.
 */
import type { Clock } from '../kernel/clock.ts'
import type { Health, HealthReport, PartState } from './routes/health.ts'

/** Rejects when the part is away. */
export type Ping = () => Promise<void>

export interface HealthDeps {
  readonly clock: Clock
  readonly pingDatabase: Ping
  /** null: nothing of this process uses Redis. */
  readonly pingRedis: Ping | null
  isDraining(): boolean
}

const pingTimeoutMs = 1_000
const believedForMs = 500

export function createHealth(deps: HealthDeps): Health {
  const { clock } = deps
  const startedAt = clock.monotonicMs()
  let asked: { readonly at: number; readonly parts: Promise<readonly [PartState, PartState]> } | null = null

  function askParts(): Promise<readonly [PartState, PartState]> {
    const now = clock.monotonicMs()
    if (asked === null || now - asked.at > believedForMs) {
      const { pingDatabase, pingRedis } = deps
      const redis = pingRedis === null ? Promise.resolve<PartState>('not-configured') : stateOf(clock, pingRedis)
      asked = { at: now, parts: Promise.all([stateOf(clock, pingDatabase), redis]) }
    }
    return asked.parts
  }

  return {
    async check(): Promise<HealthReport> {
      const [database, redis] = await askParts()
      const uptimeSeconds = (clock.monotonicMs() - startedAt) / 1000
      return { database, redis, draining: deps.isDraining(), uptimeSeconds }
    },
  }
}

function stateOf(clock: Clock, ping: Ping): Promise<PartState> {
  return new Promise((resolve) => {
    const timer = clock.after(pingTimeoutMs, () => resolve('down'))
    const settle = (state: PartState): void => {
      timer.cancel()
      resolve(state)
    }
    // Why it is away is the business of whoever uses it; here only that it is.
    ping().then(
      () => settle('up'),
      () => settle('down'),
    )
  })
}
