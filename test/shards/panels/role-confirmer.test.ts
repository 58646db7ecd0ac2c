/** After slots were won: one look for all of them, and each guild with recent role changes is told. */
import { expect } from 'chai'
import type { CommandEnvelope } from '../../../actors/protocol/command.ts'
import { slot } from '../../../actors/ownership/slots.ts'
import { guildId } from '../../../kernel/ids.ts'
import { RoleConfirmer } from '../../../shards/panels/role-confirmer.ts'
import { createListeningLog } from '../../support/listening-log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

function setUp() {
  const clock = createManualClock()
  const log = createListeningLog()
  const looks: (readonly number[])[] = []
  const asked: CommandEnvelope[] = []
  const world = { fails: false }
  const confirmer = new RoleConfirmer({
    clock,
    log,
    findRecent({ slots }) {
      looks.push(slots)
      return world.fails ? Promise.reject(new Error('away')) : Promise.resolve([guildId('1'), guildId('2')])
    },
    askHere(envelope) {
      asked.push(envelope)
      return Promise.resolve({ status: 'refused', reason: 'no-owner' })
    },
    now: () => 1_000,
    random: (length) => new Uint8Array(length),
  })
  return { clock, log, looks, asked, world, confirmer }
}

describe('role changes after a takeover', () => {
  it('are looked for once for all slots that were won together, and their guilds are told', async () => {
    const { clock, looks, asked, confirmer } = setUp()
    for (const number of [3, 4, 3]) confirmer.onSlotServed(slot(number))
    clock.advance(500)
    await settle()
    expect(looks).to.deep.equal([[3, 4]])
    expect(asked.map(({ guildId: guild, command }) => [guild, command.kind])).to.deep.equal([['1', 'confirm-roles'], ['2', 'confirm-roles']])
    expect(clock.pending()).to.equal(0)
  })

  it('a database that is away is told to the log; after the end nothing is looked for', async () => {
    const { clock, log, looks, world, confirmer } = setUp()
    world.fails = true
    confirmer.onSlotServed(slot(1))
    clock.advance(500)
    await settle()
    expect(log.saw('recent role changes could not be read')).to.equal(true)
    confirmer.onSlotServed(slot(2))
    await confirmer.stop()
    confirmer.onSlotServed(slot(3))
    clock.advance(1_000)
    await settle()
    expect(looks).to.have.length(1)
    expect(clock.pending()).to.equal(0)
  })
})
