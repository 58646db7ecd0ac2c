/**
 * Boundaries of periods that pass while nothing runs, with whole processes: hours go by on the database's clock between an
 * end and a start. Each boundary is applied afterwards, at its own time, once; who stayed is split there, who left closes in
 * the period in which they were last seen.
 */
import { expect } from 'chai'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { OpenSessions } from '../support/open-sessions.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import type { ShiftedClock } from '../support/shifted-clock.ts'
import { shiftClockOf } from '../support/shifted-clock.ts'

const hourMs = 3_600_000
const minuteMs = 60_000

interface PeriodBytes {
  readonly period_id: string
  readonly period_index: number
  readonly started_at: string
  readonly ended_at: string
  readonly unsigned: { readonly sessions: number; readonly seconds: number }
  readonly entries: readonly { readonly user_id: string; readonly duration_seconds: number; readonly sessions: number }[]
}

interface SessionBytes {
  readonly user_id: string
  readonly period_id: string
  readonly joined_at: string
  readonly left_at: string
  readonly duration_seconds: number
  readonly paused_seconds: Readonly<Record<string, number>>
  readonly unobserved_seconds: number
  readonly recovered: boolean
  readonly split: boolean
}

describe('boundaries missed while nothing ran, two processes (four identifies at once allowed)', function () {
  this.timeout(90_000)
  let fleet: Fleet
  let clock: ShiftedClock
  let guilds: readonly GuildDriver[]
  /** By guild. */
  let stays: readonly MemberDriver[]
  let leaves: readonly MemberDriver[]
  /** What the rolling hours of a guild count from, Unix ms. */
  const anchors = new Map<string, number>()

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ sandbox: { gatewayLimits: { maxConcurrency: 4 } }, shardCount: 2, processCount: 2 })
    clock = await shiftClockOf(fleet.databaseUrl)
    guilds = [0, 1].map((index) => fleet.sandbox.people.createGuild({ name: `guild ${index}`, voiceChannels: ['Hall'] }))
    fleet.startManager()
    await fleet.whenReady()
    for (const guild of guilds) {
      await guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()
      await guild.owner().slash('admin periods', { interval: 'hourly', anchor: 'rolling' }).reply()
    }
    stays = guilds.map((guild) => guild.addMember({ username: 'stays' }))
    leaves = guilds.map((guild) => guild.addMember({ username: 'leaves' }))
    await enter([...stays, ...leaves])
    for (const { guildId, kind, event } of await fleet.rows.events()) {
      if (kind === 'schedule-set') anchors.set(guildId, (event['schedule'] as { anchorAt: number }).anchorAt)
    }
  })

  afterEach(function () {
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox)).to.deep.equal([])
  })

  after(() => fleet?.stop())

  const hallOf = (member: MemberDriver): string => guilds.find(({ id }) => id === member.guildId)!.channel('Hall').id
  const sessions = (): OpenSessions => new OpenSessions(fleet.rows)

  /** Resolves when everybody's session is durable. */
  async function enter(members: readonly MemberDriver[]): Promise<void> {
    const open = sessions()
    const wanted = members.map((member) => `${member.guildId} ${member.userId} ${hallOf(member)}`)
    for (const member of members) member.joinVoice(hallOf(member))
    await fleet.rows.until(async () => {
      const there = await open.read()
      return wanted.every((one) => there.has(one)) ? true : undefined
    })
  }

  async function signed<Bytes>(guild: string, type: string): Promise<readonly Bytes[]> {
    const rows = await fleet.rows.query<{ signed: Buffer }>('SELECT signed FROM receipt WHERE guild_id = $1 AND type = $2 ORDER BY sequence', [guild, type])
    return rows.map(({ signed: bytes }) => (JSON.parse(bytes.toString('utf8')) as { payload: Bytes }).payload)
  }

  async function untilPeriods(count: number): Promise<void> {
    for (const { id } of guilds) await fleet.rows.until(async () => ((await signed(id, 'period')).length >= count ? true : undefined))
  }

  const at = (guild: string, hours: number): string => new Date(anchors.get(guild)! + hours * hourMs).toISOString()

  /** Every period that closed: its bounds, and its entries as the sums of its signed sessions (I10). */
  async function judgeBooks(guild: string, count: number): Promise<readonly SessionBytes[]> {
    const periods = await signed<PeriodBytes>(guild, 'period')
    const all = await signed<SessionBytes>(guild, 'voice-session')
    expect(periods.map(({ period_index: index, ended_at: end }) => [index, end])).to.deep.equal(
      Array.from({ length: count }, (_, index) => [index + 1, at(guild, index + 1)]),
    )
    expect(periods.slice(1).map(({ started_at: start }) => start)).to.deep.equal(periods.slice(0, -1).map(({ ended_at: end }) => end))
    for (const { period_id: id, entries, unsigned } of periods) {
      const sums = new Map<string, { duration_seconds: number; sessions: number }>()
      for (const { user_id: user, duration_seconds: seconds } of all.filter((session) => session.period_id === id)) {
        const sum = sums.get(user) ?? { duration_seconds: 0, sessions: 0 }
        sums.set(user, { duration_seconds: sum.duration_seconds + seconds, sessions: sum.sessions + 1 })
      }
      expect(Object.fromEntries(entries.map(({ user_id: user, ...sum }) => [user, sum]))).to.deep.equal(Object.fromEntries(sums))
      expect(unsigned).to.deep.equal({ sessions: 0, seconds: 0 })
    }
    for (const session of all) {
      const accounts = [session.duration_seconds, session.unobserved_seconds, ...Object.values(session.paused_seconds)]
      const missingMs = Date.parse(session.left_at) - Date.parse(session.joined_at) - accounts.reduce((sum, seconds) => sum + seconds, 0) * 1000
      expect(missingMs).to.be.within(0, 999 * accounts.length)
    }
    return all
  }

  it('one boundary inside an outage: split at its own time, and who was gone closes in the period before it', async () => {
    await fleet.stopProcesses()
    const downAt = clock.now()
    for (const member of leaves) member.leaveVoice()
    await clock.forward(70 * minuteMs)
    fleet.startManager()
    await fleet.whenReady()
    await untilPeriods(1)
    for (const [index, { id }] of guilds.entries()) {
      const all = await judgeBooks(id, 1)
      const [stayed] = all.filter(({ user_id: user }) => user === stays[index]!.userId)
      expect(stayed).to.include({ split: true, recovered: false, left_at: at(id, 1) })
      // From the end of the processes to the boundary nobody watched.
      expect(stayed!.unobserved_seconds).to.be.within(Math.floor((Date.parse(at(id, 1)) - downAt) / 1000) - 2, hourMs / 1000)
      const gone = all.filter(({ user_id: user }) => user === leaves[index]!.userId)
      expect(gone).to.have.length(1)
      expect(gone[0]).to.include({ split: false, recovered: true, period_id: stayed!.period_id })
      expect(Date.parse(gone[0]!.left_at)).to.be.at.most(downAt)
    }
  })

  it('three boundaries missed after a power cut: each at its own time, once, and the hours between are told as unobserved', async () => {
    await enter(leaves)
    const manager = fleet.manager()
    for (const pid of [manager.pid, ...fleet.shardPids().values()]) process.kill(pid, 'SIGKILL')
    await manager.closed
    await clock.forward(3 * hourMs)
    fleet.startManager()
    await fleet.whenReady()
    await untilPeriods(4)
    for (const [index, guild] of guilds.entries()) {
      const { id } = guild
      const halves = (await judgeBooks(id, 4)).filter(({ user_id: user }) => user === stays[index]!.userId)
      expect(halves.map(({ split }) => split)).to.deep.equal([true, true, true, true])
      expect(halves.map(({ left_at: left }) => left)).to.deep.equal([1, 2, 3, 4].map((hour) => at(id, hour)))
      for (const whole of halves.slice(2)) expect(whole).to.include({ duration_seconds: 0, unobserved_seconds: 3600 })
      const shown = await guild.owner().slash('admin periods').reply()
      const since = Math.floor((anchors.get(id)! + 4 * hourMs) / 1000)
      expect(shown.kind === 'message' ? shown.message.content : shown.kind).to.contain(`Period 5 has been running since <t:${since}:f>`)
    }
    const before = await Promise.all(guilds.map(({ id }) => signed(id, 'voice-session')))
    for (const member of [...stays, ...leaves]) member.leaveVoice()
    for (const [index, { id }] of guilds.entries()) {
      await fleet.rows.until(async () => ((await signed(id, 'voice-session')).length >= before[index]!.length + 2 ? true : undefined))
      await judgeBooks(id, 4)
    }
  })
})
