/** Of two generations that hear an interaction, which one answers it. */
import { expect } from 'chai'
import { slotOf } from '../../../actors/ownership/slots.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import { fence, generation, guildId, snowflakeAt } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { silentLog } from '../../../kernel/log.ts'
import { InteractionHold } from '../../../shards/interactions/interaction-hold.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const guild = guildId('1142857142857142857')
const slot = slotOf(guild)

function setUp() {
  const clock = createManualClock()
  const slots = new SlotTable()
  const entry = slots.at(slot)
  const letIn: unknown[] = []
  const hold = new InteractionHold({
    clock,
    generation: generation(2),
    slots,
    log: silentLog,
    now: () => clock.wallMs(),
    letIn: (interaction) => void letIn.push((interaction as { name: string }).name),
  })
  const hear = (name: string, ageMs = 0): void => hold.onInteraction({ id: snowflakeAt(clock.wallMs() - ageMs), guild_id: guild, name })
  const serve = (): void => {
    entry.setState('taking')
    entry.setFence(fence(2), null)
    entry.setState('serving')
  }
  return { clock, entry, letIn, hold, hear, serve }
}

describe('an interaction that two generations hear', () => {
  it('is answered at once by who serves the slot, or is taking it, or hands it over', () => {
    const { hear, letIn, entry, serve } = setUp()
    entry.setState('taking')
    hear('taking')
    entry.setState('foreign')
    serve()
    hear('serving')
    entry.setState('handing-over')
    hear('handing over')
    expect(letIn).to.deep.equal(['taking', 'serving', 'handing over'])
  })

  it('is carried by its own generation while a caretaker has the slot', () => {
    const { hear, letIn, entry } = setUp()
    entry.ownerGeneration = generation(2)
    hear('carried')
    expect(letIn).to.deep.equal(['carried'])
  })

  it('of another generation’s slot is held, and dropped when Discord has given it up', () => {
    const { hear, letIn, entry, hold, clock } = setUp()
    entry.ownerGeneration = generation(1)
    hear('new')
    hear('old', 2_000)
    clock.advance(600)
    expect(hold.size).to.equal(1)
    clock.advance(limits.heldInteractionMs)
    expect([letIn, hold.size, clock.pending()]).to.deep.equal([[], 0, 0])
  })

  it('goes in when the slot is handed over, if it may not have reached who had it', () => {
    const { hear, letIn, entry, hold, serve, clock } = setUp()
    entry.ownerGeneration = generation(1)
    hear('long ago')
    clock.advance(limits.feedLagMs + 50)
    hear('just now')
    serve()
    hold.onSlotServed(slot, { wasHandedOver: true })
    expect([letIn, hold.size]).to.deep.equal([['just now'], 0])
  })

  it('goes in whenever it was heard, if nobody handed over: its owner may be dead', () => {
    const { hear, letIn, entry, hold, serve, clock } = setUp()
    entry.ownerGeneration = generation(1)
    hear('first')
    clock.advance(2_000)
    hear('second')
    serve()
    hold.onSlotServed(slot, { wasHandedOver: false })
    expect(letIn).to.deep.equal(['first', 'second'])
  })

  it('goes in when its own generation turns out to have the slot', () => {
    const { hear, letIn, entry, clock } = setUp()
    hear('of an unknown owner')
    expect(letIn).to.deep.equal([])
    entry.ownerGeneration = generation(2)
    clock.advance(50)
    expect(letIn).to.deep.equal(['of an unknown owner'])
  })

  it('that comes from no guild belongs to who has slot 0; what is no interaction is held like one', () => {
    const { letIn, hold } = setUp()
    hold.onInteraction({ id: snowflakeAt(0), name: 'direct' })
    hold.onInteraction({ id: 7, guild_id: 'x', name: 'odd' })
    expect([letIn, hold.size]).to.deep.equal([[], 2])
    hold.stop()
    expect(hold.size).to.equal(0)
  })

  it('past the bound the oldest is left to the other generation', () => {
    const { hear, hold } = setUp()
    for (let index = 0; index <= limits.heldInteractionsMax; index += 1) hear(`${index}`)
    expect(hold.size).to.equal(limits.heldInteractionsMax)
    hold.stop()
  })
})
