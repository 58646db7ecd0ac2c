/**
 * A class of hundreds types its code while the owner is killed with SIGKILL, in the middle and once more while the class is
 * written: who was told "recorded" is in the list exactly
 * once, nobody is in it who sent no right code, and a second try is answered "already recorded". The long form, 10,000
 * members and ten times, is `node --import tsx test/bench/class-storm.ts`.
 */
import { expect } from 'chai'
import { runClassStorm } from '../support/class-storm.ts'
import { testServersTimeoutMs } from '../support/servers.ts'

describe('scenario: a class while its owner is killed, and while everything is rescaled (sixteen identifies at once allowed)', function () {
  this.timeout(testServersTimeoutMs + 120_000)

  it('500 members within 4 s, and the owner killed again while the class is written: what was told is what stands in the list', async () => {
    const figures = await runClassStorm({ members: 500, spreadMs: 4_000, meanwhile: 'kill' })
    process.stdout.write(`    ${JSON.stringify(figures)}\n`)
    expect(figures).to.deep.include({ lost: 0, listedTwice: 0, uninvited: 0, toldRecorded: 475, listed: 475 })
    expect(figures.alreadyRecorded).to.equal(figures.secondTries)
  })

  it('300 members within 3 s while two shards become four under them: the same', async () => {
    const figures = await runClassStorm({ members: 300, spreadMs: 3_000, meanwhile: 'rescale' })
    process.stdout.write(`    ${JSON.stringify(figures)}\n`)
    expect(figures).to.deep.include({ lost: 0, listedTwice: 0, uninvited: 0, toldRecorded: 285, listed: 285 })
    expect(figures.alreadyRecorded).to.equal(figures.secondTries)
  })
})
