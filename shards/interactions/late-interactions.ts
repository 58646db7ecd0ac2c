/**
 * Interactions that reached us late, and that lose nothing by waiting: whoever was quick is answered before them.
 *
 * In a crowd larger than can be answered, first come first served answers nobody: each has waited so long when its turn comes
 * that Discord takes no answer any more, everybody asks again, and the crowd stays as large as it was. So what is late waits
 * here until those are answered who still can be, and is decided then; who asks again meanwhile is quick. Only commands that
 * are judged by the instant in their id may wait: another order would change what the rest means.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'

/** Past it the oldest is decided at once: ten seconds of a crowd of a thousand a second. */
const waitingMax = 10_000
const lookIntervalMs = 20
/** In one look; a thousand a second. */
const decidedAtOnceMax = 20
/** Interactions under way that say that somebody quick is being answered. */
const busyFrom = 20
/** However large the crowd: an answer is worth deciding for thirty seconds. */
const waitMsMax = 10_000

export interface LateInteractionsDeps {
  readonly clock: Clock
  /** Interactions that are being answered now. */
  openCount(): number
}

interface Waiting {
  readonly sinceMs: number
  decide(): void
}

export class LateInteractions {
  readonly #deps: LateInteractionsDeps
  #waiting: Waiting[] = []
  #timer: Timer | null = null

  constructor(deps: LateInteractionsDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#waiting.length
  }

  add(decide: () => void): void {
    this.#waiting.push({ sinceMs: this.#deps.clock.monotonicMs(), decide })
    if (this.#waiting.length > waitingMax) this.#waiting.shift()?.decide()
    this.#timer ??= this.#lookLater()
  }

  /** The process ends: nothing waits any more. */
  decideAll(): void {
    this.#timer?.cancel()
    this.#timer = null
    for (const { decide } of this.#waiting.splice(0)) decide()
  }

  #lookLater(): Timer {
    return this.#deps.clock.after(lookIntervalMs, () => {
      const nowMs = this.#deps.clock.monotonicMs()
      const isBusy = this.#deps.openCount() >= busyFrom
      const due = isBusy ? this.#waiting.filter(({ sinceMs }) => nowMs - sinceMs >= waitMsMax).length : this.#waiting.length
      for (const { decide } of this.#waiting.splice(0, Math.min(due, decidedAtOnceMax))) decide()
      this.#timer = this.#waiting.length > 0 ? this.#lookLater() : null
    })
  }
}
