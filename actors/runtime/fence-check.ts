/**
 * Proves by Postgres that slots are still ours, for answers from memory while the lease does not cover them (I6).
 *
 * One statement serves everybody who waits. Who asks while one is out waits for the next: a check proves only what was
 * asked before it began.
 */
import type { Clock } from '../../kernel/clock.ts'
import { coerceError } from '../../kernel/errors.ts'
import type { Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { Log } from '../../kernel/log.ts'
import type { OwnershipStore } from './ports.ts'
import type { SlotTable } from './slot-table.ts'

export type Proof = 'ours' | 'unproven' | 'lost'

interface Waiter {
  readonly slot: Slot
  readonly resolve: (proof: Proof) => void
}

export interface FenceCheckDeps {
  readonly store: Pick<OwnershipStore, 'readSlots'>
  readonly slots: SlotTable
  readonly me: Incarnation
  readonly clock: Clock
  readonly log: Log
  /** The database names somebody else: the slot is gone. Called before the waiters are told. */
  onLost(slot: Slot): void
}

export class FenceCheck {
  readonly #deps: FenceCheckDeps
  #waiting: Waiter[] = []
  #running = false

  constructor(deps: FenceCheckDeps) {
    this.#deps = deps
  }

  /** Never rejects: a check that fails or takes too long is `unproven`, and so is one past the bound of waiters. */
  prove(slot: Slot): Promise<Proof> {
    if (this.#waiting.length >= limits.fenceCheckWaitersMax) return Promise.resolve('unproven')
    return new Promise((resolve) => {
      this.#waiting.push({ slot, resolve })
      if (this.#running) return
      this.#running = true
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiters = this.#waiting
      this.#waiting = []
      const proofs = await this.#check([...new Set(waiters.map((waiter) => waiter.slot))])
      for (const [slot, proof] of proofs) if (proof === 'lost') this.#deps.onLost(slot)
      for (const { slot, resolve } of waiters) resolve(proofs.get(slot) ?? 'unproven')
    }
    this.#running = false
  }

  async #check(slots: readonly Slot[]): Promise<ReadonlyMap<Slot, Proof>> {
    const before = new Map(slots.map((slot) => [slot, this.#heldFence(slot)]))
    const answer = this.#deps.store.readSlots(slots).catch((thrown: unknown) => {
      this.#deps.log.warn('fence check failed', { error: coerceError(thrown), slots: slots.length })
      return null
    })
    const rows = await Promise.race([answer, this.#timeout()])
    const proofs = new Map<Slot, Proof>()
    if (rows === null) return proofs
    for (const row of rows) {
      const mine = row.owner === this.#deps.me && row.fence === before.get(row.slot)
      const unchanged = this.#heldFence(row.slot) === before.get(row.slot)
      // A fence that moved here meanwhile (an unknown outcome was settled) proves nothing about the earlier one.
      if (!unchanged) proofs.set(row.slot, 'unproven')
      else proofs.set(row.slot, mine ? 'ours' : 'lost')
    }
    return proofs
  }

  #heldFence(slot: Slot): number | null {
    const entry = this.#deps.slots.at(slot)
    return entry.isOurs ? entry.fence : null
  }

  #timeout(): Promise<null> {
    return new Promise((resolve) => this.#deps.clock.after(limits.fenceCheckTimeoutMs, () => resolve(null)))
  }
}
