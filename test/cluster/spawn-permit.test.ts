/** No storm of respawns ends with a token that Discord reset: pauses, the budget, and what is kept for the others. */
import { expect } from 'chai'
import type { GatewayBot } from '../../cluster/gateway-bot.ts'
import { IdentifyGate, explainBudget } from '../../cluster/identify-gate.ts'
import { RespawnBudget } from '../../cluster/respawn-budget.ts'
import { SpawnPermit } from '../../cluster/spawn-permit.ts'
import { silentLog } from '../../kernel/log.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { settle } from '../support/settle.ts'

function setUp(total = 1_000) {
  const clock = createManualClock()
  const discord = { remaining: total, isAway: false }
  const readGateway = async (): Promise<GatewayBot> => {
    if (discord.isAway) throw new Error('away')
    return { shards: 1, session_start_limit: { total, remaining: discord.remaining, reset_after: 3_600_000, max_concurrency: 1 } }
  }
  const gate = new IdentifyGate({ clock, readGateway })
  const permit = new SpawnPermit({ clock, log: silentLog, budget: new RespawnBudget(clock, { delayMsMax: 60_000 }), gate })
  const reasons: string[] = []
  const ask = (signal = new AbortController().signal) => {
    const state = { isGiven: false }
    const asked = permit.wait({ clusterId: 0, shards: 4 }, signal, (reason) => void reasons.push(reason)).then(() => (state.isGiven = true))
    return { state, asked }
  }
  return { clock, discord, permit, reasons, ask }
}

describe('whether a process that died may be spawned again', () => {
  it('at once after a life that served', async () => {
    const { permit, ask, reasons } = setUp()
    permit.noteReady(0)
    await ask().asked
    expect(reasons).to.deep.equal([])
  })

  it('after a pause that is said, when it dies again and again', async () => {
    const { ask, clock, reasons } = setUp()
    const { state } = ask()
    await settle()
    expect(state.isGiven).to.equal(false)
    clock.advance(250)
    await settle()
    expect(state.isGiven).to.equal(true)
    expect(reasons).to.deep.equal(['a pause of 1 s after 1 bad lives'])
  })

  it('a process that dies for ever spends nine tenths of the day and no login more', async () => {
    const { ask, clock, discord, reasons } = setUp(100)
    let spawns = 0
    for (let round = 0; round < 100; round += 1) {
      const { state } = ask()
      await settle(2)
      clock.advance(60_000)
      await settle(2)
      if (!state.isGiven) break
      spawns += 1
      discord.remaining -= 4
    }
    expect(spawns).to.equal(22)
    expect(discord.remaining).to.be.at.least(10)
    expect(reasons.at(-1)).to.match(/^Discord allows 12 more logins of 100 a day for this token, and this needs 4\. Wait 1\.0 hours/)
  })

  it('one that waits goes on when the budget is given back', async () => {
    const { ask, clock, discord, permit } = setUp()
    permit.noteReady(0)
    discord.remaining = 3
    const { state, asked } = ask()
    await settle()
    expect(state.isGiven, 'four shards do not fit three logins').to.equal(false)
    discord.remaining = 1_000
    clock.advance(60_000)
    await asked
  })

  it('a Discord that does not answer does not keep it from being tried', async () => {
    const { ask, discord, permit } = setUp()
    permit.noteReady(0)
    discord.isAway = true
    await ask().asked
  })

  it('ended while it waits, it is not spawned', async () => {
    const { ask } = setUp()
    const abort = new AbortController()
    const { asked } = ask(abort.signal)
    abort.abort(new Error('ended'))
    let reason = ''
    await asked.catch((thrown: unknown) => (reason = String(thrown)))
    expect(reason).to.equal('Error: ended')
  })

  it('the sentence names what is left, what is needed, and how long to wait', () => {
    const budget = { left: 2, total: 1_000, resetAfterMs: 90_000, maxConcurrency: 1 }
    expect(explainBudget(budget, 8)).to.contain('2 more logins of 1000').and.contain('needs 8').and.contain('Wait 2 minutes')
  })
})
