/** Reading the inboxes of the slots that are ours: order, positions, what an outage of Redis leaves, trimming. */
import { expect } from 'chai'
import { parseReplyText } from '../../../actors/client/reply-message.ts'
import { InboxReader } from '../../../actors/runtime/inbox-reader.ts'
import type { Request } from '../../../actors/runtime/request.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Fence, GuildId } from '../../../kernel/ids.ts'
import { opId } from '../../../kernel/ids.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { MemoryRedis } from '../../support/memory/memory-redis.ts'
import { createMemoryInbox, createMemoryMessageBus } from '../../support/memory/memory-transport.ts'
import { StepControl } from '../../support/runtime.ts'
import { settle } from '../../support/settle.ts'
import { add } from '../../support/tally.ts'

const [guild, other] = [guildIn(4), guildIn(5)]
const answered = { status: 'answered', reply: { kind: 'observed' } } as const

function setUp() {
  const clock = createManualClock()
  const redis = new MemoryRedis(clock)
  const steps = new StepControl()
  const inbox = createMemoryInbox(redis, { depthMax: 100, step: steps.step })
  const bus = createMemoryMessageBus(redis)
  const slots = new SlotTable()
  const log = createListeningLog()
  const submitted: Request[] = []
  const noted: number[] = []
  const reader = new InboxReader({
    inbox, bus, slots, clock, log,
    submit: (request) => void submitted.push(request),
    noteCursor: (slot) => void noted.push(slot),
  })
  const own = (of: GuildId, position = '0-0'): void => {
    const entry = slots.at(slotOf(of))
    entry.setState('taking')
    entry.setFence(1 as Fence, null)
    entry.restoreCursors(position === '0-0' ? [] : [{ slot: entry.slot, source: 'inbox', position }])
    entry.setState('serving')
    reader.add(entry.slot, position)
  }
  const put = async (of: GuildId, name: string, more: { replyTo?: string; command?: string } = {}): Promise<void> => {
    await inbox.add(slotOf(of), {
      guildId: of, opId: opId(name), command: more.command ?? JSON.stringify(add(1)), receivedAt: 5, deadlineAt: 9, replyTo: more.replyTo ?? null,
    })
    await settle()
  }
  const ops = (): string[] => submitted.map(({ envelope }) => envelope.opId)
  const stop = async (): Promise<void> => {
    const stopped = reader.stop()
    await settle()
    clock.advance(1_000)
    await stopped
  }
  return { clock, redis, steps, bus, slots, log, reader, submitted, noted, own, put, ops, stop }
}

describe('the inbox reader', () => {
  it('submits entries of its slots in order, as they were sent', async () => {
    const { reader, submitted, own, put, ops, stop } = setUp()
    own(guild)
    reader.start()
    await put(guild, 'a')
    await put(guild, 'b')
    await put(other, 'not ours')
    expect(ops()).to.deep.equal(['a', 'b'])
    expect(submitted[0]).to.deep.include({ origin: 'inbox', envelope: { guildId: guild, opId: 'a', command: add(1), receivedAt: 5, deadlineAt: 9 } })
    await stop()
  })

  it('begins at the position of the slot, also while a read is out', async () => {
    const { redis, reader, own, put, ops, stop } = setUp()
    for (const name of ['a', 'b', 'c']) await put(guild, name)
    reader.start()
    await settle()
    own(guild, redis.streams.get(slotOf(guild))?.entries[1]?.position)
    await settle()
    expect(ops()).to.deep.equal(['c'])
    await stop()
  })

  it('a slot that is lost is not read on, nor is what a read brings after the loss', async () => {
    const { reader, steps, own, put, ops, stop } = setUp()
    own(guild)
    steps.hold('read after')
    reader.start()
    await put(guild, 'a')
    reader.remove(slotOf(guild))
    await steps.release('read after')
    await put(guild, 'b')
    expect(ops()).to.deep.equal([])
    await stop()
  })

  it('publishes the answer to whoever waits for it, with the deadline of the entry', async () => {
    const { reader, bus, submitted, noted, own, put, stop } = setUp()
    const replies: string[] = []
    await bus.subscribe('replies:api', (text) => void replies.push(text))
    own(guild)
    reader.start()
    await put(guild, 'a', { replyTo: 'replies:api' })
    await put(guild, 'b')
    for (const request of submitted) request.settle(answered)
    await settle()
    expect(replies.map(parseReplyText)).to.deep.equal([{ guildId: guild, opId: 'a', outcome: answered, deadlineAt: 9 }])
    expect(noted).to.deep.equal([4, 4])
    await stop()
  })

  it('the cursor moves over what has ended and stops at what has not (I7)', async () => {
    const { reader, redis, slots, submitted, own, put, stop } = setUp()
    own(guild)
    reader.start()
    for (const name of ['a', 'b', 'c']) await put(guild, name)
    const positions = redis.streams.get(slotOf(guild))?.entries.map(({ position }) => position) ?? []
    submitted[2]?.settle(answered)
    expect(slots.at(slotOf(guild)).movedCursors()).to.deep.equal([])
    submitted[0]?.settle(answered)
    expect(slots.at(slotOf(guild)).movedCursors()).to.deep.equal([{ slot: 4, source: 'inbox', position: positions[0] }])
    submitted[1]?.settle(answered)
    expect(slots.at(slotOf(guild)).movedCursors()[0]?.position).to.equal(positions[2])
    await stop()
  })

  it('trims below the durable cursor and not above', async () => {
    const { clock, reader, redis, slots, submitted, own, put, stop } = setUp()
    own(guild)
    reader.start()
    for (const name of ['a', 'b', 'c']) await put(guild, name)
    for (const request of submitted.slice(0, 2)) request.settle(answered)
    clock.advance(1_000)
    await settle()
    expect(redis.streams.get(slotOf(guild))?.entries, 'moved, and not durable yet').to.have.length(3)
    const entry = slots.at(slotOf(guild))
    entry.cursorsWritten(entry.movedCursors())
    clock.advance(1_000)
    await settle()
    expect(redis.streams.get(slotOf(guild))?.entries.map(({ opId: op }) => op)).to.deep.equal(['c'])
    await stop()
  })

  it('goes on where it was when Redis is back, and says once that it was away', async () => {
    const { clock, reader, steps, log, own, put, ops, stop } = setUp()
    own(guild)
    reader.start()
    await put(guild, 'a')
    steps.fail('read after', 3)
    steps.fail('read before', 2)
    await put(guild, 'b')
    for (let tries = 0; tries < 8; tries += 1) {
      clock.advance(100)
      await settle()
    }
    expect(ops()).to.deep.equal(['a', 'b'])
    expect(log.count('inboxes could not be read')).to.equal(1)
    await stop()
  })

  it('a stream that Redis lost is read from its beginning', async () => {
    const { clock, redis, reader, steps, own, put, ops, stop } = setUp()
    own(guild, '99999999999999-0')
    reader.start()
    await settle()
    steps.fail('read after')
    redis.flushAll()
    await put(guild, 'after the loss')
    for (let tries = 0; tries < 3; tries += 1) {
      clock.advance(100)
      await settle()
    }
    expect(ops()).to.deep.equal(['after the loss'])
    await stop()
  })

  it('an entry whose command cannot be read is passed over and told, and holds nobody up', async () => {
    const { reader, bus, slots, log, submitted, own, put, ops, stop } = setUp()
    const replies: string[] = []
    await bus.subscribe('replies:api', (text) => void replies.push(text))
    own(guild)
    reader.start()
    await put(guild, 'bad', { command: '{"feature":', replyTo: 'replies:api' })
    await put(guild, 'good')
    expect(ops()).to.deep.equal(['good'])
    submitted[0]?.settle(answered)
    expect(slots.at(slotOf(guild)).movedCursors()).to.have.length(1)
    expect(replies.map((text) => parseReplyText(text).outcome)).to.deep.equal([{ status: 'refused', reason: 'rejected' }])
    expect(log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['opId'])).to.deep.equal(['bad'])
    expect(log.saw('inboxes could not be read')).to.equal(false)
    await stop()
  })

  it('stopping ends the read that is out', async () => {
    const { reader, own, clock } = setUp()
    own(guild)
    reader.start()
    await settle()
    await reader.stop()
    expect(clock.pending()).to.equal(0)
  })
})
