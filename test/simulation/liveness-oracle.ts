/**
 * I9: with somebody alive, a slot has an owner within a lease's time and a second of the last disturbance, and is never without
 * one for longer: a planned handoff may come late.
 *
 * Looked at often and cheaply; whatever strikes calls `disturb`, and only calm worlds are judged. Also keeps the worst
 * gap, which is printed.
 */
import { limits } from '../../kernel/limits.ts'
import type { Slot } from '../../kernel/ids.ts'
import type { MemoryDatabase } from '../support/memory/memory-database.ts'
import type { ActorProcess } from './actor-process.ts'
import type { Scheduler } from './scheduler.ts'
import type { Verdict } from './verdict.ts'

export interface LivenessOracleDeps {
  readonly scheduler: Scheduler
  readonly database: MemoryDatabase
  readonly actors: readonly ActorProcess[]
  readonly slots: readonly Slot[]
  readonly verdict: Verdict
  /** False in weather in which no bound on time can be promised. */
  isJudged(): boolean
  /** Added to every bound: a dozen round trips of this weather, and what a Redis that forgot adds. */
  readonly slackMs: number
}

const lookIntervalMs = 50
/** With an exit that the manager saw. */
const ownerWithinSeenMs = 100
/** After so long without a disturbance a world in which every slot is served is calm. */
const settledMs = 1_200
/** TTL + 1 s, and the margin without which absence is not trusted. */
const ownerWithinMs = limits.leaseTtlMs + limits.leaseMarginMs + 1_000

export class LivenessOracle {
  readonly #deps: LivenessOracleDeps
  #disturbedUntil = 0
  /** Until then a process that nobody knows to be dead counts as a survivor. */
  #ghostUntil = 0
  readonly #servedAt = new Map<Slot, number>()

  constructor(deps: LivenessOracleDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#deps.scheduler.after(lookIntervalMs, () => {
      this.#look()
      this.start()
    })
  }

  /** A process died in a calm world, and the manager saw it: its slots have owners within 100 ms. */
  onSeenExit(toldAfterMs: number): void {
    const { actors, scheduler, slots, verdict, slackMs } = this.#deps
    const diedAt = scheduler.now
    const isCalm = diedAt - this.#disturbedUntil > settledMs && diedAt > this.#ghostUntil && slots.every((slot) => this.isServed(slot))
    // Who dies alone is its own successor, and that takes as long as a start.
    const hasSurvivor = actors.filter(({ runtime }) => runtime !== null).length > 1
    if (!isCalm || !hasSurvivor || !this.#deps.isJudged()) return
    const withinMs = toldAfterMs + ownerWithinSeenMs + slackMs
    scheduler.after(withinMs, () => {
      if (this.#disturbedUntil > diedAt) return
      verdict.count('seen exit judged')
      for (const slot of slots) {
        if (!this.isServed(slot)) verdict.fail('I9', `slot ${slot} has no owner ${withinMs.toFixed(0)} ms after an exit that was seen`)
      }
    })
  }

  /** A process died and nobody saw it: what it may be chosen for waits for others to lose their patience. */
  onUnseenExit(): void {
    this.#ghostUntil = this.#deps.scheduler.now + limits.leaseTtlMs + this.#deps.slackMs
  }

  /** Something strikes now and lasts until then. */
  disturb(untilMs = this.#deps.scheduler.now): void {
    this.#disturbedUntil = Math.max(this.#disturbedUntil, untilMs, this.#deps.scheduler.now)
  }

  /** True when the slot is served under the fence that Postgres has. */
  isServed(slot: Slot): boolean {
    const { actors, database } = this.#deps
    return actors.some(({ runtime }) => {
      const entry = runtime?.slots.at(slot)
      return entry?.state === 'serving' && entry.fence === database.slots.get(slot)?.fence
    })
  }

  /** True when nobody else believes that the slot is his: who lost it must find out by himself. */
  isServedByOne(slot: Slot): boolean {
    const believers = this.#deps.actors.filter(({ runtime }) => runtime?.slots.at(slot).isOurs === true)
    return believers.length === 1 && this.isServed(slot)
  }

  #look(): void {
    const { scheduler, slots, verdict } = this.#deps
    for (const slot of slots) if (this.isServed(slot)) this.#servedAt.set(slot, scheduler.now)
    const withinMs = ownerWithinMs + this.#deps.slackMs
    if (scheduler.now - this.#disturbedUntil <= withinMs || !this.#deps.isJudged()) return
    verdict.count('calm moment judged')
    for (const slot of slots) {
      if (scheduler.now - (this.#servedAt.get(slot) ?? 0) <= withinMs) continue
      verdict.fail('I9', `slot ${slot} has no owner ${withinMs.toFixed(0)} ms after the last disturbance`)
    }
  }
}
