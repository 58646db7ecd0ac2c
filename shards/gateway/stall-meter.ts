/**
 * How long a slot and its guilds were silent while they changed hands by plan: from the instant at which the old owner
 * stopped until each guild's first turn here. One line of the log a slot, so that a drill can add them up.
 *
 * Both instants are by the database's clock as two processes know it: off by a few milliseconds, and never below 0.
 */
import type { Slot } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'

interface Stall {
  readonly silentSince: number
  servedMs: number
  /** Of the guild that waited longest for its first turn. */
  worstMs: number
  guilds: number
}

export class StallMeter {
  readonly #deps: { readonly log: Log; now(): number }
  readonly #stalls = new Map<Slot, Stall>()

  constructor(deps: { readonly log: Log; now(): number }) {
    this.#deps = deps
  }

  /** The slot serves here; its guilds are not in memory yet. */
  begin(slot: Slot, silentSince: number): void {
    const servedMs = Math.max(0, this.#deps.now() - silentSince)
    this.#stalls.set(slot, { silentSince, servedMs, worstMs: servedMs, guilds: 0 })
  }

  /** A guild of the slot is in memory and about to have its first turn. */
  noteLoaded(slot: Slot): void {
    const stall = this.#stalls.get(slot)
    if (stall === undefined) return
    stall.guilds += 1
    stall.worstMs = Math.max(stall.worstMs, this.#deps.now() - stall.silentSince)
  }

  /** All guilds of the slot have been told what was held for them; `settledMs`: and that is durable. */
  end(slot: Slot): void {
    const stall = this.#stalls.get(slot)
    if (stall === undefined) return
    this.#stalls.delete(slot)
    const { silentSince, servedMs, worstMs, guilds } = stall
    const settledMs = Math.max(worstMs, this.#deps.now() - silentSince)
    const rounded = { servedMs: Math.round(servedMs), stallMs: Math.round(worstMs), settledMs: Math.round(settledMs) }
    this.#deps.log.info('slot switched', { slot, guilds, ...rounded })
  }

  /** The slot went again. */
  forget(slot: Slot): void {
    this.#stalls.delete(slot)
  }
}
