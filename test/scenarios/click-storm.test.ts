/**
 * Crowds at a panel, the lean form: seats under a race, and a kill in the middle. The long form, with Discord's own limits
 * and 5,000 clicks over fifty servers, is `node --import tsx test/bench/click-storm.ts`.
 */
import { expect } from 'chai'
import { runClickStorm } from '../support/click-storm.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

describe('crowds at a role panel', function () {
  this.timeout(testServersTimeoutMs + 120_000)

  it('500 click within a second for ten seats: exactly ten have the role, everybody is answered in time', async () => {
    const figures = await runClickStorm({ guildCount: 1, membersPerGuild: 500, processCount: 1, seats: 10, killAfterAnswers: null })
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    expect(figures).to.deep.include({ clicks: 500, holders: [10], answeredAdded: 10, answeredRefused: 490, notAnswered: 0, notAcknowledged: 0, toldWrongly: 0, rateLimited: 0, answeredOtherwise: [] })
  })

  it('a process is killed in the middle: nobody’s change is lost or doubled, everybody is told, in the order of their clicks (member roles five times as fast)', async () => {
    const restLimits = { buckets: { 'member-roles': { requests: 50, windowMs: 10_000 } } }
    const figures = await runClickStorm({ guildCount: 4, membersPerGuild: 30, thriceOf: 5, processCount: 2, seats: null, killAfterAnswers: 15, restLimits })
    process.stdout.write(`${JSON.stringify(figures)}\n`)
    expect(figures).to.deep.include({ clicks: 168, holders: [30, 30, 30, 30], answeredAdded: 144, answeredRemoved: 24, notAnswered: 0, notAcknowledged: 0, toldWrongly: 0, outOfOrder: 0, answeredOtherwise: [] })
    expect(figures.answeredAtKill, 'in the middle').to.be.within(15, 150)
  })
})
