/**
 * `npm run simulate -- --seeds N [--from S] [--trace]`: runs seeds, prints what was met, fails on the first violation.
 */
import { drawPlan } from './draw-plan.ts'
import { runPlan } from './run-plan.ts'

const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

const from = argument('--from', 1)
const seeds = argument('--seeds', 100)
const isTracing = process.argv.includes('--trace')
const counts = new Map<string, number>()
let failed = 0
const started = performance.now()
for (let seed = from; seed < from + seeds; seed += 1) {
  const result = await runPlan(drawPlan(seed), { isTracing })
  for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count)
  counts.set('events', (counts.get('events') ?? 0) + result.eventsRun)
  if (isTracing) process.stdout.write(`${result.trace.join('\n')}\n`)
  if (result.violation !== null) {
    failed += 1
    process.stdout.write(`seed ${seed}: ${result.violation.invariant} at ${result.violation.atMs.toFixed(1)}: ${result.violation.message}\n`)
  }
}
const seconds = (performance.now() - started) / 1000
if (process.argv.includes('--counts')) for (const [what, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) process.stdout.write(`${String(count).padStart(9)}  ${what}\n`)
process.stdout.write(`${seeds} seeds, ${failed} failed, ${(seeds / seconds).toFixed(1)} seeds/s\n`)
