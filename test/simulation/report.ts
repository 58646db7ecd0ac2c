/**
 * What a run says at its end: how often each fault and each rare path was met, what was never met, what failed.
 */
import { codePaths, countPaths, faultPaths, rescalePaths } from './rare-paths.ts'
import type { RarePath } from './rare-paths.ts'
import type { SeedReport } from './seed-run.ts'

/** Below so many seeds a path that was never met says nothing. */
export const seedsForPaths = 2_000

export function unmetPaths({ counts }: SeedReport): readonly string[] {
  const met = countPaths([...faultPaths, ...rescalePaths, ...codePaths], new Map(Object.entries(counts)))
  return [...met].filter(([, count]) => count === 0).map(([name]) => name)
}

export function reportLines(report: SeedReport, options: { readonly seconds: number; readonly showsAll: boolean }): string[] {
  const lines: string[] = []
  const counts = new Map(Object.entries(report.counts))
  for (const [title, paths] of [['faults', faultPaths], ['rescales', rescalePaths], ['rare paths', codePaths]] as const) {
    lines.push(`${title}:`, ...pathLines(paths, counts))
  }
  if (options.showsAll) {
    lines.push('all counters:')
    for (const [name, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) lines.push(line(name, count))
  }
  for (const { seed, violation } of report.failed) {
    lines.push(`seed ${seed} FAILED ${violation.invariant} at ${violation.atMs.toFixed(1)} ms: ${violation.message}`)
  }
  const rate = report.seeds / options.seconds
  lines.push(`${report.seeds} seeds, ${report.failed.length} failed, ${rate.toFixed(1)} seeds/s, ${options.seconds.toFixed(1)} s`)
  return lines
}

const line = (name: string, count: number): string => `${String(count).padStart(10)}  ${name}`

function pathLines(paths: readonly RarePath[], counts: ReadonlyMap<string, number>): string[] {
  return [...countPaths(paths, counts)].map(([name, count]) => line(name, count))
}
