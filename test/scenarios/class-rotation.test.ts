/**
 * Codes of many classes over two processes within Discord's limits, with the database's clock two seconds ahead of Discord's
 * and one process killed in the middle: what stands on a screen is what counts. The long form, 450 classes at 15 s and 2,000,
 * is `node --import tsx test/bench/class-rotation.ts`.
 */
import { expect } from 'chai'
import { runRotation } from '../support/rotation-run.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

describe('scenario: codes of many classes (four identifies at once allowed)', function () {
  this.timeout(testServersTimeoutMs + 90_000)

  it('40 classes at 5 s: no shown code is refused, none stands too long, and no request is one too many', async () => {
    const figures = await runRotation({ guilds: 40, intervalSeconds: 5, runMs: 15_000, clockAheadMs: 2_000, killsOwner: true })
    process.stdout.write(`    ${JSON.stringify(figures)}\n`)
    expect(figures).to.deep.include({ tooManyRequests: 0, refused: 0, stretched: 0, stale: 0 })
    expect(figures.typed).to.be.greaterThan(100)
    expect(figures.edits).to.be.greaterThan(50)
  })
})
