/** Whether actors can be asked, while the database and Redis come and go. */
import { expect } from 'chai'
import { createActorReadiness } from '../../api/actor-readiness.ts'
import { silentLog } from '../../kernel/log.ts'
import { createManualClock } from '../support/manual-clock.ts'

const minuteMs = 60_000

function open() {
  const clock = createManualClock()
  const parts = { isDatabaseAway: false, isRedisAway: false, calibrations: 0, subscriptions: 0 }
  const ready = createActorReadiness({
    clock,
    log: silentLog,
    async calibrate() {
      parts.calibrations += 1
      if (parts.isDatabaseAway) throw new Error('away')
    },
    async subscribe() {
      if (parts.isRedisAway) throw new Error('away')
      parts.subscriptions += 1
    },
  })
  return { clock, parts, ready }
}

describe('readiness to ask actors', () => {
  it('is reached once, by all who ask at once, and kept', async () => {
    const { parts, ready } = open()
    expect(await Promise.all(Array.from({ length: 50 }, () => ready()))).to.not.include(false)
    expect(await ready()).to.equal(true)
    expect(parts).to.include({ calibrations: 1, subscriptions: 1 })
  })

  it('is not there while the database or Redis has never answered, and comes with it', async () => {
    const { parts, ready } = open()
    parts.isDatabaseAway = true
    expect(await ready()).to.equal(false)
    parts.isDatabaseAway = false
    parts.isRedisAway = true
    expect(await ready()).to.equal(false)
    parts.isRedisAway = false
    expect(await ready()).to.equal(true)
    expect(parts.subscriptions).to.equal(1)
  })

  it('outlives a database that is away for minutes: the offset stays, and is estimated again when it is back', async () => {
    const { clock, parts, ready } = open()
    await ready()
    parts.isDatabaseAway = true
    for (let minute = 0; minute < 3; minute += 1) {
      clock.advance(minuteMs)
      expect(await ready()).to.equal(true)
    }
    expect(parts.calibrations).to.equal(4)
    parts.isDatabaseAway = false
    clock.advance(1_000)
    expect(await ready()).to.equal(true)
    expect(parts).to.include({ calibrations: 5, subscriptions: 1 })
    clock.advance(minuteMs - 1)
    await ready()
    expect(parts.calibrations).to.equal(5)
  })
})
