/**
 * The nemesis in its short form: one round of each fault, over real processes and servers.
 *
 * Zeros prove something only where the faults were met, so that is asserted too: slots changed hands, stale writes were
 * refused, commits were left in doubt, nobody was answered while a server was away.
 */
import { expect } from 'chai'
import { startProgram } from '../support/program.ts'

interface FaultSummary {
  readonly acknowledged: number
  readonly fenced: number
  readonly lostInDoubt: number
  readonly unknown: number
  readonly gapMs: number
  readonly firstMs: readonly (number | null)[]
}

const runTimeoutMs = 240_000
/** Each alone; a stopped Postgres and the storm take as long as all of these together and are left to the long form. */
const faultsOfShortForm = ['kill', 'kill-unseen', 'pause', 'redis-kill', 'flushall', 'redis-pause', 'postgres-restart']

describe('nemesis: one round of each fault', () => {
  it('loses nothing, doubles nothing, leaves no hole and answers nothing stale', async function () {
    this.timeout(runTimeoutMs)
    const program = startProgram({
      name: 'nemesis',
      entry: 'test/nemesis/main.ts',
      args: ['--rounds', '1', '--seconds', '0.3', '--in-flight', '96', '--fault', faultsOfShortForm.join(',')],
      environment: {},
      ipc: false,
    })
    const { exitCode } = await program.closed
    expect(exitCode, program.output()).to.equal(0)
    const last = JSON.parse(program.lines().findLast((line) => line.startsWith('{')) ?? '{}') as Record<string, unknown>
    expect(last).to.include({ lost: 0, doubled: 0, holes: 0, wrong: 0, errors: 0 })
    const faults = last['faults'] as Record<string, FaultSummary>
    for (const [name, { acknowledged, firstMs }] of Object.entries(faults)) {
      expect(acknowledged, name).to.be.greaterThan(0)
      // Null: no affected guild was ever answered again, or the fault never took a slot from anybody.
      expect(firstMs, name).to.satisfy((all: readonly unknown[]) => all.length === 1 && all.every((ms) => typeof ms === 'number'))
    }
    const stale = (fault: string): number => (faults[fault]?.fenced ?? 0) + (faults[fault]?.lostInDoubt ?? 0)
    expect(stale('pause'), 'stale writes refused after a pause').to.be.greaterThan(0)
    expect(faults['postgres-restart']?.unknown, 'commits in doubt after a crash of Postgres').to.be.greaterThan(0)
    expect(faults['redis-pause']?.gapMs, 'silence while Redis stood still').to.be.greaterThan(4_000)
  })
})
