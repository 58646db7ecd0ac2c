/**
 * Voice attendance over several runtimes: people come and go while processes are killed, stopped, cut off and handed slots,
 * dispatches are replayed, feeds are lost, rules and schedules change, and periods end at a boundary and by hand.
 *
 * Goal: whatever happens, the journal, the receipts and the boards are one book (I10). Method: as simulation.test.ts, with
 * the load of draw-voice-plan.ts; voice-books.ts adds up.
 */
import { expect } from 'chai'
import { huntMutant } from './mutate.ts'
import { voiceMutants } from './mutants.ts'
import { runInWorkers } from './workers.ts'

const seeds = Number(process.env['SIMULATION_VOICE_SEEDS'] ?? 80)
const workers = 2

/** Without these a run shows nothing. */
const mustHappen = [
  'voice session closed', 'voice session split', 'voice period closed at its boundary', 'voice period closed early',
  'feed replayed', 'session resumed by the next life', 'fault: crash', 'fault: handoff', 'fault: stop', 'guild loaded from a snapshot',
]

describe('simulation of voice attendance', function () {
  this.timeout(180_000)

  it('I10: one book over kills, handoffs, replays, outages, boundaries and resets', async () => {
    const report = await runInWorkers({ from: 1, seeds, workers, stopAtFirst: false, load: 'voice' })
    expect(report.failed).to.deep.equal([])
    expect(report.seeds).to.equal(seeds)
    expect(mustHappen.filter((what) => (report.counts[what] ?? 0) === 0)).to.deep.equal([])
  })

  for (const mutant of voiceMutants) {
    it(`finds: ${mutant.name}`, async () => {
      expect(await huntMutant(mutant, { seeds: 256, workers, load: 'voice' }), 'a seed that fails').not.to.equal(null)
    })
  }
})
