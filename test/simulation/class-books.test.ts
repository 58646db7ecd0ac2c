/**
 * Code attendance over several runtimes: classes are opened, typed into and closed while processes are killed, stopped, cut
 * off and handed slots, and everything is asked again under its op id.
 *
 * Goal: who was answered "recorded" is in the records exactly once, and nobody else. Method: as simulation.test.ts, with the
 * load of draw-class-plan.ts; class-books.ts adds up.
 */
import { expect } from 'chai'
import { runInWorkers } from './workers.ts'

const seeds = Number(process.env['SIMULATION_CLASS_SEEDS'] ?? 80)

/** Without these a run shows nothing. */
const mustHappen = ['class closed', 'class: recorded', 'class: recorded again', 'class: recorded after its end', 'class: wrong code', 'fault: crash', 'fault: handoff', 'fault: stop']

describe('simulation of code attendance', function () {
  this.timeout(180_000)

  it('I4: recorded is recorded once, over kills, handoffs, outages and repeated questions', async () => {
    const report = await runInWorkers({ from: 1, seeds, workers: 2, stopAtFirst: false, load: 'class' })
    expect(report.failed).to.deep.equal([])
    expect(report.seeds).to.equal(seeds)
    expect(mustHappen.filter((what) => (report.counts[what] ?? 0) === 0)).to.deep.equal([])
  })
})
