/**
 * The time that records carry: monotonic clock plus an offset to the database's clock.
 *
 * Every process asks the same database, so their times agree to a round trip. Once the process has answered anything the
 * offset is never stepped: it is slewed by at most 1 ms per second towards the newest estimate, so a stepped machine
 * clock changes nothing and a stepped database clock arrives slowly.
 */
import { assert } from '../../kernel/assert.ts'
import type { Clock } from '../../kernel/clock.ts'

/** Slew: milliseconds of offset per millisecond of monotonic time. */
const slewRate = 0.001

export interface DatabaseTime {
  /** Unix milliseconds, whole, never decreasing while the process lives. */
  now(): number
}

export class CalibratedTime implements DatabaseTime {
  readonly #clock: Clock
  #offset: number | null = null
  #target = 0
  #movedAt = 0
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    const monotonic = this.#clock.monotonicMs()
    this.#slew(monotonic)
    assert(this.#offset !== null, 'the time was asked for before it was calibrated')
    this.#last = Math.max(this.#last, Math.floor(monotonic + this.#offset))
    return this.#last
  }

  /**
   * Takes one estimate: of several round trips the shortest says most. `readDatabaseTime` answers Unix ms. The first
   * estimate sets the offset, later ones become what it is slewed towards.
   */
  async calibrate(readDatabaseTime: () => Promise<number>, samples = 3): Promise<void> {
    let best: { roundTripMs: number; offset: number } | null = null
    for (let sample = 0; sample < samples; sample += 1) {
      const before = this.#clock.monotonicMs()
      const databaseMs = await readDatabaseTime()
      const after = this.#clock.monotonicMs()
      const roundTripMs = after - before
      if (best === null || roundTripMs < best.roundTripMs) {
        best = { roundTripMs, offset: databaseMs - (before + after) / 2 }
      }
    }
    assert(best !== null, 'calibration takes at least one sample')
    this.#slew(this.#clock.monotonicMs())
    this.#target = best.offset
    if (this.#offset === null) {
      this.#offset = best.offset
      this.#movedAt = this.#clock.monotonicMs()
    }
  }

  #slew(monotonic: number): void {
    if (this.#offset === null) return
    const reach = (monotonic - this.#movedAt) * slewRate
    const distance = this.#target - this.#offset
    this.#offset += Math.sign(distance) * Math.min(Math.abs(distance), reach)
    this.#movedAt = monotonic
  }
}
