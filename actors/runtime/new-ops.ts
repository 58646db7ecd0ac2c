/**
 * Which op ids nobody can have decided before, so that Postgres need not be asked for their results.
 *
 * Interactions and requests carry the time they were made. One that was made after this process began to serve the slot
 * was decided by no owner before; and what this process took in itself it remembers, the newest so many. Everything else
 * is looked up: older ones, repeated ones, ones without a time, and ones from the future, whose clock cannot be believed.
 *
 * It saves a round trip and is no guard: should a clock lie all the same, the unique key of op results refuses the
 * second decision (I4), the guild loads again, and its commands are looked up then.
 */
import type { OpId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { DatabaseTime } from './database-time.ts'
import { opTimeMs } from './op-age.ts'

export class NewOps {
  readonly #time: DatabaseTime
  /** Two halves: when the newer is full the older is forgotten at once. */
  #newer = new Set<OpId>()
  #older = new Set<OpId>()
  #newerUntil = -Infinity
  #olderUntil = -Infinity
  /** Ops made up to here may have been taken in and forgotten. */
  #forgottenUntil = -Infinity

  constructor(time: DatabaseTime) {
    this.#time = time
  }

  /** True when this op surely was not decided before; from now on it may have been. `servedSince`: Unix ms. */
  takeIn(op: OpId, servedSince: number): boolean {
    const madeAt = opTimeMs(op)
    if (madeAt === null || madeAt > this.#time.now() + limits.opClockMarginMs) return false
    if (madeAt <= Math.max(servedSince + limits.opClockMarginMs, this.#forgottenUntil)) return false
    if (this.#newer.has(op) || this.#older.has(op)) return false
    this.#newer.add(op)
    this.#newerUntil = Math.max(this.#newerUntil, madeAt)
    if (this.#newer.size * 2 >= limits.rememberedOpsMax) this.#forgetOlder()
    return true
  }

  #forgetOlder(): void {
    this.#forgottenUntil = Math.max(this.#forgottenUntil, this.#olderUntil)
    this.#older = this.#newer
    this.#olderUntil = this.#newerUntil
    this.#newer = new Set()
    this.#newerUntil = -Infinity
  }
}
