/**
 * Everything goes down and comes up again: by SIGTERM, by the death of the manager alone, by a power cut. Open sessions live
 * on, and the time nobody watched is in the record as what it was.
 */
import { expect } from 'chai'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import { isAlive } from '../support/program.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { expectEveryStayRecorded } from '../support/expect-recorded.ts'
import type { WrittenReceipt } from '../support/written-rows.ts'

/** Clocks of one machine, timers that fire late. */
const toleranceMs = 750
/** How often a shard process writes down until when it watched. */
const watchedWriteIntervalMs = 5_000

describe('restart of everything (four identifies at once allowed)', function () {
  this.timeout(90_000)
  let fleet: Fleet
  let guilds: GuildDriver[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 4, processCount: 2 })
    guilds = Array.from({ length: 4 }, (_, index) =>
      fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall', 'Library'] }),
    )
    fleet.startManager()
    await fleet.whenReady()
    await Promise.all(guilds.map((guild) => guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()))
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })

  after(() => fleet?.stop())

  interface People {
    readonly stays: MemberDriver
    readonly leaves: MemberDriver
    readonly moves: MemberDriver
    readonly comes: MemberDriver
  }

  /** One of each kind in every guild, those who are in voice with their sessions durable. */
  async function gather(): Promise<readonly People[]> {
    const people = guilds.map((guild) => {
      const member = (username: string): MemberDriver => guild.addMember({ username })
      const all = { stays: member('stays'), leaves: member('leaves'), moves: member('moves'), comes: member('comes') }
      for (const driver of [all.stays, all.leaves, all.moves]) driver.joinVoice(guild.channel('Hall').id)
      return all
    })
    const sessions = new OpenSessions(fleet.rows)
    await fleet.rows.until(async () => ((await sessions.read()).size === guilds.length * 3 ? true : undefined))
    return people
  }

  function changeWhileNobodyWatches(people: readonly People[]): void {
    for (const [index, { leaves, moves, comes }] of people.entries()) {
      leaves.leaveVoice()
      moves.moveVoice(guilds[index]!.channel('Library').id)
      comes.joinVoice(guilds[index]!.channel('Hall').id)
    }
  }

  /**
   * Everybody leaves; then each person's receipts tell what was seen. Nobody watched between `down` and `up`; the last instant
   * that was written down lies after `knownUntil`, and the reconcile was durable at `readyAt`.
   */
  async function judge(people: readonly People[], time: { knownUntil: number; down: number; up: number; readyAt: number }): Promise<void> {
    for (const { stays, moves, comes } of people) for (const driver of [stays, moves, comes]) driver.leaveVoice()
    const receipts = await expectEveryStayRecorded(fleet)
    const of = (driver: MemberDriver): WrittenReceipt[] => receipts.filter(({ userId }) => userId === driver.userId)
    for (const person of people) {
      const [stayed] = of(person.stays)
      expect(stayed!.recovered).to.equal(false)
      expect(stayed!.unobservedSeconds * 1000).to.be.within(time.up - time.down - toleranceMs - 1000, time.readyAt - time.knownUntil + toleranceMs)
      const [left] = of(person.leaves)
      expect(left).to.include({ recovered: true })
      expect(left!.leftAt).to.be.within(time.knownUntil - toleranceMs, time.down + toleranceMs)
      expect(of(person.moves).map(({ recovered }) => recovered)).to.deep.equal([true, false])
      const [came] = of(person.comes)
      expect(came).to.include({ recovered: false, unobservedSeconds: 0 })
      expect(came!.joinedAt).to.be.at.least(time.up - toleranceMs)
    }
  }

  /** When the first guild was told to the processes that came after `since`. */
  const toldAt = (since: number): number =>
    fleet.sandbox.requestLog.dispatches().find(({ t, atMs }) => t === 'GUILD_CREATE' && atMs > since)?.atMs ?? Infinity

  /** Starts everything again and holds the records against it. */
  async function comeBack(people: readonly People[], { knownUntil, down }: { knownUntil: number; down: number }): Promise<void> {
    changeWhileNobodyWatches(people)
    fleet.startManager()
    await fleet.whenReady()
    await judge(people, { knownUntil, down, up: toldAt(down), readyAt: Date.now() })
  }

  it('SIGTERM drains: sessions go on after it, with no more than the time of the restart unobserved', async () => {
    const people = await gather()
    const pids = [...fleet.shardPids().values()]
    // A process that drains writes its last instant.
    const knownUntil = Date.now()
    const exits = await fleet.stopProcesses()
    expect(exits.map(({ exitCode }) => exitCode)).to.deep.equal([0])
    expect(pids.filter(isAlive)).to.deep.equal([])
    await comeBack(people, { knownUntil, down: Date.now() })
  })

  it('the manager killed alone: its processes serve on, the next manager’s take over, and nobody notices', async () => {
    const people = await gather()
    const pids = [...fleet.shardPids().values()]
    const manager = fleet.manager()
    manager.kill('SIGKILL')
    await manager.exited
    // Whatever happens from here on is seen by processes without a manager.
    changeWhileNobodyWatches(people)
    const sessions = new OpenSessions(fleet.rows)
    await fleet.rows.until(async () => ((await sessions.read()).size === guilds.length * 3 ? true : undefined))
    expect(pids.filter(isAlive)).to.deep.equal(pids)
    fleet.startManager()
    await fleet.whenReady()
    await manager.closed
    expect(pids.filter(isAlive), 'who has no slot left ends').to.deep.equal([])
    for (const { stays, moves, comes } of people) for (const driver of [stays, moves, comes]) driver.leaveVoice()
    const receipts = await expectEveryStayRecorded(fleet)
    const here = new Set(people.flatMap((person) => Object.values(person).map(({ userId }: MemberDriver) => userId)))
    expect(receipts.filter(({ userId, recovered }) => here.has(userId) && recovered)).to.deep.equal([])
  })

  it('a power cut: what was durable is there, and at most one interval of writing more is unobserved', async () => {
    const people = await gather()
    const manager = fleet.manager()
    const down = Date.now()
    for (const pid of [manager.pid, ...fleet.shardPids().values()]) process.kill(pid, 'SIGKILL')
    await manager.closed
    await comeBack(people, { knownUntil: down - watchedWriteIntervalMs, down })
  })
})
