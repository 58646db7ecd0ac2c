/**
 * The code on the screen by a manual clock: changed at its instant, given up for a newer one, posted again when it is gone,
 * by Discord's clock and not by ours, and only with what is durable.
 */
import { expect } from 'chai'
import type { Activation } from '../../../actors/runtime/activation.ts'
import type { Sequence, Slot } from '../../../kernel/ids.ts'
import { CodeBoard } from '../../../shards/attendance/code-board.ts'
import { createDiscordTime } from '../../../shards/attendance/discord-time.ts'
import type { ShownCode } from '../../../shards/attendance/session-messages.ts'
import { opening, TestClass } from '../../support/class.ts'
import type { Deferred } from '../../support/deferred.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

function setUp({ aheadMs = 0 } = {}) {
  const clock = createManualClock()
  const began = clock.wallMs()
  // The database's clock; Discord's lies `aheadMs` behind it.
  const now = (): number => opening + aheadMs + clock.wallMs() - began
  const discordTime = createDiscordTime()
  if (aheadMs !== 0) discordTime.note(opening, opening + aheadMs)
  const edits: { readonly shown: ShownCode; readonly signal: AbortSignal; readonly done: Deferred<'shown' | 'gone'> }[] = []
  const lost: string[] = []
  const lease = { covers: true }
  const log = createListeningLog()
  const board = new CodeBoard({
    clock, log, now, discordTime,
    leaseCovers: () => lease.covers,
    edit(_guild, _session, shown, signal) {
      const done = createDeferred<'shown' | 'gone'>()
      edits.push({ shown, signal, done })
      return done.promise
    },
    lose: (_guild, _session, messageId) => void lost.push(messageId),
  })
  const one = new TestClass()
  one.setUp()
  one.openClass()
  const gate = { durable: 0 as Sequence }
  const follow = (durable = true): void => {
    if (durable) gate.durable = one.guild.seq
    board.follow({ guildId: one.guild.guildId, slot: 0 as Slot, state: one.guild.state, seq: one.guild.seq, secrets: one.guild.secrets, gate, epoch: 0 } as unknown as Activation)
  }
  const shownNow = () => board.shownNow(one.guild.guildId, one.open.sessionId)
  const post = (messageId: string): void => {
    shownNow()
    one.ask({ feature: 'code-attendance', kind: 'note-message', sessionId: one.open.sessionId, message: 'admin', messageId, failure: null })
    follow()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settle()
  }
  return { one, board, edits, lost, lease, log, follow, post, pass, shownNow }
}

describe('the code on the screen', () => {
  it('is edited once at each change, with the code that counts from then on', async () => {
    const { one, edits, follow, post, pass, shownNow } = setUp()
    follow()
    expect(shownNow()).to.deep.include({ code: one.codeAt(opening), endsAt: opening + 15_000, entryCount: 0 })
    post('1')
    expect(edits).to.have.length(0)
    await pass(14_999)
    expect(edits).to.have.length(0)
    await pass(1)
    expect(edits.map(({ shown }) => shown)).to.deep.equal([{ code: one.codeAt(opening + 15_000), endsAt: opening + 30_000, entryCount: 0 }])
    edits[0]!.done.resolve('shown')
    await pass(60_000)
    expect(edits.map(({ shown }) => shown.code)).to.deep.equal([15, 30, 45, 60, 75].map((second) => one.codeAt(opening + second * 1_000)))
  })

  it('follows Discord’s clock where the database’s is two seconds ahead', async () => {
    const { one, edits, follow, post, pass } = setUp({ aheadMs: 2_000 })
    follow()
    post('1')
    await pass(15_000)
    expect(edits.map(({ shown }) => shown.code)).to.deep.equal([one.codeAt(opening), one.codeAt(opening + 15_000)].slice(1))
  })

  it('an edit that is still on its way is given up for the next one, and that is no failure', async () => {
    const { edits, follow, post, pass, log } = setUp()
    follow()
    post('1')
    await pass(15_000)
    await pass(15_000)
    expect(edits).to.have.length(2)
    expect(edits[0]!.signal.aborted).to.equal(true)
    edits[0]!.done.reject(new Error('aborted'))
    await settle()
    expect(log.saw('code message not edited')).to.equal(false)
    edits[1]!.done.reject(new Error('500'))
    await settle()
    expect(log.saw('code message not edited')).to.equal(true)
  })

  it('shows a number of entries only when it is durable', async () => {
    const { one, edits, follow, post, pass } = setUp()
    follow()
    post('1')
    one.submit('1')
    follow(false)
    await pass(15_000)
    expect(edits[0]!.shown.entryCount).to.equal(0)
    follow()
    await pass(15_000)
    expect(edits[1]!.shown.entryCount).to.equal(1)
  })

  it('gone: the guild is told; a new message shows the code of its own time at once', async () => {
    const { edits, lost, follow, post, pass } = setUp()
    follow()
    post('1')
    await pass(15_000)
    edits[0]!.done.resolve('gone')
    await settle()
    expect(lost).to.deep.equal(['1'])
  })

  it('after a takeover what stands there is brought up to date at once; without the lease nothing is sent; closed it stops', async () => {
    const { one, edits, board, lease, follow, post, pass } = setUp()
    one.ask({ feature: 'code-attendance', kind: 'note-message', sessionId: one.open.sessionId, message: 'admin', messageId: '1', failure: null })
    follow()
    expect(edits).to.have.length(1)
    lease.covers = false
    await pass(15_000)
    expect(edits).to.have.length(1)
    lease.covers = true
    await pass(15_000)
    expect(edits).to.have.length(2)
    post('1')
    board.dropSlot(0 as Slot)
    await pass(15_000)
    expect(edits).to.have.length(2)
    follow()
    expect(edits).to.have.length(3)
    one.close()
    follow()
    expect(board.size).to.equal(0)
    await pass(60_000)
    expect(edits).to.have.length(3)
  })
})

describe('Discord’s time', () => {
  it('is ours less the median of what interactions took; one that lay somewhere moves nothing', () => {
    const time = createDiscordTime()
    expect(time.offsetMs(7)).to.equal(7)
    for (const tookMs of [2_050, 2_060, 2_070, 9_000]) time.note(opening, opening + tookMs)
    expect(time.offsetMs(7)).to.equal(2_070)
    for (let more = 0; more < 200; more += 1) time.note(opening, opening - 1_990)
    expect(time.offsetMs(7)).to.equal(-1_990)
  })
})
