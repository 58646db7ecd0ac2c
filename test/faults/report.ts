/**
 * The table of a run and its last line.
 */
import type { Findings, RowFindings, RowRun } from './audit.ts'
import type { RowName } from './rows.ts'

const columns = [
  'row', 'offered/s', 'acknowledged', 'lost', 'doubled', 'misdated', 'wrong', 'reads', 'try again', 'unanswered', 'away ms', 'gap ms', 'again ms',
] as const

export function tableLines(runs: readonly RowRun[], { rows }: Findings): readonly string[] {
  const cells = [columns.map(String), ...runs.map((run) => cellsOf(run, rows.get(run.row)))]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  return cells.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '))
}

function cellsOf(run: RowRun, findings: RowFindings | undefined): readonly string[] {
  if (findings === undefined) return [run.row]
  const awayMs = Math.max(0, ...run.strikes.map((strike) => strike.awayMs))
  const numbers = [
    (run.begun * 1_000) / (run.loadTo - run.loadFrom), findings.acknowledged, findings.lost.length, findings.doubled.length,
    findings.misdated.length, run.wrong.length, run.reads, run.refused, run.unanswered, awayMs, findings.gapMs, findings.serveAgainMs,
  ]
  return [run.row, ...numbers.map((number) => String(Math.round(number)))]
}

export function summaryOf(runs: readonly RowRun[], findings: Findings) {
  const all = [...findings.rows.values()]
  const count = (of: (row: RowFindings) => readonly string[]): number => all.reduce((sum, row) => sum + of(row).length, 0)
  return {
    acknowledged: all.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    lost: count(({ lost }) => lost),
    doubled: count(({ doubled }) => doubled),
    misdated: count(({ misdated }) => misdated),
    wrong: runs.reduce((sum, { wrong }) => sum + wrong.length, 0),
    holes: findings.holes.length,
    wrongRows: findings.wrongRows.length,
    voice: findings.voice,
    rows: Object.fromEntries(runs.map((run) => [run.row, rowSummary(run, findings.rows)])),
  }
}

function rowSummary(run: RowRun, rows: ReadonlyMap<RowName, RowFindings>) {
  const { acknowledged = 0, gapMs = 0, serveAgainMs = 0 } = rows.get(run.row) ?? {}
  const { refused, unanswered, reads, strikes } = run
  return {
    acknowledged, refused, unanswered, reads, strikes: strikes.length,
    gapMs: Math.round(gapMs),
    // Null: nobody was ever answered again.
    serveAgainMs: Number.isFinite(serveAgainMs) ? Math.round(serveAgainMs) : null,
  }
}

export function isSound(summary: ReturnType<typeof summaryOf>): boolean {
  const { lost, doubled, misdated, wrong, holes, wrongRows, voice } = summary
  const bad = lost + doubled + misdated + wrong + holes + wrongRows + voice.lost + voice.doubled + voice.missingSeconds
  return bad === 0 && Object.values(summary.rows).every(({ serveAgainMs, acknowledged }) => serveAgainMs !== null && acknowledged > 0)
}
