/**
 * The simulation as a test: 2,000 seeds hold, every fault and rare path is met, and what fails would replay and shrink.
 */
import { expect } from 'chai'
import { drawPlan } from './draw-plan.ts'
import { unmetPaths } from './report.ts'
import { runPlan } from './run-plan.ts'
import { runInWorkers } from './workers.ts'

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 2_000)
const workers = 2

describe('simulation', () => {
  it('a seed is one schedule: run again it is the same, line by line', async () => {
    // The last one is a rescale.
    for (const seed of [3, 17, 342]) {
      const [first, second] = [await runPlan(drawPlan(seed), { isTracing: true }), await runPlan(drawPlan(seed), { isTracing: true })]
      expect(first.trace.length).to.be.greaterThan(100)
      expect(second.trace).to.deep.equal(first.trace)
      expect(first.violation).to.equal(null)
    }
  })

  it('I1 … I13 hold over every seed, and every fault and rare path is met', async function () {
    this.timeout(300_000)
    const report = await runInWorkers({ from: 1, seeds, workers, stopAtFirst: false })
    expect(report.failed).to.deep.equal([])
    expect(report.seeds).to.equal(seeds)
    if (seeds >= 2_000) expect(unmetPaths(report)).to.deep.equal([])
  })
})
