/**
 * Aimed faults that wait for their operation, and the weather for all others.
 */
import type { Fate, Weather } from './fate.ts'
import { drawFate } from './fate.ts'
import type { Fault, ProcessIndex } from './plan.ts'
import type { Random } from './random.ts'
import type { Server } from './server.ts'
import type { Verdict } from './verdict.ts'

export type AimedFault = Extract<Fault, { kind: 'aimed' }>

export interface FaultBoardDeps {
  readonly weather: Weather
  readonly random: Random
  readonly verdict: Verdict
  /** Strikes the process that sent the operation. */
  crash(process: ProcessIndex): void
  /** As a crash, and the manager tells the survivors. */
  crashSeen(process: ProcessIndex): void
  pause(process: ProcessIndex, forMs: number): void
  onStrike(fault: AimedFault): void
}

/** A late statement of a process that was seen to die meets the takeover of its slots within this time. */
const lateMsMax = 25

export class FaultBoard {
  readonly #deps: FaultBoardDeps
  #armed: AimedFault[] = []
  #isCalm = false

  constructor(deps: FaultBoardDeps) {
    this.#deps = deps
  }

  arm(fault: AimedFault): void {
    this.#armed.push(fault)
  }

  /** Faults stop: what is armed is forgotten, and the weather is fair. */
  calm(): void {
    this.#armed = []
    this.#isCalm = true
  }

  fateOf(process: ProcessIndex, operation: string, server: Server): Fate {
    const { random, weather } = this.#deps
    const fate = drawFate(random, weather, server.name)
    if (this.#isCalm) return { ...fate, loss: 'none' }
    const index = this.#armed.findIndex((fault) => fault.process === process && fault.operation === operation)
    const [fault] = index < 0 ? [] : this.#armed.splice(index, 1)
    return fault === undefined ? fate : this.#aimed(fault, fate)
  }

  #aimed(fault: AimedFault, fate: Fate): Fate {
    const { process, forMs } = fault
    this.#deps.verdict.count(`fault: ${fault.strike} ${fault.operation}`)
    this.#deps.onStrike(fault)
    const crash = (): void => this.#deps.crash(process)
    const pause = (): void => this.#deps.pause(process, forMs)
    switch (fault.strike) {
      case 'lose-request':
      case 'lose-answer':
        return { ...fate, loss: fault.strike }
      case 'run-later':
        // Some come just before the fence over their slot, some long after it.
        return { ...fate, loss: fault.strike, laterMs: forMs < 60 ? forMs / 20 : Math.min(forMs, 5_000) }
      case 'delay':
        return { ...fate, loss: 'none', requestMs: Math.min(forMs, 4_900) }
      case 'crash-sent':
        return { ...fate, loss: 'none', strike: { when: 'sent', run: crash } }
      case 'crash-late': {
        const laterMs = fate.requestMs + (forMs % lateMsMax)
        return { ...fate, loss: 'run-later', laterMs, strike: { when: 'at-once', run: () => this.#deps.crashSeen(process) } }
      }
      case 'crash-done':
        return { ...fate, loss: 'none', strike: { when: 'taken-effect', run: crash } }
      case 'pause-sent':
        return { ...fate, loss: 'none', strike: { when: 'sent', run: pause } }
      case 'pause-done':
        return { ...fate, loss: 'none', strike: { when: 'taken-effect', run: pause } }
    }
  }
}
