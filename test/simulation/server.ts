/**
 * A server of the simulated world, Postgres or Redis: up or away, within reach of a process or not, with a clock.
 *
 * What it stores is in test/support/memory; here is only whether it can be asked.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { wallStartMs } from './simulated-process.ts'

export type ServerName = 'postgres' | 'redis'

export class Server {
  readonly name: ServerName
  readonly clock: Clock
  readonly #cutOff = new Set<SimulatedProcess>()
  readonly #onRestart: (() => void)[] = []
  #isUp = true
  #restarts = 0
  #wallOffsetMs = 0

  constructor(name: ServerName, scheduler: Scheduler) {
    this.name = name
    this.clock = {
      monotonicMs: () => scheduler.now,
      wallMs: () => wallStartMs + scheduler.now + this.#wallOffsetMs,
      after(delayMs, fire) {
        let cancelled = false
        scheduler.after(delayMs, () => {
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

  get isUp(): boolean {
    return this.#isUp
  }

  /** Grows at every restart: what was on its way to an earlier run of the server never arrives. */
  get restarts(): number {
    return this.#restarts
  }

  canReach(process: SimulatedProcess): boolean {
    return !this.#cutOff.has(process)
  }

  /** Each connection asks to be told, so that it breaks. */
  onRestart(listener: () => void): void {
    this.#onRestart.push(listener)
  }

  goDown(): void {
    this.#isUp = false
    this.#restarts += 1
    for (const listener of this.#onRestart) listener()
  }

  comeUp(): void {
    this.#isUp = true
  }

  cutOff(process: SimulatedProcess): void {
    this.#cutOff.add(process)
  }

  reconnect(process: SimulatedProcess): void {
    this.#cutOff.delete(process)
  }

  stepWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs
  }
}
