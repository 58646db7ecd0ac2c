/** Discord's clock as interactions tell it: their median, and how late one is beside the quickest. */
import { expect } from 'chai'
import { createDiscordTime } from '../../../shards/attendance/discord-time.ts'

describe('Discord’s time', () => {
  it('is the median of what was seen, and follows within ten interactions', () => {
    const time = createDiscordTime()
    expect(time.offsetMs(7)).to.equal(7)
    for (let at = 0; at < 101; at += 1) time.note(at, at + 20)
    expect(time.offsetMs(7)).to.equal(20)
    time.note(200, 9_000)
    expect(time.offsetMs(7)).to.equal(20)
    for (let at = 0; at < 70; at += 1) time.note(300 + at, 300 + at + 2_000)
    expect(time.offsetMs(7)).to.equal(2_000)
  })

  it('an interaction is late by what it took beyond the quickest of the last minutes, whatever the clocks say', () => {
    for (const aheadMs of [-5_000, 0, 5_000]) {
      const time = createDiscordTime()
      time.note(1_000, 1_030 + aheadMs)
      time.note(1_000, 4_000 + aheadMs)
      expect(time.lagMs(1_000, 4_500 + aheadMs)).to.equal(3_470)
      expect(time.lagMs(1_000, 1_000 + aheadMs)).to.equal(0)
      // A backlog that never ends is what is usual, after two minutes at the latest.
      for (let at = 0; at <= 125_000; at += 1_000) time.note(2_000 + at, 5_000 + at + aheadMs)
      expect(time.lagMs(127_000, 130_000 + aheadMs)).to.equal(0)
    }
  })
})
