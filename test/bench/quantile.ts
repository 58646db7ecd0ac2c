/**
 * Quantiles of what was measured. Nearest rank: every figure that is quoted was really seen.
 */
import { assert } from '../../kernel/assert.ts'
import type { Latency } from './bench-row.ts'

export function quantile(values: readonly number[], share: number): number {
  assert(values.length > 0, 'a quantile of nothing')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const latencyOf = (values: readonly number[]): Latency => ({
  p50Ms: quantile(values, 0.5),
  p99Ms: quantile(values, 0.99),
})
