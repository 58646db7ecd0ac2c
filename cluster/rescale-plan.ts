/**
 * What a change of topology will cost, told before it begins. Pure.
 */
import { limits } from '../kernel/limits.ts'
import type { IdentifyBudget } from './identify-gate.ts'
import type { RescalePlan, Shape } from './wish.ts'

/** Discord's window of a bucket, and the margin that the shard processes add. */
const secondsPerWave = 5.25
/** Loading and connecting a shard process, as measured on two busy cores. */
const spawnSeconds = 4
/** A slot by planned handoff, as measured under load; one process takes its slots after the other. */
const secondsPerSlot = 0.03

export function planRescale(shapes: { readonly from: Shape | null; readonly to: Shape }, wave: {
  /** Shards that identify. */
  readonly shards: number
  /** Slots that move. */
  readonly slots: number
  /** Processes that do so after each other instead of at once. */
  readonly steps: number
  readonly budget: IdentifyBudget
}): RescalePlan {
  const { shards, slots, steps, budget } = wave
  const waves = steps * Math.ceil(shards / steps / budget.maxConcurrency)
  return {
    ...shapes,
    identifies: shards,
    identifiesLeft: budget.left,
    identifiesTotal: budget.total,
    resetAfterMs: budget.resetAfterMs,
    maxConcurrency: budget.maxConcurrency,
    prepareSeconds: Math.ceil(steps * spawnSeconds + (waves - 1) * secondsPerWave),
    switchSeconds: Math.ceil(slots * secondsPerSlot),
  }
}

export const everySlot = limits.slotCount
