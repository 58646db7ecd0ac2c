/**
 * Guilds are woken at their instants, in memory or not; an alarm that moves rings once, where it moved to.
 */
import { expect } from 'chai'
import type { Activation } from '../../../actors/runtime/activation.ts'
import { AlarmClock } from '../../../actors/runtime/alarm-clock.ts'
import type { GuildStore } from '../../../actors/runtime/ports.ts'
import type { Request } from '../../../actors/runtime/request.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import type { Fence, Sequence, Slot } from '../../../kernel/ids.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'
import { tallyRegistry } from '../../support/tally.ts'

const guild = guildIn(7)

type SetRow = Awaited<ReturnType<GuildStore['loadAlarms']>>[number]

function setUp() {
  const clock = createManualClock()
  const startedAt = clock.wallMs()
  const slots = new SlotTable()
  const log = createListeningLog()
  let rows: SetRow[] = []
  const swept: Slot[][] = []
  const rang: { readonly op: string; readonly atMs: number }[] = []
  let isAway = false
  const alarms = new AlarmClock({
    clock, slots, log,
    registry: tallyRegistry,
    time: { now: () => clock.wallMs() },
    store: {
      loadAlarms: ({ slots: asked, dueBefore }) => {
        swept.push([...asked])
        return isAway ? Promise.reject(new Error('away')) : Promise.resolve(rows.filter(({ dueAt }) => dueAt <= dueBefore))
      },
    },
    submit: (request: Request) => {
      rang.push({ op: request.envelope.opId, atMs: clock.wallMs() - startedAt })
      // As its turn does once it is durable.
      rows = rows.filter(({ dueAt }) => dueAt > clock.wallMs())
    },
  })
  const inMemory = (wanted: Readonly<Record<string, readonly [inMs: number, setSeq: number]>>): void => {
    const set = Object.entries(wanted).map(([purpose, [inMs, setSeq]]) => [`tally/${purpose}`, { dueAt: startedAt + inMs, setSeq }])
    alarms.onChange({ guildId: guild, state: { alarms: Object.fromEntries(set) } } as unknown as Activation)
  }
  const row = (purpose: string, inMs: number): SetRow => {
    return { guildId: guild, purpose: `tally/${purpose}`, slot: 7 as Slot, dueAt: startedAt + inMs, setSeq: 3 as Sequence }
  }
  const serve = (slot: number): void => {
    const entry = slots.at(slot as Slot)
    entry.setState('taking')
    entry.setFence(1 as Fence, null)
    entry.setState('serving')
  }
  const away = (is: boolean): void => void (isAway = is)
  const put = (one: SetRow): void => void rows.push(one)
  return { clock, alarms, put, swept, rang, log, inMemory, row, serve, away }
}

describe('the alarm clock', () => {
  it('rings at the instant of the alarm, under the op id of its setting', () => {
    const { clock, rang, inMemory } = setUp()
    inMemory({ close: [4_000, 9] })
    clock.advance(3_999)
    expect(rang).to.deep.equal([])
    clock.advance(1)
    expect(rang).to.deep.equal([{ op: `alarm:${guild}:tally/close:9`, atMs: 4_000 }])
  })

  it('an alarm that moved rings once, where it moved to; told again as it is, it changes nothing', () => {
    const { clock, rang, inMemory } = setUp()
    inMemory({ close: [2_000, 9] })
    inMemory({ close: [5_000, 10] })
    inMemory({ close: [5_000, 10] })
    clock.advance(60_000)
    expect(rang.map(({ atMs }) => atMs)).to.deep.equal([5_000])
  })

  it('what was due while nobody looked rings at once', () => {
    const { clock, rang, inMemory } = setUp()
    inMemory({ close: [-90_000, 2] })
    clock.advance(1)
    expect(rang).to.have.length(1)
  })

  it('finds alarms of guilds that are not in memory, in the slots it serves and no others', async () => {
    const { clock, alarms, put, swept, rang, row, serve } = setUp()
    serve(7)
    put(row('far', 40_000))
    alarms.start()
    for (let second = 0; second < 45; second += 1) {
      clock.advance(1_000)
      await settle()
    }
    expect(rang.map(({ atMs }) => atMs)).to.deep.equal([40_000])
    expect(swept.every((slots) => slots.join() === '7')).to.equal(true)
    await alarms.stop()
  })

  it('a sweep that fails is told, and the next one finds what it would have', async () => {
    const { clock, alarms, put, rang, log, row, serve, away } = setUp()
    serve(7)
    put(row('close', 6_000))
    alarms.start()
    away(true)
    clock.advance(5_000)
    await settle()
    expect(log.saw('alarms could not be read')).to.equal(true)
    away(false)
    clock.advance(5_000)
    await settle()
    clock.advance(1)
    expect(rang).to.have.length(1)
    await alarms.stop()
  })

  it('stopped, it rings no more', async () => {
    const { clock, alarms, rang, inMemory } = setUp()
    inMemory({ close: [4_000, 9] })
    await alarms.stop()
    inMemory({ later: [5_000, 10] })
    clock.advance(60_000)
    expect([rang.length, clock.pending()]).to.deep.equal([0, 0])
  })
})
