/**
 * The topology changes while everything serves: `muster rescale` as an operator types it, whole processes, people in voice.
 */
import { expect } from 'chai'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import { runMuster } from '../support/run-muster.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from '../support/session-oracle.ts'

const guildCount = 16

describe('a live rescale (sixteen identifies at once allowed)', function () {
  this.timeout(120_000)
  let fleet: Fleet
  let guilds: GuildDriver[]
  let people: MemberDriver[]

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 16 } }, shardCount: 2, processCount: 1 })
    guilds = Array.from({ length: guildCount }, (_, index) =>
      fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall'] }),
    )
    people = guilds.map((guild) => guild.addMember({ username: 'ada' }))
    fleet.startManager()
    await fleet.whenReady()
    await Promise.all(guilds.map((guild) => guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()))
    for (const [index, ada] of people.entries()) ada.joinVoice(guilds[index]!.channel('Hall').id)
    const sessions = new OpenSessions(fleet.rows)
    await fleet.rows.until(async () => ((await sessions.read()).size === guildCount ? true : undefined))
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
  })

  after(() => fleet?.stop())

  it('a dry run tells what it would cost, and begins nothing', async () => {
    const { exitCode, json } = await runMuster(fleet, ['rescale', '--shards', '4', '--clusters', '2', '--dry-run', '--json'])
    expect(exitCode).to.equal(0)
    expect(json).to.deep.include({ state: 'done' })
    expect(json['plan']).to.deep.include({ identifies: 4, maxConcurrency: 16 })
    expect(fleet.shardPids().size).to.equal(1)
  })

  it('one process becomes two, two shards become four: open sessions go on, nothing is lost or doubled', async () => {
    const before = [...fleet.shardPids().values()]
    const { exitCode, output } = await runMuster(fleet, ['rescale', '--shards', '4', '--clusters', '2'])
    expect(output).to.match(/Generation 2 serves: 4 shards in 2 processes\./)
    expect(exitCode).to.equal(0)
    await fleet.whenReady()
    expect(fleet.shardPids().size).to.equal(2)
    await Promise.all(before.map((pid) => fleet.whenExited(pid)))
    for (const ada of people) ada.leaveVoice()
    const stays = staysOf(fleet.sandbox.people.voiceLog())
    const receipts = await fleet.rows.until(async () => {
      const written = await fleet.rows.receipts()
      return written.length >= stays.length ? written : undefined
    })
    const { lost, doubled, pairs } = compareWithReceipts(stays, receipts)
    expect({ lost, doubled }).to.deep.equal({ lost: [], doubled: [] })
    expect(pairs.map(({ receipt }) => findMissingSeconds(receipt)).filter((missing) => missing !== null)).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })
})
