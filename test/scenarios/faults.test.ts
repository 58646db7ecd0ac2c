/**
 * What Discord does to a bot on an ordinary day: sockets that drop, sessions that end, events that come twice, answers that
 * are refused. One shard process; the sandbox has the shards identify at its normal pace.
 */
import { expect } from 'chai'
import type { GuildDriver } from '../../sandbox/people/people.ts'
import type { MemberDriver } from '../../sandbox/people/member.ts'
import type { LogEntry } from '../../sandbox/request-log.ts'
import type { Fleet } from '../support/fleet-processes.ts'
import { refusedRequests, showOutputOnFailure, startFleet } from '../support/fleet-processes.ts'
import { testServersTimeoutMs } from '../support/servers.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from '../support/session-oracle.ts'
import type { WrittenEvent, WrittenReceipt } from '../support/written-rows.ts'

const callback = '/interactions/{interaction_id}/{interaction_token}/callback'
/** Between the clocks of database and sandbox on one machine, and timers that fire late. */
const toleranceMs = 500

describe('faults of Discord', function () {
  this.timeout(60_000)
  let fleet: Fleet
  let guild: GuildDriver
  /** In voice all the time, touched by nothing but the faults. */
  let witness: MemberDriver
  let allowedRefusals: number

  before(async function () {
    this.timeout(testServersTimeoutMs)
    fleet = await startFleet({ shardCount: 1, processCount: 1 })
    guild = fleet.sandbox.people.createGuild({ name: 'guild', voiceChannels: ['Hall', 'Library'] })
    fleet.startManager()
    await fleet.whenReady()
    await guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()
    witness = guild.addMember({ username: 'witness' })
    witness.joinVoice(guild.channel('Hall').id)
    await openSessionOf(witness)
  })

  beforeEach(() => {
    allowedRefusals = refusedRequests(fleet.sandbox).length
  })

  afterEach(function () {
    fleet.sandbox.faults.clear()
    showOutputOnFailure(this.currentTest, fleet)
    expect(fleet.sandbox.requestLog.violations()).to.deep.equal([])
    expect(refusedRequests(fleet.sandbox).slice(allowedRefusals)).to.deep.equal([])
  })

  after(async () => {
    await fleet?.stop()
  })

  const eventsOf = async (member: MemberDriver, kind: string): Promise<readonly WrittenEvent[]> =>
    (await fleet.rows.events()).filter(({ kind: its, event }) => {
      const { userId, voice } = event as { userId?: string; voice?: { userId: string } }
      return its === kind && (userId ?? voice?.userId) === member.userId
    })
  const openSessionOf = (member: MemberDriver): Promise<WrittenEvent> =>
    fleet.rows.until(async () => (await eventsOf(member, 'voice-session-opened')).at(-1))
  const receiptOf = (member: MemberDriver): Promise<WrittenReceipt> =>
    fleet.rows.until(async () => (await fleet.rows.receipts()).findLast(({ userId }) => userId === member.userId))
  const join = async (username: string): Promise<MemberDriver> => {
    const member = guild.addMember({ username })
    member.joinVoice(guild.channel('Hall').id)
    await openSessionOf(member)
    return member
  }
  /** The next entry of the sandbox's log that is meant. */
  const entry = (isMeant: (entry: LogEntry) => boolean): Promise<LogEntry> =>
    new Promise((resolve) => {
      const stop = fleet.sandbox.requestLog.onEntry((next) => {
        if (!isMeant(next)) return
        stop()
        resolve(next)
      })
    })
  const untilRefused = async (count: number): Promise<void> => {
    while (refusedRequests(fleet.sandbox).length < allowedRefusals + count) await entry((next) => next.kind === 'request')
  }
  const gateway = (event: string): Promise<LogEntry> => entry((next) => next.kind === 'gateway' && next.event === event)

  it('a dropped socket is resumed: sessions count on, a replayed change states the time nobody watched', async () => {
    const ada = await join('ada')
    const ben = await join('ben')
    const resumed = gateway('resumed')
    const droppedAt = Date.now()
    expect(fleet.sandbox.faults.dropConnections({ shard: 0 })).to.equal(1)
    ada.selfMute(true)
    ben.leaveVoice()
    await resumed
    const [change] = await fleet.rows.until(async () => {
      const events = await eventsOf(ada, 'voice-flags-changed')
      return events.length > 0 ? events : undefined
    })
    const { unobservedSince } = change!.event as { unobservedSince?: number }
    expect(unobservedSince).to.be.within(droppedAt - toleranceMs, change!.at)
    const left = await receiptOf(ben)
    expect(left.recovered, 'it was told, not found').to.equal(false)
    ada.leaveVoice()
    expect(findMissingSeconds(await receiptOf(ada))).to.equal(null)
    expect(await eventsOf(witness, 'voice-session-closed')).to.deep.equal([])
  })

  it('an ended session is begun anew and reconciled: who stayed has unobserved time, who left is closed at the last moment known', async () => {
    const ada = await join('chloe')
    const before = fleet.sandbox.requestLog.entries().length
    const ended = Date.now()
    const told = entry((next) => next.kind === 'dispatch' && next.t === 'GUILD_CREATE')
    expect(fleet.sandbox.faults.invalidateSessions({ resumable: false })).to.equal(1)
    ada.leaveVoice()
    const late = guild.addMember({ username: 'late' })
    late.joinVoice(guild.channel('Library').id)
    const created = await told
    const closed = await receiptOf(ada)
    expect(closed.recovered).to.equal(true)
    expect(closed.leftAt).to.be.within(ended - toleranceMs, ended + toleranceMs)
    expect((await openSessionOf(late)).at).to.be.at.least(created.atMs - toleranceMs)
    witness.leaveVoice()
    const stayed = await receiptOf(witness)
    expect(stayed.recovered).to.equal(false)
    expect(stayed.unobservedSeconds * 1000).to.be.within(created.atMs - ended - toleranceMs - 1000, created.atMs - ended + 3_000)
    const identifies = fleet.sandbox.requestLog.entries().slice(before).filter((next) => next.kind === 'gateway' && next.event === 'identified')
    expect(identifies).to.have.length(1)
    late.leaveVoice()
    await receiptOf(late)
  })

  it('an outage of the server: who left meanwhile is closed at its beginning, who stayed goes on', async () => {
    const ada = await join('outage')
    const ben = await join('patient')
    const began = Date.now()
    guild.setAvailable(false)
    ada.leaveVoice()
    guild.setAvailable(true)
    const closed = await receiptOf(ada)
    expect(closed.recovered).to.equal(true)
    expect(closed.leftAt).to.be.within(began - toleranceMs, began + toleranceMs)
    expect(await eventsOf(ben, 'voice-session-closed')).to.deep.equal([])
    ben.leaveVoice()
    expect(findMissingSeconds(await receiptOf(ben))).to.equal(null)
  })

  it('what is dispatched twice happens once: sessions and commands (I4)', async () => {
    const { faults } = fleet.sandbox
    faults.duplicateDispatch({ t: 'VOICE_STATE_UPDATE', times: 100, copies: 3 })
    const ada = await join('twice')
    ada.selfDeaf(true)
    ada.moveVoice(guild.channel('Library').id)
    ada.leaveVoice()
    await fleet.rows.until(async () => {
      const own = (await fleet.rows.receipts()).filter(({ userId }) => userId === ada.userId)
      return own.length >= 2 ? own : undefined
    })
    faults.clear()
    faults.duplicateDispatch({ t: 'INTERACTION_CREATE', copies: 2 })
    const reply = await guild.owner().slash('admin tracking-mode', { mode: 'denylist' }).reply()
    expect(reply).to.nested.include({ kind: 'message', 'message.content': 'Tracking mode is now **denylist**: all channels but the listed ones are counted. It was all.' })
    // The copy came before what is asked next, and is answered by nobody.
    expect((await guild.owner().slash('about').reply()).kind).to.equal('message')
    expect(refusedRequests(fleet.sandbox).slice(allowedRefusals)).to.deep.equal([])
    const changes = (await fleet.rows.events()).filter(({ kind }) => kind === 'tracking-mode-set')
    expect(changes.map(({ event }) => event['mode'])).to.deep.equal(['all', 'denylist'])
    const stays = staysOf(fleet.sandbox.people.voiceLog())
    const { lost, doubled } = compareWithReceipts(stays, await fleet.rows.receipts())
    expect({ lost, doubled }).to.deep.equal({ lost: [], doubled: [] })
  })

  it('an answer that Discord refuses for a moment (500, 429) comes all the same', async () => {
    const { faults } = fleet.sandbox
    const ada = guild.addMember({ username: 'asks' })
    faults.failNext({ route: callback, status: 502 })
    expect((await ada.slash('about').reply()).kind).to.equal('message')
    faults.rateLimitNext({ route: callback, retryAfterMs: 400 })
    expect((await ada.slash('about').reply()).kind).to.equal('message')
    faults.failNext({ route: callback, status: 500, afterEffect: true })
    expect((await ada.slash('about').reply()).kind).to.equal('message')
    await untilRefused(4)
    const refused = refusedRequests(fleet.sandbox).slice(allowedRefusals)
    expect(refused.map(({ status }) => status)).to.deep.equal([502, 429, 500, 400])
    expect(refused.at(-1)?.code, 'the answer that took effect and was repeated').to.equal(40060)
    allowedRefusals += 4
  })

  it('an answer that Discord never takes harms nothing: the command counts, the process serves on', async () => {
    const pids = [...fleet.shardPids().values()]
    fleet.sandbox.faults.failNext({ route: callback, status: 503, times: 4 })
    const reply = await guild.owner().slash('admin tracking-mode', { mode: 'all' }).reply()
    expect(reply).to.deep.include({ kind: 'failed', reason: 'no-answer-in-time' })
    const changes = (await fleet.rows.events()).filter(({ kind }) => kind === 'tracking-mode-set')
    expect(changes.at(-1)?.event['mode']).to.equal('all')
    expect((await guild.owner().slash('ping').reply()).kind).to.equal('message')
    expect([...fleet.shardPids().values()]).to.deep.equal(pids)
    expect(refusedRequests(fleet.sandbox).slice(allowedRefusals).every(({ status }) => status === 503)).to.equal(true)
    allowedRefusals = refusedRequests(fleet.sandbox).length
  })

  it('a shard that Discord closes for good (4014) ends its process, which says why and is begun anew', async () => {
    const [pid] = [...fleet.shardPids().values()]
    const ada = await join('stays')
    expect(fleet.sandbox.faults.closeConnections({ code: 4014 })).to.equal(1)
    await fleet.whenExited(pid!)
    await fleet.manager().line(/"exitCode":3.*Discord refuses the intents \(4014\)/)
    await fleet.whenReady()
    expect([...fleet.shardPids().values()]).not.to.deep.equal([pid])
    ada.leaveVoice()
    expect((await receiptOf(ada)).unobservedSeconds).to.be.at.least(1)
  })
})
