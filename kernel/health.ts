/**
 * Whether a process can do its work, found out by asking its parts, at most once in half a second however often it is asked.
 *
 * A part that does not answer within a second is down: a load balancer waits no longer for us than we do for it. Some parts
 * are required; without one of the others the process is `degraded` and still sent requests: Redis away for all processes
 * at once must not take every one of them out of a load balancer.
 */
import type { Clock } from './clock.ts'

export type PartState = 'up' | 'down' | 'not-configured'

export interface HealthPart {
  readonly name: string
  /** Rejects when the part is away; null: this process was given none. */
  readonly ping: (() => Promise<unknown>) | null
  /** Without it this process is not ready. */
  readonly isRequired: boolean
}

export interface HealthReport {
  /** By name, in the order they are told. */
  readonly parts: Readonly<Record<string, PartState>>
  /** What keeps requests away: required parts that are not up, and `draining`. */
  readonly missing: readonly string[]
  readonly draining: boolean
  readonly uptimeSeconds: number
}

export interface Health {
  /** Asks every part, bounded in time; never rejects. */
  check(): Promise<HealthReport>
}

export interface HealthDeps {
  readonly clock: Clock
  readonly parts: readonly HealthPart[]
  isDraining(): boolean
}

const pingTimeoutMs = 1_000
const believedForMs = 500

export function createHealth(deps: HealthDeps): Health {
  const { clock, parts } = deps
  const startedAt = clock.monotonicMs()
  let asked: { readonly at: number; readonly states: Promise<readonly PartState[]> } | null = null

  function askParts(): Promise<readonly PartState[]> {
    const now = clock.monotonicMs()
    if (asked === null || now - asked.at > believedForMs) {
      asked = { at: now, states: Promise.all(parts.map((part) => stateOf(clock, part))) }
    }
    return asked.states
  }

  return {
    async check() {
      const states = await askParts()
      const draining = deps.isDraining()
      const away = parts.filter(({ isRequired }, index) => isRequired && states[index] !== 'up').map(({ name }) => name)
      return {
        parts: Object.fromEntries(parts.map(({ name }, index) => [name, states[index] ?? 'down'])),
        missing: draining ? [...away, 'draining'] : away,
        draining,
        uptimeSeconds: (clock.monotonicMs() - startedAt) / 1000,
      }
    },
  }
}

function stateOf(clock: Clock, { ping }: HealthPart): Promise<PartState> {
  if (ping === null) return Promise.resolve('not-configured')
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

/** An answer of one of the three addresses. */
export interface HealthAnswer {
  readonly status: 200 | 503
  readonly body: Readonly<Record<string, unknown>>
}

/** `/health/live`: the process is up, and its event loop turns. */
export const liveAnswer: HealthAnswer = { status: 200, body: { status: 'live' } }

/** `/health/ready`: it should be sent requests; 503 names what is missing. */
export function readyAnswer(report: HealthReport): HealthAnswer {
  if (report.missing.length > 0) return { status: 503, body: { status: 'unready', missing: report.missing } }
  return { status: 200, body: { status: statusOf(report) } }
}

/** `/health`: the same with details, always 200 while it can answer. */
export function healthAnswer(report: HealthReport): HealthAnswer {
  const { missing, parts, draining, uptimeSeconds } = report
  return { status: 200, body: { status: statusOf(report), missing, ...parts, draining, uptime_seconds: Math.floor(uptimeSeconds) } }
}

function statusOf(report: HealthReport): 'ready' | 'degraded' | 'unready' {
  if (report.missing.length > 0) return 'unready'
  return Object.values(report.parts).includes('down') ? 'degraded' : 'ready'
}
