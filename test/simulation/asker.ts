/**
 * Who asks through one process: keeps the attempts that are open there, so that they end with the process.
 */
import type { CommandEnvelope, Outcome } from '../../actors/protocol/command.ts'
import type { AnswerOracle } from './answer-oracle.ts'
import type { Attempt, Operation } from './history.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess } from './simulated-process.ts'

export interface AskerDeps {
  readonly machine: SimulatedProcess
  readonly scheduler: Scheduler
  readonly answers: AnswerOracle
  /** The attempt has an answer, or will never have one. */
  onEnd(operation: Operation, attempt: Attempt): void
}

export class Asker {
  readonly #deps: AskerDeps
  readonly #open = new Map<Attempt, Operation>()

  constructor(deps: AskerDeps) {
    this.#deps = deps
  }

  get openCount(): number {
    return this.#open.size
  }

  /** An op id is asked once at a time at one door. */
  isAsking(operation: Operation): boolean {
    for (const open of this.#open.values()) if (open === operation) return true
    return false
  }

  openOperations(): string[] {
    return [...this.#open.values()].map(({ opId }) => opId)
  }

  /** Asked now, whatever the process does now; it hears of it when it runs. */
  ask(operation: Operation, send: (tell: (outcome: Outcome) => void) => void): void {
    const { machine, scheduler } = this.#deps
    const attempt: Attempt = {
      askedAt: scheduler.now,
      via: machine.name,
      isOpen: true,
      answeredAt: null,
      outcome: null,
      isExcused: false,
    }
    operation.attempts.push(attempt)
    this.#open.set(attempt, operation)
    machine.post('front', scheduler.now, () => send((outcome) => this.#settle(operation, attempt, outcome)))
  }

  /** The process died: nobody will answer these. */
  abandonAll(): void {
    for (const [attempt, operation] of this.#open) {
      attempt.isOpen = false
      this.#deps.onEnd(operation, attempt)
    }
    this.#open.clear()
  }

  #settle(operation: Operation, attempt: Attempt, outcome: Outcome): void {
    attempt.isOpen = false
    attempt.answeredAt = this.#deps.scheduler.now
    attempt.outcome = outcome
    this.#open.delete(attempt)
    this.#deps.answers.onAnswered(operation, attempt)
    this.#deps.onEnd(operation, attempt)
  }
}

export function envelopeOf(
  operation: Operation,
  times: { readonly receivedAt: number | null; readonly deadlineAt: number | null },
): CommandEnvelope {
  return { guildId: operation.guildId, opId: operation.opId, command: operation.command, ...times }
}
