/** Two processes and the messages between them: who says what for which fence, and what becomes of a word that is lost. */
import { expect } from 'chai'
import { Handoff } from '../../../actors/ownership/handoff.ts'
import type { HandedOver } from '../../../actors/ownership/handoff.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import type { Fence, Slot } from '../../../kernel/ids.ts'
import { fence, generation, incarnation } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { createDeferred } from '../../support/deferred.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const slot = 5 as Slot
const clock = { make: createManualClock }

type Loses = (message: { kind: string }) => boolean

function setUp() {
  const time = clock.make({ wallMs: 0 })
  const log = createListeningLog()
  const listeners = new Map<string, (message: string) => void>()
  const sent: { to: string; kind: string; slots: { slot: number; fence: number; since?: number }[] }[] = []
  const world = { loses: (() => false) as Loses }
  const create = (name: string, of: number) => {
    const slots = new SlotTable()
    const said: string[] = []
    const finish = { promise: Promise.resolve() }
    const snapshots = { promise: Promise.resolve(), of: [] as Slot[] }
    const may = { leave: true, hear: true }
    const handoff = new Handoff({
      me: incarnation(name),
      generation: generation(of),
      clock: time,
      slots,
      log,
      now: () => time.wallMs(),
      bus: {
        publish: (channel, text) => {
          const message = JSON.parse(text) as { kind: string; slots: { slot: number; fence: number }[] }
          sent.push({ to: channel, ...message })
          if (!world.loses(message)) listeners.get(channel)?.(text)
          return Promise.resolve()
        },
        subscribe: (channel, onMessage) => {
          listeners.set(channel, onMessage)
          return Promise.resolve({ unsubscribe: () => Promise.resolve(void listeners.delete(channel)) })
        },
      },
      hears: () => may.hear,
      prepareToLeave: () => may.leave,
      snapshotSlots: (of) => {
        snapshots.of.push(...of)
        return snapshots.promise
      },
      finishSlot: () => finish.promise,
      takeBack: (taken) => Promise.resolve(void said.push(`take back ${taken.join()}`)),
      lose: (lost, by) => {
        said.push(`lose ${lost} to generation ${by}`)
        slots.at(lost).setState('foreign')
      },
    })
    const serve = (under: number): void => {
      const entry = slots.at(slot)
      entry.setState('taking')
      entry.setFence(fence(under), null)
      entry.setState('serving')
    }
    return { handoff, slots, said, finish, snapshots, may, serve, entry: slots.at(slot), me: incarnation(name) }
  }
  return { time, log, sent, world, old: create('host:1:old', 1), new: create('host:2:new', 2), listeners }
}

async function start() {
  const both = setUp()
  await both.old.handoff.start()
  await both.new.handoff.start()
  both.old.serve(7)
  return both
}

const asked = (under = 7): readonly { slot: Slot; fence: Fence }[] => [{ slot, fence: fence(under) }]
const entries = (handedOver: HandedOver): unknown => [...handedOver]

describe('the planned handoff', () => {
  it('holds the slot from the question on, answers when its lane has landed, and says since when it is silent', async () => {
    const { old, new: asker, time, sent } = await start()
    const finished = createDeferred<void>()
    old.finish.promise = finished.promise
    time.advance(40)
    const request = asker.handoff.request(old.me, asked())
    await settle()
    expect(old.entry.state).to.equal('handing-over')
    expect(sent.map(({ kind }) => kind)).to.deep.equal(['hand-over'])
    time.advance(30)
    finished.resolve()
    expect(entries(await request)).to.deep.equal([[slot, 40]])
    await asker.handoff.confirm(old.me, [{ slot, fence: fence(8) }])
    expect(old.said).to.deep.equal(['lose 5 to generation 2'])
    expect(old.entry.state).to.equal('foreign')
    time.advance(limits.handoffTakeBackMs * 2)
    await settle()
    expect(old.said).to.have.length(1)
  })

  it('serves on while snapshots are written, and is silent only from then on', async () => {
    const { old, new: asker, time } = await start()
    const written = createDeferred<void>()
    old.snapshots.promise = written.promise
    const request = asker.handoff.request(old.me, asked())
    await settle()
    expect(old.entry.state).to.equal('serving')
    time.advance(70)
    written.resolve()
    expect(entries(await request), 'silent since then').to.deep.equal([[slot, 70]])
    expect(old.snapshots.of).to.deep.equal([slot])
  })

  it('one that it lost while they were written is as good as handed over, and one that is not its own needs none', async () => {
    const { old, new: asker } = await start()
    const written = createDeferred<void>()
    old.snapshots.promise = written.promise
    const request = asker.handoff.request(old.me, [...asked(), { slot: 6 as Slot, fence: fence(3) }])
    await settle()
    old.entry.setState('foreign')
    written.resolve()
    expect(entries(await request)).to.deep.equal([[slot, null], [6, null]])
    expect(old.snapshots.of).to.deep.equal([slot])
  })

  it('a slot that is not its own it hands over at once, without saying until when it was watched', async () => {
    const { old, new: asker } = await start()
    old.entry.setState('foreign')
    expect(entries(await asker.handoff.request(old.me, asked()))).to.deep.equal([[slot, null]])
  })

  it('under another fence, with its own word to come, or in doubt, says that it stays: nobody waits for it', async () => {
    const { old, new: asker } = await start()
    const ask = async (under: number): Promise<unknown> => entries(await asker.handoff.request(old.me, asked(under)))
    expect(await ask(6)).to.deep.equal([])
    old.may.leave = false
    expect(await ask(7)).to.deep.equal([])
    expect(old.entry.state, 'it goes on serving').to.equal('serving')
    old.entry.setState('doubt')
    expect(await ask(7)).to.deep.equal([])
  })

  it('some go and some stay: the ones that go are taken at once', async () => {
    const { old, new: asker } = await start()
    const other = 6 as Slot
    expect(entries(await asker.handoff.request(old.me, [...asked(), { slot: other, fence: fence(3) }]))).to.deep.equal([[other, null], [slot, 0]])
    old.slots.at(other).setState('taking')
    expect(entries(await asker.handoff.request(old.me, [...asked(), { slot: other, fence: fence(3) }]))).to.deep.equal([[slot, 0]])
  })

  it('asked twice it answers twice, for the same instant, and one time to be taken back', async () => {
    const { old, new: asker, time, sent, world } = await start()
    world.loses = ({ kind }) => kind === 'handed-over'
    const first = asker.handoff.request(old.me, asked())
    await settle()
    time.advance(limits.handoffAnswerMs)
    expect(entries(await first)).to.deep.equal([])
    world.loses = () => false
    expect(entries(await asker.handoff.request(old.me, asked()))).to.deep.equal([[slot, 0]])
    expect(sent.filter(({ kind }) => kind === 'handed-over')).to.have.length(2)
    time.advance(limits.handoffTakeBackMs - 1)
    await settle()
    expect(old.said, 'the second question began the time anew').to.deep.equal([])
    time.advance(1)
    time.advance(0)
    await settle()
    expect(old.said).to.deep.equal(['take back 5'])
  })

  it('nobody says that it was taken: after its time the slot is taken back, with others in one go', async () => {
    const { old, new: asker, time, log } = await start()
    const other = 6 as Slot
    const entry = old.slots.at(other)
    entry.setState('taking')
    entry.setFence(fence(3), null)
    entry.setState('serving')
    await asker.handoff.request(old.me, [...asked(), { slot: other, fence: fence(3) }])
    time.advance(limits.handoffTakeBackMs)
    time.advance(0)
    await settle()
    expect(old.said).to.deep.equal(['take back 5,6'])
    expect(log.saw('taking back slots that nobody took')).to.equal(true)
  })

  it('told that they are not wanted any more, it takes them back at once; for another fence it is not told', async () => {
    const { old, new: asker, time } = await start()
    await asker.handoff.request(old.me, asked())
    await asker.handoff.decline(old.me, asked(6))
    time.advance(0)
    await settle()
    expect(old.said).to.deep.equal([])
    await asker.handoff.decline(old.me, asked())
    time.advance(0)
    await settle()
    expect(old.said).to.deep.equal(['take back 5'])
    time.advance(limits.handoffTakeBackMs)
    await settle()
    expect(old.said, 'once').to.deep.equal(['take back 5'])
  })

  it('a late word for an earlier fence lets nobody take the slot', async () => {
    const { old, new: asker, listeners } = await start()
    const finished = createDeferred<void>()
    old.finish.promise = finished.promise
    const request = asker.handoff.request(old.me, asked(7))
    await settle()
    const tell = (message: object): void => listeners.get('process:host:2:new')?.(JSON.stringify(message))
    tell({ kind: 'handed-over', from: 'host:1:old', slots: [{ slot, fence: 6, since: 1 }] })
    tell({ kind: 'handed-over', from: 'host:9:other', slots: [{ slot, fence: 7, since: 1 }] })
    finished.resolve()
    expect(entries(await request)).to.deep.equal([[slot, 0]])
  })

  it('told that a slot was taken, under no higher fence than its own, it does not believe it', async () => {
    const { old, new: asker } = await start()
    await asker.handoff.request(old.me, asked())
    await asker.handoff.confirm(old.me, asked(7))
    expect([old.said.length, old.entry.state]).to.deep.equal([0, 'handing-over'])
  })

  it('what is no message is said and passed over; one without a generation is of a process that says none', async () => {
    const { old, new: asker, log, listeners } = await start()
    const tell = listeners.get('process:host:1:old')
    tell?.('{')
    tell?.(JSON.stringify({ kind: 'taken', from: 'x', slots: [{ slot: 999, fence: 1 }] }))
    expect(log.saw('handoff message is not understood')).to.equal(true)
    await asker.handoff.request(old.me, asked())
    tell?.(JSON.stringify({ kind: 'taken', from: 'host:2:new', slots: [{ slot, fence: 8 }] }))
    expect(old.said).to.deep.equal(['lose 5 to generation null'])
  })

  it('a caretaker, who does not hear the slot, hands it over without a word on until when it was watched', async () => {
    const { old, new: asker } = await start()
    old.may.hear = false
    expect(entries(await asker.handoff.request(old.me, asked()))).to.deep.equal([[slot, null]])
  })

  it('stopped it hears nothing and has no timer left', async () => {
    const { old, new: asker, time, listeners } = await start()
    await asker.handoff.request(old.me, asked())
    await old.handoff.stop()
    await asker.handoff.stop()
    time.advance(limits.handoffTakeBackMs * 2)
    expect([old.said, time.pending(), listeners.size]).to.deep.equal([[], 0, 0])
  })
})
