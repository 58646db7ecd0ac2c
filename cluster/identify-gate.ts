/**
 * Whether Discord lets so many shards log in now: asked of `/gateway/bot` before every wave of processes.
 *
 * A token may identify 1,000 times a day; past that Discord resets it, and nobody logs in with it again. A wave that
 * would not fit is refused before anything is spawned. A process that dies again and again may not spend what the
 * others need: it leaves a reserve.
 */
import type { Clock } from '../kernel/clock.ts'
import type { GatewayBot } from './gateway-bot.ts'

export interface IdentifyBudget {
  readonly left: number
  readonly total: number
  /** Until Discord gives the whole budget back. */
  readonly resetAfterMs: number
  readonly maxConcurrency: number
}

export interface GateAnswer extends IdentifyBudget {
  readonly isOpen: boolean
}

/** Of the day's budget, what processes that die again and again leave to the others. */
const reserveShare = 0.1

export class IdentifyGate {
  readonly #deps: { readonly clock: Clock; readGateway(): Promise<GatewayBot> }
  #newest: (IdentifyBudget & { readonly readAtMs: number }) | null = null

  constructor(deps: { readonly clock: Clock; readGateway(): Promise<GatewayBot> }) {
    this.#deps = deps
  }

  /** Asks Discord. `keepsReserve`: only what is above the reserve may be spent. Throws `discord-unavailable`, `discord-refused`. */
  async ask(wave: { readonly shards: number; readonly keepsReserve: boolean }): Promise<GateAnswer> {
    const { session_start_limit: limit } = await this.#deps.readGateway()
    const budget = {
      left: limit.remaining,
      total: limit.total,
      resetAfterMs: limit.reset_after,
      maxConcurrency: limit.max_concurrency,
    }
    this.#newest = { ...budget, readAtMs: this.#deps.clock.monotonicMs() }
    const reserve = wave.keepsReserve ? Math.ceil(limit.total * reserveShare) : 0
    return { ...budget, isOpen: limit.remaining - reserve >= wave.shards }
  }

  /** As it was told last, null before the first question. */
  newest(): (IdentifyBudget & { readonly readAtMs: number }) | null {
    return this.#newest
  }
}

/** The sentence for a person whom the budget stops. */
export function explainBudget(budget: IdentifyBudget, shards: number): string {
  const hours = budget.resetAfterMs / 3_600_000
  const wait = hours >= 1 ? `${hours.toFixed(1)} hours` : `${Math.max(1, Math.ceil(budget.resetAfterMs / 60_000))} minutes`
  return (
    `Discord allows ${budget.left} more logins of ${budget.total} a day for this token, and this needs ${shards}. ` +
    `Wait ${wait}, until the budget is given back, or ask for fewer shards.`
  )
}
