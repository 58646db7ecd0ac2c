/**
 * One process of the simulated cluster, as far as an operating system knows it: lives, stops, pauses, and a clock.
 *
 * Everything that happens inside it comes in through `post`: timers, answers of servers, messages. A dead process gets
 * nothing of what was meant for it. A paused one gets all of it when it goes on: late, in order within one channel, in
 * any order between channels. Its monotonic clock goes on meanwhile, a little too fast or too slow, and its wall clock
 * may be stepped.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

interface HeldEvent {
  readonly channel: string
  readonly run: () => void
}

/** 2026-01-01T00:00:00Z: where every wall clock starts before it is stepped. */
export const wallStartMs = Date.UTC(2026, 0, 1) - 4_000

/** A real machine's oscillator is off by less than a thousandth; the lease's margin is made for three hundredths. */
const clockRateErrorMax = 0.01
/** A timer of Node fires up to this late on an idle machine. */
const timerLatenessMs = 1.2

export class SimulatedProcess {
  readonly name: string
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #held: HeldEvent[] = []
  #life = 0
  #isUp = false
  #pausedUntil: number | null = null
  #wallOffsetMs = 0

  constructor(name: string, deps: { readonly scheduler: Scheduler; readonly random: Random }) {
    this.name = name
    this.#scheduler = deps.scheduler
    this.#random = deps.random
  }

  /** Grows with every start and every end: what belongs to an older life reaches nobody. */
  get life(): number {
    return this.#life
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get isPaused(): boolean {
    return this.#pausedUntil !== null
  }

  /** True when code of this process runs now. */
  get isRunning(): boolean {
    return this.#isUp && this.#pausedUntil === null
  }

  boot(): void {
    assert(!this.#isUp, 'a process boots when it is down')
    this.#life += 1
    this.#isUp = true
  }

  /** All memory gone. */
  die(): void {
    this.#life += 1
    this.#isUp = false
    this.#pausedUntil = null
    this.#held.length = 0
  }

  /** Nothing of it runs until `untilMs`; a pause within a pause prolongs it. */
  pause(untilMs: number): void {
    if (!this.#isUp || (this.#pausedUntil ?? 0) >= untilMs) return
    this.#pausedUntil = untilMs
    const life = this.#life
    this.#scheduler.at(untilMs, () => {
      if (life === this.#life && this.#pausedUntil === untilMs) this.resume()
    })
  }

  resume(): void {
    this.#pausedUntil = null
    const life = this.#life
    for (const event of this.#shuffleHeld()) this.#scheduler.at(this.#scheduler.now, () => this.#runOrHold(event, life))
  }

  /** Runs inside this process at `at` or later. Order holds among events of one channel posted in their order. */
  post(channel: string, at: number, run: () => void): void {
    const life = this.#life
    this.#scheduler.at(at, () => this.#runOrHold({ channel, run }, life))
  }

  stepWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs
  }

  /** The clock of the present life. */
  createClock(): Clock {
    const bootedAt = this.#scheduler.now
    const rate = 1 + this.#random.between(-clockRateErrorMax, clockRateErrorMax)
    const startMs = this.#random.integer(0, 1e6)
    const scheduler = this.#scheduler
    return {
      monotonicMs: () => startMs + (scheduler.now - bootedAt) * rate,
      wallMs: () => wallStartMs + scheduler.now + this.#wallOffsetMs,
      after: (delayMs, fire) => {
        let cancelled = false
        const latenessMs = delayMs === 0 ? 0 : this.#random.between(0, timerLatenessMs)
        this.post('timers', scheduler.now + delayMs / rate + latenessMs, () => {
          if (!cancelled) fire()
        })
        return {
          cancel: () => {
            cancelled = true
          },
        }
      },
    }
  }

  #runOrHold(event: HeldEvent, life: number): void {
    if (life !== this.#life) return
    if (this.#pausedUntil === null) event.run()
    else this.#held.push(event)
  }

  /** A random merge of the channels, each in its own order. */
  #shuffleHeld(): HeldEvent[] {
    const channels = new Map<string, HeldEvent[]>()
    for (const event of this.#held.splice(0)) {
      const known = channels.get(event.channel)
      if (known === undefined) channels.set(event.channel, [event])
      else known.push(event)
    }
    const merged: HeldEvent[] = []
    const waiting = [...channels.values()]
    while (waiting.length > 0) {
      const index = this.#random.integer(0, waiting.length - 1)
      const next = waiting[index]?.shift()
      if (next === undefined) waiting.splice(index, 1)
      else merged.push(next)
    }
    return merged
  }
}
