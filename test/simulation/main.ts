/**
 * `npm run simulate -- --seeds N [--from S]`; `--help` names the other options.
 *
 * Exit code 0: every seed held, and, from 2,000 seeds on, every fault and rare path was met. A seed that fails is shrunk
 * and printed; `--voice` runs the load of voice attendance; `--from S --seeds 1 --trace` prints its whole schedule.
 */
import { Command } from 'commander'
import { positiveNumber } from '../support/arguments.ts'
import { reportLines, seedsForPaths, unmetPaths } from './report.ts'
import { runPlan } from './run-plan.ts'
import { shrink } from './shrink.ts'
import type { Load } from './seed-run.ts'
import { drawLoad } from './seed-run.ts'
import { runInWorkers } from './workers.ts'

interface Typed {
  readonly seeds: number
  readonly from: number
  readonly workers: number
  readonly trace: boolean
  readonly counts: boolean
  readonly shrink: boolean
  readonly voice: boolean
  readonly class: boolean
}

const values = new Command('npm run simulate --')
  .description('The deterministic simulation: one seed is one schedule of everything that can go wrong.')
  .option('--seeds <n>', 'so many', positiveNumber, 2_000)
  .option('--from <seed>', 'the first one', positiveNumber, 1)
  .option('--workers <n>', 'threads that share them', positiveNumber, 2)
  .option('--trace', 'print the whole schedule of each', false)
  .option('--counts', 'print everything that was counted', false)
  .option('--shrink', 'make the first one, which fails, as small as it can be', false)
  .option('--voice', 'the load of voice attendance', false)
  .option('--class', 'the load of code attendance', false)
  .parse()
  .opts<Typed>()
const { from, seeds } = values
const load: Load = values.class ? 'class' : values.voice ? 'voice' : 'ledger'
const draw = drawLoad[load]

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function trace(): Promise<number> {
  let failed = 0
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { violation, trace: lines } = await runPlan(draw(seed), { isTracing: true })
    lines.forEach(say)
    if (violation !== null) failed += 1
    say(`seed ${seed}: ${violation === null ? 'held' : `${violation.invariant}: ${violation.message}`}`)
  }
  return failed === 0 ? 0 : 1
}

async function shrinkSeed(seed: number): Promise<void> {
  const plan = draw(seed)
  const { violation } = await runPlan(plan)
  if (violation === null) {
    say(`seed ${seed} held when it was run again: it is not deterministic, and that is a bug of the simulation`)
    return
  }
  const shrunk = await shrink(plan, violation)
  const { faults, actions, horizonMs, weather } = shrunk.plan
  say(`seed ${seed} shrunk to ${faults.length} faults and ${actions.length} actions in ${shrunk.attempts} attempts:`)
  say(`  ${shrunk.violation.invariant} at ${shrunk.violation.atMs.toFixed(1)} ms: ${shrunk.violation.message}`)
  say(`  weather ${JSON.stringify(weather)}, horizon ${horizonMs.toFixed(0)} ms`)
  for (const step of [...faults, ...actions].sort((a, b) => a.atMs - b.atMs)) say(`  ${JSON.stringify(step)}`)
  if (values.trace) (await runPlan(shrunk.plan, { isTracing: true })).trace.forEach(say)
}

async function simulate(): Promise<number> {
  const startedAt = performance.now()
  const report = await runInWorkers({ from, seeds, workers: values.workers, stopAtFirst: false, load })
  const seconds = (performance.now() - startedAt) / 1_000
  for (const line of reportLines(report, { seconds, showsAll: values.counts })) say(line)
  const [first] = report.failed
  if (first !== undefined) await shrinkSeed(first.seed)
  const unmet = seeds >= seedsForPaths && load === 'ledger' ? unmetPaths(report) : []
  for (const name of unmet) say(`never met: ${name}`)
  return first === undefined && unmet.length === 0 ? 0 : 1
}

if (values.shrink) await shrinkSeed(from)
else process.exitCode = values.trace ? await trace() : await simulate()
