/**
 * The topology changes under load, whole processes: by `muster rescale` as an operator types it, given up with ctrl-c in the
 * middle, with the manager killed in the middle, with one process replaced. What people did is judged at the end, by rows
 * and the sandbox's own log: nothing lost, nothing doubled, every second of open voice sessions there (I1, I2, I4, I8, I10, I12).
 *
 * The long form, with Discord's own pace of logins, at ten steps: `npm run drill`.
 */
import { expect } from 'chai'
import { DrillLoad } from '../drill/drill-load.ts'
import { describeStage } from '../drill/drill-report.ts'
import { judgeDrill } from '../drill/drill-verdict.ts'
import { stallsIn } from '../drill/stalls.ts'
import { TopologyDriver } from '../drill/topology-driver.ts'
import { createRandom } from '../simulation/random.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { isAlive } from '../support/program.ts'
import { runMuster, startMuster } from '../support/run-muster.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { untilSettled } from '../drill/drill.ts'

const guildCount = 24
const actsPerSecond = 30
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))

describe(`a live rescale under load, SEED=${seed} (sixteen identifies at once allowed)`, function () {
  this.timeout(180_000)
  let fleet: Fleet
  let driver: TopologyDriver
  let load: DrillLoad

  before(async function () {
    this.timeout(testServersTimeoutMs + 60_000)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 16 } }, shardCount: 4, processCount: 1 })
    driver = new TopologyDriver(fleet)
    load = new DrillLoad(fleet.sandbox.people, { guildCount, random: createRandom(seed, 'drill') })
    fleet.startManager()
    await fleet.whenReady()
    await load.prepare()
    load.start(actsPerSecond)
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
  })

  after(async () => {
    await driver?.close()
    await fleet?.stop()
  })

  /** How it was for the people: printed, never asserted. */
  async function tell(name: string, work: () => Promise<string>): Promise<void> {
    load.cut()
    const before = fleet.allOutput().length
    const startedAtMs = performance.now()
    const state = await work()
    const stage = { name, state, seconds: (performance.now() - startedAtMs) / 1000, load: load.cut(), stallsMs: stallsIn(fleet.allOutput().slice(before)) }
    process.stdout.write(`    ${describeStage(stage)}\n`)
  }

  it('a dry run tells what it would cost, and begins nothing', async () => {
    const { exitCode, json } = await runMuster(fleet, ['rescale', '--shards', '8', '--clusters', '2', '--dry-run', '--json'])
    expect(exitCode).to.equal(0)
    expect(json).to.deep.include({ state: 'done' })
    expect(json['plan']).to.deep.include({ identifies: 8, maxConcurrency: 16 })
    expect(fleet.shardPids().size).to.equal(1)
  })

  it('four shards in one process become eight in two; the old process ends by itself', async () => {
    const before = [...fleet.shardPids().values()]
    await tell('4/1 → 8/2', async () => {
      const { exitCode, output } = await runMuster(fleet, ['rescale', '--shards', '8', '--clusters', '2'])
      expect(output).to.contain('Generation 2 serves: 8 shards in 2 processes.')
      expect(exitCode).to.equal(0)
      return 'done'
    })
    await Promise.all(before.map((pid) => fleet.whenExited(pid)))
    expect(fleet.shardPids().size).to.equal(2)
  })

  it('ctrl-c in the middle of the switch: what moved goes back, the same processes serve', async () => {
    const before = fleet.shardPids()
    await tell('given up: ctrl-c in the switch', async () => {
      const muster = startMuster(fleet, ['rescale', '--shards', '4', '--clusters', '1'])
      await muster.line(/^ {2}switch .* of 384 slots/)
      muster.kill('SIGINT')
      const { exitCode } = await muster.closed
      expect(muster.output()).to.contain('It was asked to be given up. Generation 2 serves: 8 shards in 2 processes.')
      expect(exitCode).to.equal(1)
      return 'aborted'
    })
    expect(fleet.shardPids()).to.deep.equal(before)
  })

  it('the manager killed in the middle of the switch: its processes serve on, the next manager takes everything over', async () => {
    const orphans = [...fleet.shardPids().values()]
    const dead = fleet.manager()
    await tell('manager killed: half has moved', async () => {
      const wish = { kind: 'rescale', shardCount: 4, processCount: 1, isDryRun: false } as const
      const act = async (): Promise<void> => {
        dead.kill('SIGKILL')
        await dead.exited
        fleet.startManager()
      }
      const { state, sentence } = await driver.change(wish, { at: 'half has moved', act })
      // Whoever saw half of the slots a moment ago may find all of them moved: then it is done, and goes forward.
      expect(sentence).to.match(/^The manager ended /)
      await fleet.whenReady()
      expect(fleet.shardPids().size).to.equal(state === 'done' ? 1 : 2)
      return state
    })
    await dead.closed
    expect(orphans.filter(isAlive), 'who has no slot left ends').to.deep.equal([])
  })

  it('one process is drained: a new one has its shards', async () => {
    const before = fleet.shardPids()
    await tell('drain shard-0', async () => {
      const { exitCode, output } = await runMuster(fleet, ['drain', 'shard-0'])
      expect(output).to.contain('Replaced, one after the other: shard-0.')
      expect(exitCode).to.equal(0)
      return 'done'
    })
    const after = fleet.shardPids()
    expect(after.get(0)).not.to.equal(before.get(0))
    expect(after.get(1)).to.equal(before.get(1))
  })

  it('nothing was lost or doubled, and every second of every session is there', async () => {
    await load.stop()
    load.everybodyLeaves()
    await untilSettled(fleet)
    expect((await fleet.stopProcesses()).map(({ exitCode, signal }) => exitCode ?? signal)).to.have.members(['SIGKILL', 0])
    const verdict = await judgeDrill(fleet.rows, load, fleet.sandbox.people.voiceLog())
    const { changes, sessions, misdated, sessionLines, ...problems } = verdict
    expect(changes).to.be.greaterThan(100)
    expect(sessions).to.be.greaterThan(50)
    process.stdout.write(`    changes ${changes}, sessions ${sessions}, misdated by more than 1.5 s ${misdated}\n`)
    expect(problems, sessionLines.join('\n')).to.deep.equal({
      lostChanges: 0,
      doubledChanges: 0,
      lostSessions: 0,
      doubledSessions: 0,
      withMissingSeconds: 0,
      unobserved: 0,
      unobservedSecondsMax: 0,
      brokenJournals: 0,
    })
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
  })
})
