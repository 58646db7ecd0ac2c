/**
 * The table of a run and its last line.
 */
import { limits } from '../../kernel/limits.ts'
import type { FaultFindings } from './audit.ts'
import type { FaultName } from './faults.ts'
import type { Round } from './round.ts'

export interface FaultReport {
  readonly fault: FaultName
  readonly rounds: readonly Round[]
  readonly findings: FaultFindings
}

const columns = [
  'fault', 'rounds', 'acknowledged', 'reads', 'lost', 'doubled', 'holes', 'wrong', 'fenced', 'in doubt', 'unknown',
  'away ms', 'gap ms', 'first ms p50', 'first ms max',
] as const

/** Answers that were wrong, rows that are wrong, and refused commands that took effect. */
export function wrongsOf({ wrongReads, wrongRows, afterRefusal }: FaultFindings): readonly string[] {
  return [...wrongReads, ...wrongRows, ...afterRefusal]
}

export function tableLines(reports: readonly FaultReport[]): readonly string[] {
  const rows = [columns.map(String), ...reports.map(rowOf)]
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '))
}

/** What the design promises of a crash: the longest it may take until an affected guild is answered durably again. */
const promises: Readonly<Partial<Record<FaultName, { readonly what: string; readonly withinMs: number }>>> = {
  kill: { what: 'crash seen: exit to first durable answer', withinMs: 100 },
  'kill-unseen': { what: 'crash not seen: exit to first durable answer', withinMs: limits.leaseTtlMs + 100 },
}

export function promiseLines(reports: readonly FaultReport[]): readonly string[] {
  return reports.flatMap(({ fault, findings: { firsts } }) => {
    const promise = promises[fault]
    if (promise === undefined) return []
    const [p50, p99] = [0.5, 0.99].map((share) => Math.round(quantile(firsts, share)))
    return [`${promise.what}: p50 ${p50} ms, p99 ${p99} ms, to reach ${promise.withinMs} ms p99`]
  })
}

function rowOf({ fault, rounds, findings }: FaultReport): readonly string[] {
  const { acknowledged, reads, lost, doubled, holes, gaps, firsts } = findings
  const rare = rareOf(rounds)
  const cells = [
    rounds.length, acknowledged, reads, lost.length, doubled.length, holes.length, wrongsOf(findings).length,
    rare.fencedRows, rare.slotsLostInDoubt, rare.unknownCommits,
    worst(rounds.map(({ strike }) => strike.awayMs)), worst(gaps), Math.round(quantile(firsts, 0.5)), worst(firsts),
  ]
  return [fault, ...cells.map(String)]
}

function rareOf(rounds: readonly Round[]): Round['rare'] {
  const sum = (count: (rare: Round['rare']) => number): number => rounds.reduce((total, { rare }) => total + count(rare), 0)
  return {
    fencedRows: sum(({ fencedRows }) => fencedRows),
    slotsLostInDoubt: sum(({ slotsLostInDoubt }) => slotsLostInDoubt),
    unknownCommits: sum(({ unknownCommits }) => unknownCommits),
  }
}

export function summaryOf(reports: readonly FaultReport[], errorLines: number) {
  const total = (count: (report: FaultReport) => number): number => reports.reduce((sum, report) => sum + count(report), 0)
  return {
    acknowledged: total(({ findings }) => findings.acknowledged),
    reads: total(({ findings }) => findings.reads),
    lost: total(({ findings }) => findings.lost.length),
    doubled: total(({ findings }) => findings.doubled.length),
    holes: total(({ findings }) => findings.holes.length),
    wrong: total(({ findings }) => wrongsOf(findings).length),
    errors: errorLines,
    faults: Object.fromEntries(
      reports.map(({ fault, rounds, findings }) => [
        fault,
        {
          rounds: rounds.length,
          acknowledged: findings.acknowledged,
          lost: findings.lost.length,
          doubled: findings.doubled.length,
          holes: findings.holes.length,
          wrong: wrongsOf(findings).length,
          refusedForGood: findings.refusedForGood,
          fenced: rareOf(rounds).fencedRows,
          lostInDoubt: rareOf(rounds).slotsLostInDoubt,
          unknown: rareOf(rounds).unknownCommits,
          staleByRound: rounds.map(({ rare }) => rare.fencedRows + rare.slotsLostInDoubt),
          awayMs: worst(rounds.map(({ strike }) => strike.awayMs)),
          gapMs: worst(findings.gaps),
          firstMs: findings.firsts.map(Math.round),
        },
      ]),
    ),
  }
}

const worst = (values: readonly number[]): number => Math.round(Math.max(0, ...values))

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
