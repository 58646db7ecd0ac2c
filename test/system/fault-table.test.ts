/**
 * The fault table of docs/operations.md in its short form: every row but one, with whole processes under a small load.
 *
 * Zeros prove something only where the fault was met: each row must have struck, and somebody must have been answered
 * again afterwards. How fast is printed and not judged: this machine may be busy. `npm run faults` is the long form.
 */
import { expect } from 'chai'
import { startProgram } from '../support/program.ts'

interface Summary {
  readonly rows: Readonly<Record<string, { readonly acknowledged: number; readonly strikes: number; readonly serveAgainMs: number | null; readonly gapMs: number }>>
  readonly voice: { readonly stays: number }
}

/** A minute on a quiet machine. */
const runTimeoutMs = 600_000
/** A restart of Redis is left to the long form: one that is gone for a second is the same and more. */
const rows = ['pause', 'redis-flush', 'redis-gone', 'postgres-gone', 'discord', 'disk-full', 'clock']
/** Five minutes of it: `npm run faults -- --row kills --seconds 300`. */
const killSeconds = 120

describe('the fault table, each row once, but for one (four identifies at once allowed)', function () {
  this.timeout(runTimeoutMs)

  async function run(named: readonly string[], seconds: number): Promise<Summary> {
    const program = startProgram({
      name: 'faults',
      entry: 'test/faults/main.ts',
      args: ['--row', named.join(','), '--guilds', '80', '--rate', '50', '--seconds', String(seconds), '--away', '1'],
      environment: {},
      ipc: false,
    })
    const { exitCode } = await program.closed
    expect(exitCode, program.output()).to.equal(0)
    const last = JSON.parse(program.lines().findLast((line) => line.startsWith('{')) ?? '{}') as Summary
    expect(last).to.include({ lost: 0, doubled: 0, misdated: 0, wrong: 0, holes: 0, wrongRows: 0 })
    expect(last.voice).to.include({ lost: 0, doubled: 0, missingSeconds: 0 })
    expect(last.voice.stays).to.be.greaterThan(0)
    expect(Object.keys(last.rows)).to.deep.equal(named)
    for (const [row, { acknowledged, strikes, serveAgainMs, gapMs }] of Object.entries(last.rows)) {
      expect({ row, isMet: strikes > 0 && acknowledged > 0 && serveAgainMs !== null }).to.deep.equal({ row, isMet: true })
      process.stdout.write(`    ${row}: struck ${strikes} times, longest silence ${gapMs} ms, answered again after ${serveAgainMs} ms\n`)
    }
    return last
  }

  it('nothing acknowledged is lost, nothing is doubled, misdated or denied, and everything heals by itself', async () => {
    await run(rows, 1.5)
  })

  it('SIGKILL of a shard process, an API, the other shard process and the manager, in turn: the same', async () => {
    const { rows: { kills } } = await run(['kills'], killSeconds)
    // On a busy machine a turn takes longer than the time there is: each was killed once all the same.
    expect(kills?.strikes).to.be.at.least(4)
  })
})
