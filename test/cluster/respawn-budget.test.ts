import { expect } from 'chai'
import { RespawnBudget } from '../../cluster/respawn-budget.ts'
import { createManualClock } from '../support/manual-clock.ts'

function setUp(delayMsMax = 60_000) {
  const clock = createManualClock()
  const budget = new RespawnBudget(clock, { delayMsMax })
  /** One life: ready after a while or never, then some time, then its end. */
  const live = (options: { ready: boolean; forMs: number }, clusterId = 0): number => {
    if (options.ready) budget.noteReady(clusterId)
    clock.advance(options.forMs)
    return budget.nextDelayMs(clusterId)
  }
  return { clock, budget, live }
}

describe('the respawn budget', () => {
  it('a process that served is spawned again at once, the first time', () => {
    expect(setUp().live({ ready: true, forMs: 1_000 })).to.equal(0)
  })

  it('one that dies again and again waits longer each time, up to the bound', () => {
    const { live } = setUp()
    const delays = Array.from({ length: 12 }, () => live({ ready: true, forMs: 1_000 }))
    expect(delays).to.deep.equal([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000])
  })

  it('one that never was ready waits from the first time on', () => {
    const { live } = setUp()
    expect([live({ ready: false, forMs: 0 }), live({ ready: false, forMs: 999_999 })]).to.deep.equal([250, 500])
  })

  it('a good life wipes the slate clean, a life just short of it does not', () => {
    const { live } = setUp()
    for (let times = 0; times < 5; times += 1) live({ ready: true, forMs: 1_000 })
    expect(live({ ready: true, forMs: 59_999 })).to.be.greaterThan(0)
    expect(live({ ready: true, forMs: 60_000 })).to.equal(0)
    expect(live({ ready: true, forMs: 1_000 }), 'and the count begins anew').to.equal(500)
  })

  it('being ready once says nothing about the next life', () => {
    const { live } = setUp()
    live({ ready: true, forMs: 60_000 })
    expect(live({ ready: false, forMs: 600_000 })).to.be.greaterThan(0)
  })

  it('each process has its own', () => {
    const { live } = setUp()
    for (let times = 0; times < 5; times += 1) live({ ready: false, forMs: 0 }, 1)
    expect(live({ ready: true, forMs: 10 }, 2)).to.equal(0)
  })

  it('the bound is the operator’s', () => {
    const { live } = setUp(300)
    expect(Array.from({ length: 4 }, () => live({ ready: false, forMs: 0 }))).to.deep.equal([250, 300, 300, 300])
  })
})
