/**
 * The manager looks after its processes, whole ones: one whose event loop stands still is killed by pid and comes back; a
 * second manager takes everything over, and the first one ends.
 */
import { expect } from 'chai'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { isAlive } from '../support/program.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

describe('supervision (sixteen identifies at once allowed)', function () {
  this.timeout(120_000)
  let fleet: Fleet
  let guilds: GuildDriver[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 16 } }, shardCount: 2, processCount: 2 })
    guilds = Array.from({ length: 6 }, (_, index) => fleet.sandbox.people.createGuild({ name: `guild ${index}` }))
    fleet.startManager()
    await fleet.whenReady()
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
  })

  after(() => fleet?.stop())

  const everybodyIsAnswered = async (): Promise<void> => {
    const replies = await Promise.all(guilds.map((guild) => guild.owner().slash('leaderboard').reply()))
    expect(replies.map(({ kind }) => kind)).to.deep.equal(guilds.map(() => 'message'))
  }

  it('a process that says nothing for ten seconds is killed with SIGKILL, by pid, and another one has its shards', async () => {
    const pid = fleet.shardPids().get(0) ?? 0
    process.kill(pid, 'SIGSTOP')
    await fleet.whenExited(pid)
    expect(fleet.output()).to.contain('"msg":"shard process is wedged, killing it"').and.contain('"signal":"SIGKILL"')
    await fleet.whenReady()
    expect(fleet.shardPids().get(0)).not.to.equal(pid)
    await everybodyIsAnswered()
  })

  it('a second manager takes over without a gap; the first drains what it has left, and ends as asked', async () => {
    const first = fleet.manager()
    const before = [...fleet.shardPids().values()]
    const second = fleet.startManager()
    const { exitCode } = await first.closed
    expect(exitCode).to.equal(0)
    expect(first.errors()).to.contain('Another manager has taken over')
    await fleet.whenReady()
    expect(before.filter(isAlive)).to.deep.equal([])
    expect(second.output()).to.contain('Generation 2 serves: 2 shards in 2 processes.')
    await everybodyIsAnswered()
  })
})
