/**
 * The output gate of one activation: answers leave in the order of their turns, and none before its events are durable.
 *
 * An answer of a turn that wrote is proven by its own commit and leaves when that returned, lease or not. An answer from
 * memory (a read, a refusal) waits for the newest event it saw to be durable, and then for the lease, or for a fence
 * check that began after the question came (I3, I6). Order within a guild is kept in both cases.
 */
import { assert } from '../../kernel/assert.ts'
import type { Sequence } from '../../kernel/ids.ts'
import type { Outcome } from '../protocol/command.ts'
import type { Request } from './request.ts'

export interface GatedAnswer {
  readonly request: Request
  readonly outcome: Outcome
  /** Newest event the answer shows. */
  readonly seq: Sequence
  /** commit: its own events prove it. stored: a durable result proves it. memory: the lease or a fence check must. */
  readonly proof: 'commit' | 'stored' | 'memory'
}

export interface GateDeps {
  /** True while the lease covers an answer from memory. */
  leaseCovers(): boolean
  /** Asks Postgres, in a check that starts now or later, whether the slot is still ours under our fence. */
  proveOwnership(): Promise<'ours' | 'unproven' | 'lost'>
}

export class OutputGate {
  readonly #deps: GateDeps
  readonly #waiting: GatedAnswer[] = []
  #durable: Sequence
  #proving = false
  /** So many at the front are covered by a fence check that began after they came. */
  #proven = 0
  /** Grows when everything waiting is taken back: a proof that was asked for before then is nobody's. */
  #epoch = 0

  constructor(deps: GateDeps, durable: Sequence) {
    this.#deps = deps
    this.#durable = durable
  }

  get durable(): Sequence {
    return this.#durable
  }

  get size(): number {
    return this.#waiting.length
  }

  push(answer: GatedAnswer): void {
    // Nothing before it and nothing to wait for: most answers, and all reads of a quiet guild, go straight through.
    if (this.#waiting.length === 0 && answer.seq <= this.#durable && this.#isProven(answer)) {
      answer.request.settle(answer.outcome)
      return
    }
    this.#waiting.push(answer)
    this.#release()
  }

  /** Everything up to `seq` is in Postgres. */
  markDurable(seq: Sequence): void {
    assert(seq >= this.#durable, 'what is durable never becomes less')
    this.#durable = seq
    this.#release()
  }

  /** Takes back what has not left, in order, to be decided again; `durable` is where the reloaded guild stands. */
  takeBack(): Request[] {
    this.#epoch += 1
    this.#proving = false
    this.#proven = 0
    return this.#waiting.splice(0).map((answer) => answer.request)
  }

  /** The reloaded guild stands here; nothing may be waiting. */
  restart(durable: Sequence): void {
    assert(this.#waiting.length === 0, 'a gate restarts empty')
    this.#durable = durable
  }

  #release(): void {
    while (!this.#proving) {
      const answer = this.#waiting[0]
      if (answer === undefined || answer.seq > this.#durable) return
      if (!this.#isProven(answer)) {
        this.#prove()
        return
      }
      this.#shift(answer.outcome)
    }
  }

  #isProven(answer: GatedAnswer): boolean {
    return answer.proof !== 'memory' || this.#proven > 0 || this.#deps.leaseCovers()
  }

  #shift(outcome: Outcome): void {
    const answer = this.#waiting.shift()
    assert(answer !== undefined, 'an answer was waiting at the gate')
    this.#proven = Math.max(0, this.#proven - 1)
    answer.request.settle(outcome)
  }

  #prove(): void {
    const epoch = this.#epoch
    const asked = this.#waiting.length
    this.#proving = true
    void this.#deps.proveOwnership().then((proof) => {
      if (epoch !== this.#epoch) return
      this.#proving = false
      // Lost: the slot's loss takes these answers back and forwards their requests; none may be settled here.
      if (proof === 'lost') return
      if (proof === 'ours') this.#proven = asked
      else this.#shift({ status: 'refused', reason: 'busy' })
      this.#release()
    })
  }
}
