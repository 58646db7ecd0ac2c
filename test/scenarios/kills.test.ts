/**
 * SIGKILL of a shard process, twenty times in a row, at random moments, while members join, move, mute and leave.
 *
 * Method: in each round every member acts at most once, at a random moment, and one of the two processes is killed at
 * another; the next round begins when it is back. So no stay lies wholly within a time nobody watched, and each must be
 * recorded: which stays there were is computed from the sandbox's voice log alone, after everything has stopped. The seconds
 * are held against what the sandbox knows: when each process was killed, when each guild was told to its successor.
 * `SEED=` replays the moments; what the machine makes of them differs.
 */
import { expect } from 'chai'
import { createSystemClock, waitFor } from '../../kernel/clock.ts'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from '../support/session-oracle.ts'
import type { WrittenReceipt } from '../support/written-rows.ts'
import { createRandom } from '../simulation/random.ts'

const kills = 20
const guildCount = 12
const membersPerGuild = 3
/** Acts are spread over this time, the kill over its first half: some come before it, most into the outage. */
const roundMs = 1_600
/** How often a shard process writes down until when it watched. */
const watchedWriteIntervalMs = 5_000
/** Two clocks on one machine, timers that fire late, a busy processor. */
const toleranceMs = 750

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const clock = createSystemClock()

interface Member {
  readonly guild: GuildDriver
  readonly driver: MemberDriver
  isMuted: boolean
}

/** One process was killed; `readyAt`: its successor had reconciled all its guilds by then. */
interface Kill {
  readonly guildIds: ReadonlySet<string>
  readonly killedAt: number
  readonly readyAt: number
}

describe(`twenty kills at random moments, SEED=${seed} (four identifies at once allowed, respawns pause at most 100 ms)`, function () {
  this.timeout(300_000)
  let fleet: Fleet
  let members: Member[]
  const random = createRandom(seed, 'kills')
  const done: Kill[] = []

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({
      sandbox: { gatewayLimits: { maxConcurrency: 4 } },
      shardCount: 4,
      processCount: 2,
      environment: { MUSTER_RESPAWN_DELAY_MS_MAX: '100', LOG_LEVEL: 'warn' },
    })
    const guilds = Array.from({ length: guildCount }, (_, index) =>
      fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall', 'Library', 'Tower'] }),
    )
    members = guilds.flatMap((guild) =>
      Array.from({ length: membersPerGuild }, (_, index) => ({
        guild,
        driver: guild.addMember({ username: `member${index}` }),
        isMuted: false,
      })),
    )
    fleet.startManager()
    await fleet.whenReady()
    await Promise.all(guilds.map((guild) => guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()))
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
  })

  after(() => fleet?.stop())

  /** Both numbers are drawn beforehand, so that a seed means the same acts whatever the order of timers. */
  function act(member: Member, { choice, room }: { choice: number; room: number }): void {
    const { guild, driver } = member
    const channels = ['Hall', 'Library', 'Tower'].map((name) => guild.channel(name).id)
    const here = driver.voiceChannel()
    if (here === null) {
      driver.joinVoice(channels[room % 3]!)
      member.isMuted = false
      return
    }
    if (choice < 0.4) driver.leaveVoice()
    else if (choice < 0.8) driver.moveVoice(channels.filter((channel) => channel !== here)[room % 2]!)
    else {
      member.isMuted = !member.isMuted
      driver.selfMute(member.isMuted)
    }
  }

  async function round(clusterId: number): Promise<void> {
    const pid = fleet.shardPids().get(clusterId)
    expect(pid, `process of cluster ${clusterId}`).to.be.a('number')
    let killedAt = 0
    const acts = members
      .filter(() => random.chance(0.7))
      .map(async (member) => {
        const drawn = { choice: random.next(), room: random.integer(0, 5) }
        await waitFor(clock, random.integer(0, roundMs))
        act(member, drawn)
      })
    const kill = waitFor(clock, random.integer(0, roundMs / 2)).then(() => {
      killedAt = Date.now()
      process.kill(pid!, 'SIGKILL')
    })
    await Promise.all([...acts, kill])
    await fleet.whenExited(pid!)
    await fleet.whenReady()
    const shards = clusterId === 0 ? [0, 1] : [2, 3]
    const guildIds = new Set(members.filter(({ guild }) => shards.includes(shardOf(guild.id))).map(({ guild }) => guild.id))
    done.push({ guildIds, killedAt, readyAt: Date.now() })
  }

  const shardOf = (id: string): number => Number((BigInt(id) >> 22n) % 4n)

  it('no session is lost or doubled, and every second is counted or stated as unobserved (I1, I2, I10)', async () => {
    const sessions = new OpenSessions(fleet.rows)
    const isSettled = async (): Promise<true | undefined> => {
      const open = await sessions.read()
      const inVoice = members.flatMap(({ guild, driver }) => {
        const channel = driver.voiceChannel()
        return channel === null ? [] : [`${guild.id} ${driver.userId} ${channel}`]
      })
      return open.size === inVoice.length && inVoice.every((voice) => open.has(voice)) ? true : undefined
    }
    for (let index = 0; index < kills; index += 1) {
      await round(index % 2)
      await fleet.rows.until(isSettled)
    }
    for (const { driver } of members) if (driver.voiceChannel() !== null) driver.leaveVoice()
    await fleet.rows.until(isSettled)
    expect((await fleet.stopProcesses()).map(({ exitCode }) => exitCode)).to.deep.equal([0])

    const stays = staysOf(fleet.sandbox.people.voiceLog())
    const receipts = await fleet.rows.receipts()
    const { lost, doubled, pairs } = compareWithReceipts(stays, receipts)
    expect({ lost, doubled }).to.deep.equal({ lost: [], doubled: [] })
    expect(pairs.map(({ receipt }) => findMissingSeconds(receipt)).filter((missing) => missing !== null)).to.deep.equal([])
    expect(receipts.flatMap((receipt) => findWrongUnobserved(receipt))).to.deep.equal([])
    for (const { stay, receipt } of pairs) {
      expect(receipt.joinedAt, 'nothing is counted before it was').to.be.at.least(stay.from - toleranceMs)
      expect(receipt.leftAt, 'nothing is counted after it was').to.be.at.most(stay.to + toleranceMs)
    }
    await expectSoundJournal()
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
    tellFigures(receipts)
  })

  /** When the successor was told of the guild: from then on somebody watches. */
  function createdAt(guildId: string, killedAt: number): number {
    const told = fleet.sandbox.requestLog
      .dispatches()
      .find((entry) => entry.t === 'GUILD_CREATE' && entry.guildId === guildId && entry.atMs > killedAt)
    return told?.atMs ?? Infinity
  }

  /**
   * Never less than from the kill to GUILD_CREATE, never more than one interval of writing `watched_until` before it and the
   * time until the reconcile was durable after it.
   */
  function findWrongUnobserved(receipt: WrittenReceipt): string[] {
    const { joinedAt, leftAt } = receipt
    const within = (from: number, to: number): number => Math.max(0, Math.min(to, leftAt) - Math.max(from, joinedAt))
    let least = -toleranceMs
    let most = toleranceMs
    for (const { guildIds, killedAt, readyAt } of done) {
      if (!guildIds.has(receipt.guildId)) continue
      least += within(killedAt, createdAt(receipt.guildId, killedAt))
      most += within(killedAt - watchedWriteIntervalMs, readyAt)
    }
    const statedMs = receipt.unobservedSeconds * 1000
    // Floored to seconds where it was signed.
    if (statedMs >= least - 1000 && statedMs <= most) return []
    return [`record ${receipt.recordId}: ${statedMs} ms unobserved, expected ${least} to ${most} ms`]
  }

  async function expectSoundJournal(): Promise<void> {
    const events = await fleet.rows.events()
    for (const guildId of new Set(events.map((event) => event.guildId))) {
      const own = events.filter((event) => event.guildId === guildId)
      expect(own.map(({ seq }) => seq)).to.deep.equal(own.map((_, index) => index + 1))
      expect(own.map(({ fence }) => fence)).to.deep.equal(own.map(({ fence }) => fence).toSorted((a, b) => a - b))
      expect(own.map(({ at }) => at)).to.deep.equal(own.map(({ at }) => at).toSorted((a, b) => a - b))
    }
  }

  function tellFigures(receipts: readonly WrittenReceipt[]): void {
    const unobserved = receipts.map(({ unobservedSeconds }) => unobservedSeconds)
    const back = done.map(({ killedAt, readyAt }) => readyAt - killedAt).toSorted((a, b) => a - b)
    const touched = unobserved.filter((seconds) => seconds > 0)
    process.stdout.write(
      `    kills ${done.length}, sessions ${receipts.length}, lost 0, doubled 0; unobserved in ${touched.length}, ` +
        `at most ${Math.max(...unobserved)} s; from kill to ready ${back[0]} to ${back.at(-1)} ms, median ${back[back.length >> 1]} ms\n`,
    )
  }
})
