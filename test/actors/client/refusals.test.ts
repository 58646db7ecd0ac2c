/**
 * Whether a "no" may be passed on: only when no other entry of the op can still take effect.
 */
import { expect } from 'chai'
import { ActorClient } from '../../../actors/client/actor-client.ts'
import { replyText } from '../../../actors/client/reply-message.ts'
import type { Command, Outcome } from '../../../actors/protocol/command.ts'
import type { Inbox, InboxEntry, MessageBus } from '../../../actors/runtime/ports.ts'
import { incarnation, opId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { silentLog } from '../../../kernel/log.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const guild = guildIn(7)
const op = opId('0193-op')
const command = { feature: 'ledger', kind: 'append' } as unknown as Command
const answered: Outcome = { status: 'answered', reply: { kind: 'observed' } }
const refused: Outcome = { status: 'refused', reason: 'mailbox-full' }

async function createHouse() {
  const clock = createManualClock()
  const entries: InboxEntry[] = []
  const state = { isFull: false }
  let hear: (text: string) => void = () => undefined
  const inbox: Pick<Inbox, 'add'> = {
    add(_, entry) {
      if (state.isFull) return Promise.resolve('full')
      entries.push(entry)
      return Promise.resolve('added')
    },
  }
  const bus: MessageBus = {
    publish: () => Promise.resolve(),
    subscribe(_, onMessage) {
      hear = onMessage
      return Promise.resolve({ unsubscribe: () => Promise.resolve() })
    },
  }
  const client = new ActorClient({ me: incarnation('a:1:1'), clock, inbox, bus, log: silentLog, now: () => clock.wallMs() })
  await client.start()
  return {
    clock,
    entries,
    state,
    /** Asks; what it came to is in the array once it is settled. */
    ask(deadlineInMs = 5_000): Outcome[] {
      const outcomes: Outcome[] = []
      void client.ask({ guildId: guild, opId: op, command, deadlineInMs }).then((outcome) => outcomes.push(outcome))
      return outcomes
    },
    async reply(entry: number, outcome: Outcome): Promise<void> {
      hear(replyText({ guildId: guild, opId: op, outcome, deadlineAt: entries[entry]?.deadlineAt ?? null }))
      await settle()
    },
    async pass(ms: number): Promise<void> {
      clock.advance(ms)
      await settle()
    },
  }
}

describe('actor client: refusals', () => {
  it('the only entry was refused: the refusal is the answer', async () => {
    const house = await createHouse()
    const outcomes = house.ask()
    await settle()
    await house.reply(0, refused)
    expect(outcomes).to.deep.equal([refused])
  })

  it('another entry of the same asking may still take effect: the refusal waits for that one', async () => {
    const house = await createHouse()
    const outcomes = house.ask()
    await settle()
    await house.pass(limits.askRetryMs)
    expect(house.entries).to.have.length(2)
    await house.reply(0, refused)
    expect(outcomes).to.deep.equal([])
    await house.reply(1, answered)
    expect(outcomes).to.deep.equal([answered])
  })

  it('every entry was refused: the last refusal is the answer', async () => {
    const house = await createHouse()
    const outcomes = house.ask()
    await settle()
    await house.pass(limits.askRetryMs)
    await house.reply(0, { status: 'refused', reason: 'busy' })
    await house.reply(1, refused)
    expect(outcomes).to.deep.equal([refused])
  })

  it('the refusal of an earlier asking says nothing about this one, its answer does', async () => {
    const house = await createHouse()
    const first = house.ask(500)
    await settle()
    await house.pass(500)
    expect(first).to.deep.equal([{ status: 'refused', reason: 'unanswered' }])
    const second = house.ask()
    await settle()
    await house.reply(0, { status: 'refused', reason: 'expired' })
    expect(second).to.deep.equal([])
    await house.reply(0, answered)
    expect(second).to.deep.equal([answered])
  })

  it('a full inbox is the answer only while nothing of the op lies in it', async () => {
    const house = await createHouse()
    house.state.isFull = true
    const outcomes = house.ask()
    await settle()
    expect(outcomes).to.deep.equal([{ status: 'refused', reason: 'inbox-full' }])
    house.state.isFull = false
    const later = house.ask()
    await settle()
    house.state.isFull = true
    await house.pass(limits.askRetryMs)
    expect(later).to.deep.equal([])
    await house.reply(0, answered)
    expect(later).to.deep.equal([answered])
  })

  it('a command that was passed over as rejected is so for every entry', async () => {
    const house = await createHouse()
    const outcomes = house.ask()
    await settle()
    await house.pass(limits.askRetryMs)
    await house.reply(0, { status: 'refused', reason: 'rejected' })
    expect(outcomes).to.deep.equal([{ status: 'refused', reason: 'rejected' }])
  })
})
