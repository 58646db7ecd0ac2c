/**
 * How results read: one block a row, its lines, then its targets with what they are compared with and whether they were
 * met.
 */
import type { BenchRow, Line, RowResult, Target } from './bench-row.ts'
import { isMet } from './bench-row.ts'

export function formatRow(row: BenchRow, { lines, targets }: RowResult): string {
  return [`${row.name}: ${row.what}`, ...lines.map(formatLine), ...targets.map(formatTarget)].join('\n')
}

function formatLine({ name, value, unit, latency }: Line): string {
  const tail = latency === undefined ? '' : `  p50 ${latency.p50Ms.toFixed(2)} ms  p99 ${latency.p99Ms.toFixed(2)} ms`
  return `  ${round(value).padStart(12)} ${unit.padEnd(14)} ${name}${tail}`
}

function formatTarget(target: Target): string {
  const { name, figure, unit, baseline, atLeast, atMost } = target
  const wanted = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
  const compared = baseline === undefined ? '' : ` (${baseline.name}: ${round(baseline.figure)}, ratio ${round(figure / baseline.figure)})`
  return `  ${isMet(target) ? 'met    ' : 'NOT MET'}${round(figure).padStart(9)} ${unit} ${name}, target ${wanted}${unit === '×' ? ratioNote(baseline) : compared}`
}

const ratioNote = (baseline: Target['baseline']): string =>
  baseline === undefined ? '' : ` (${baseline.name}: ${round(baseline.figure)})`

function round(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)
}
