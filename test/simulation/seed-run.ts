/**
 * Runs a range of seeds one after the other and sums up what they met.
 */
import { drawClassPlan } from './draw-class-plan.ts'
import { drawPlan } from './draw-plan.ts'
import { drawVoicePlan } from './draw-voice-plan.ts'
import type { Plan } from './plan.ts'
import { runPlan } from './run-plan.ts'
import type { Violation } from './verdict.ts'

export type Load = 'ledger' | 'voice' | 'class'

export const drawLoad: Readonly<Record<Load, (seed: number) => Plan>> = { ledger: drawPlan, voice: drawVoicePlan, class: drawClassPlan }

export interface SeedRange {
  readonly from: number
  readonly count: number
  /** Distance of two seeds: workers share a range by taking every n-th. */
  readonly step: number
  readonly stopAtFirst: boolean
  /** What is asked: by default mostly the ledger, which makes judging cheap. */
  readonly load?: Load
}

export interface FailedSeed {
  readonly seed: number
  readonly violation: Violation
}

export interface SeedReport {
  readonly seeds: number
  readonly failed: readonly FailedSeed[]
  readonly counts: Readonly<Record<string, number>>
}

/** Failed seeds kept in a report; the first is what anybody looks at. */
const failedKeptMax = 20

export async function runSeeds(range: SeedRange): Promise<SeedReport> {
  // Most of an error's price is its stack, and most errors here are simulated outages.
  Error.stackTraceLimit = 0
  const counts = new Map<string, number>()
  const count = (what: string, by: number): void => void counts.set(what, (counts.get(what) ?? 0) + by)
  const failed: FailedSeed[] = []
  let seeds = 0
  const draw = drawLoad[range.load ?? 'ledger']
  for (let index = 0; index < range.count; index += 1) {
    const seed = range.from + index * range.step
    const result = await runPlan(draw(seed))
    seeds += 1
    for (const [what, by] of result.counts) count(what, by)
    count('events run', result.eventsRun)
    count('simulated ms', Math.round(result.simulatedMs))
    if (result.violation === null) continue
    if (failed.length < failedKeptMax) failed.push({ seed, violation: result.violation })
    if (range.stopAtFirst) break
  }
  return { seeds, failed, counts: Object.fromEntries(counts) }
}

export function mergeReports(reports: readonly SeedReport[]): SeedReport {
  const counts: Record<string, number> = {}
  for (const report of reports) {
    for (const [what, by] of Object.entries(report.counts)) counts[what] = (counts[what] ?? 0) + by
  }
  return {
    seeds: reports.reduce((sum, report) => sum + report.seeds, 0),
    failed: reports.flatMap(({ failed }) => failed).sort((a, b) => a.seed - b.seed),
    counts,
  }
}
