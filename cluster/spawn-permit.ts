/**
 * When a process that died may be spawned again: after its pause, and only if Discord's budget of logins allows it.
 *
 * Every spawn costs an IDENTIFY for each shard. The pause grows with every bad life (respawn-budget.ts); a process in
 * bad lives leaves the reserve of the day to the others, so that no storm of respawns ends with a token that is reset.
 */
import type { Clock } from '../kernel/clock.ts'
import { waitFor } from '../kernel/clock.ts'
import { coerceError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { GateAnswer, IdentifyGate } from './identify-gate.ts'
import { explainBudget } from './identify-gate.ts'
import type { RespawnBudget } from './respawn-budget.ts'

/** How often an exhausted budget is asked for again: Discord may have given it back earlier than it said. */
const askAgainMs = 60_000

export interface SpawnPermitDeps {
  readonly clock: Clock
  readonly log: Log
  readonly budget: RespawnBudget
  readonly gate: IdentifyGate
}

export class SpawnPermit {
  readonly #deps: SpawnPermitDeps

  constructor(deps: SpawnPermitDeps) {
    this.#deps = deps
  }

  noteReady(clusterId: number): void {
    this.#deps.budget.noteReady(clusterId)
  }

  /** Resolves when it may be spawned; `onWait` is told for what it waits. Rejects with the signal's reason. */
  async wait(
    process: { readonly clusterId: number; readonly shards: number },
    signal: AbortSignal,
    onWait: (reason: string) => void,
  ): Promise<void> {
    const { clock, budget, log } = this.#deps
    const delayMs = budget.nextDelayMs(process.clusterId)
    if (delayMs > 0) {
      onWait(`a pause of ${Math.ceil(delayMs / 1000)} s after ${budget.badLivesOf(process.clusterId)} bad lives`)
      await waitFor(clock, delayMs, signal)
    }
    for (;;) {
      const answer = await this.#ask(process, budget.badLivesOf(process.clusterId) > 1)
      // Unknown: Discord's own refusal at login is the second line of defence.
      if (answer === null || answer.isOpen) return
      onWait(explainBudget(answer, process.shards))
      log.error('respawn waits for the budget of logins', { ...process, left: answer.left, total: answer.total, resetAfterMs: answer.resetAfterMs })
      await waitFor(clock, Math.min(askAgainMs, Math.max(1_000, answer.resetAfterMs)), signal)
    }
  }

  async #ask({ shards }: { readonly shards: number }, keepsReserve: boolean): Promise<GateAnswer | null> {
    try {
      return await this.#deps.gate.ask({ shards, keepsReserve })
    } catch (thrown) {
      this.#deps.log.warn('budget of logins could not be read', { error: coerceError(thrown) })
      return null
    }
  }
}
