import { expect } from 'chai'
import type { Slot } from '../../../kernel/ids.ts'
import type { LogFields } from '../../../kernel/log.ts'
import { silentLog } from '../../../kernel/log.ts'
import { StallMeter } from '../../../shards/gateway/stall-meter.ts'

const slot = 7 as Slot

describe('the stall of a slot that changes hands', () => {
  let now: number
  let lines: LogFields[]
  let meter: StallMeter

  beforeEach(() => {
    now = 1_000
    lines = []
    meter = new StallMeter({ log: { ...silentLog, info: (_phrase, fields) => void lines.push(fields ?? {}) }, now: () => now })
  })

  it('is that of its slowest guild, from the old owner’s last instant to the guild’s first turn here', () => {
    meter.begin(slot, 980)
    now = 1_030
    meter.noteLoaded(slot)
    now = 1_090
    meter.noteLoaded(slot)
    now = 1_200
    meter.end(slot)
    expect(lines).to.deep.equal([{ slot, guilds: 2, servedMs: 20, stallMs: 110, settledMs: 220 }])
  })

  it('of a slot without guilds ends when it serves; a clock that is behind makes it 0, never less', () => {
    meter.begin(slot, 1_004)
    meter.end(slot)
    expect(lines).to.deep.equal([{ slot, guilds: 0, servedMs: 0, stallMs: 0, settledMs: 0 }])
  })

  it('is of no interest where nobody handed over, or the slot went again', () => {
    meter.noteLoaded(slot)
    meter.end(slot)
    meter.begin(slot, 990)
    meter.forget(slot)
    meter.end(slot)
    expect(lines).to.deep.equal([])
  })
})
