import { expect } from 'chai'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { HeldChange } from '../../../actors/protocol/feed-switch.ts'
import { guildId, opId } from '../../../kernel/ids.ts'
import { HeldFeed } from '../../../shards/gateway/held-feed.ts'
import { voiceOf } from '../../support/voice.ts'

const guild = guildId('1142857142857142857')
const slot = slotOf(guild)
/** Another guild of the same slot. */
const neighbour = guildId((BigInt(guild) + (384n << 22n)).toString())

let seq = 0
function changeOf(...voice: Parameters<typeof voiceOf>): HeldChange {
  seq += 1
  return { at: seq, opId: opId(`feed:s:${seq}`), voice: voiceOf(...voice) }
}

describe('what is held of a feed', () => {
  beforeEach(() => (seq = 0))

  it('is who was there at first, and each change since in order', () => {
    const held = new HeldFeed(10)
    held.hold(guild, [voiceOf(1, 1)], 500)
    expect(held.add(guild, changeOf(2, 1))).to.equal('held')
    held.add(guild, changeOf(1, null))
    const { guilds } = held.take(slot)
    expect(guilds).to.have.length(1)
    expect(guilds[0]).to.deep.include({ guildId: guild, heardSince: 500, base: [voiceOf(1, 1)], isOverfull: false })
    expect(guilds[0]?.changes.map(({ opId: op }) => op)).to.deep.equal(['feed:s:1', 'feed:s:2'])
    expect(held.take(slot)).to.deep.equal({ guilds: [], through: null })
  })

  it('knows the newest dispatch of a slot, also after it was taken, and one that a RESUME brings again', () => {
    const held = new HeldFeed(10)
    expect([7, 9, 9, 8].map((heard) => held.hear(slot, { session: 's', seq: heard }))).to.deep.equal([true, true, false, false])
    expect(held.take(slot).through).to.deep.equal({ session: 's', seq: 9 })
    expect(held.hear(slot, { session: 's', seq: 9 }), 'told to its guilds by now').to.equal(false)
    expect(held.hear(slot, { session: 'another', seq: 1 })).to.equal(true)
    expect(held.take(slot).through).to.deep.equal({ session: 'another', seq: 1 })
  })

  it('is not what was told before; leaving twice is leaving once', () => {
    const held = new HeldFeed(10)
    held.hold(guild, [voiceOf(1, 1)], 0)
    held.add(guild, changeOf(1, 1))
    held.add(guild, changeOf(2, null))
    held.add(guild, changeOf(1, 1, { selfMute: true }))
    held.add(guild, changeOf(1, null))
    held.add(guild, changeOf(1, null))
    expect(held.take(slot).guilds[0]?.changes.map(({ at }) => at)).to.deep.equal([3, 4])
  })

  it('at its bound the guild that reached it is thrown away and says so, the others stay', () => {
    const held = new HeldFeed(3)
    held.hold(guild, [], 0)
    held.hold(neighbour, [], 0)
    held.add(neighbour, changeOf(1, 1))
    held.add(guild, changeOf(1, 1))
    held.add(guild, changeOf(2, 1))
    expect(held.add(guild, changeOf(3, 1))).to.equal('overfull')
    expect(held.add(guild, changeOf(4, 1)), 'said once').to.equal('held')
    // Its room is free again.
    expect(held.add(neighbour, changeOf(2, 1))).to.equal('held')
    expect(held.add(neighbour, changeOf(3, 1))).to.equal('held')
    expect(held.add(neighbour, changeOf(4, 1))).to.equal('overfull')
    expect(held.take(slot).guilds.map(({ changes, isOverfull }) => [changes.length, isOverfull])).to.deep.equal([[0, true], [0, true]])
  })

  it('begins anew when the guild is told again, and room is given back', () => {
    const held = new HeldFeed(2)
    held.hold(guild, [], 0)
    held.add(guild, changeOf(1, 1))
    held.add(guild, changeOf(2, 1))
    held.hold(guild, [voiceOf(1, 1), voiceOf(2, 1)], 900)
    expect(held.add(guild, changeOf(3, 1))).to.equal('held')
    const [holding] = held.take(slot).guilds
    expect([holding?.heardSince, holding?.base.length, holding?.changes.length]).to.deep.equal([900, 2, 1])
  })

  it('a guild that was not told yet, or is forgotten, holds nothing', () => {
    const held = new HeldFeed(2)
    expect(held.add(guild, changeOf(1, 1))).to.equal('unknown')
    held.hold(guild, [], 0)
    held.forget(guild)
    expect(held.take(slot).guilds).to.deep.equal([])
  })
})
