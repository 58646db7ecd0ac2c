/** Asking the owner of a guild from another process: every ask gets an answer or a named refusal, under one op id. */
import { expect } from 'chai'
import { ActorClient } from '../../../actors/client/actor-client.ts'
import { replyChannelOf, replyText } from '../../../actors/client/reply-message.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Outcome } from '../../../actors/protocol/command.ts'
import type { InboxEntry } from '../../../actors/runtime/ports.ts'
import { incarnation, opId } from '../../../kernel/ids.ts'
import { limits } from '../../../kernel/limits.ts'
import { silentLog } from '../../../kernel/log.ts'
import { guildIn } from '../../support/commit-batches.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { MemoryRedis } from '../../support/memory/memory-redis.ts'
import { createMemoryMessageBus } from '../../support/memory/memory-transport.ts'
import { settle } from '../../support/settle.ts'
import { look, told } from '../../support/tally.ts'

const me = incarnation('api:1:a')
const guild = guildIn(9)
const yes: Outcome = { status: 'answered', reply: { kind: 'tally', count: 7 } as never }

async function setUp() {
  const clock = createManualClock()
  const bus = createMemoryMessageBus(new MemoryRedis(clock))
  const added: (InboxEntry & { readonly slot: number })[] = []
  const world: { inbox: 'added' | 'full' | 'away' } = { inbox: 'added' }
  const client = new ActorClient({
    me,
    clock,
    bus,
    log: silentLog,
    now: () => clock.wallMs(),
    inbox: {
      add(slot, entry) {
        if (world.inbox === 'away') return Promise.reject(new Error('redis is away'))
        if (world.inbox === 'added') added.push({ ...entry, slot })
        return Promise.resolve(world.inbox)
      },
    },
  })
  await client.start()
  const ask = (op: string, deadlineInMs = 10_000): { outcome: Outcome | undefined } => {
    const asked: { outcome: Outcome | undefined } = { outcome: undefined }
    void client.ask({ guildId: guild, opId: opId(op), command: look, deadlineInMs }).then((outcome) => (asked.outcome = outcome))
    return asked
  }
  const reply = async (op: string, outcome: Outcome, deadlineAt: number | null = added.at(-1)?.deadlineAt ?? null): Promise<void> => {
    await bus.publish(replyChannelOf(me), replyText({ guildId: guild, opId: opId(op), outcome, deadlineAt }))
    await settle()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settle()
  }
  return { clock, client, added, world, ask, reply, pass }
}

describe('asking the owner', () => {
  it('puts the command into the slot’s inbox and gives back the answer that comes on the reply channel', async () => {
    const { client, clock, added, ask, reply } = await setUp()
    const asked = ask('op', 5_000)
    await settle()
    expect(added).to.deep.equal([
      {
        slot: slotOf(guild), guildId: guild, opId: 'op', command: JSON.stringify(look), receivedAt: null,
        deadlineAt: clock.wallMs() + 5_000, replyTo: `replies:${me}`,
      },
    ])
    expect(asked.outcome).to.equal(undefined)
    await reply('op', yes)
    expect(told(asked.outcome)).to.equal(7)
    expect([client.openCount, clock.pending()]).to.deep.equal([0, 0])
  })

  it('asks again with the same op id while no answer comes, less and less often, and once answered no more', async () => {
    const { added, ask, reply, pass } = await setUp()
    const asked = ask('op', 30_000)
    await settle()
    // Thousands that ask a slow owner every second would keep it slow.
    for (const [before, pauseMs] of [limits.askRetryMs, 2 * limits.askRetryMs, limits.askRetryMsMax, limits.askRetryMsMax].entries()) {
      await pass(pauseMs - 1)
      expect(added).to.have.length(before + 1)
      await pass(1)
      expect(added).to.have.length(before + 2)
    }
    added.splice(3)
    expect(added.map(({ opId: op }) => op)).to.deep.equal(['op', 'op', 'op'])
    expect(new Set(added.map(({ deadlineAt }) => deadlineAt)).size, 'the deadline does not move').to.equal(1)
    await reply('op', yes)
    await pass(60_000)
    expect([told(asked.outcome), added.length]).to.deep.equal([7, 3])
  })

  it('at the deadline, with a command that may have arrived: unanswered', async () => {
    const { clock, ask, pass } = await setUp()
    const asked = ask('op', 2_500)
    await settle()
    for (let waited = 0; waited < 2_499; waited += 49) await pass(49)
    expect(asked.outcome).to.equal(undefined)
    await pass(2)
    await pass(1)
    expect(told(asked.outcome)).to.equal('unanswered')
    expect(clock.pending()).to.equal(0)
  })

  it('an answer after the deadline, or to a stranger, reaches nobody', async () => {
    const { client, ask, reply, pass } = await setUp()
    const asked = ask('op', 100)
    await settle()
    await pass(101)
    expect(told(asked.outcome)).to.equal('unanswered')
    await reply('op', yes)
    await reply('never asked', yes)
    expect(told(asked.outcome)).to.equal('unanswered')
    expect(client.openCount).to.equal(0)
  })

  it('a full inbox is a refusal at once: nothing was added', async () => {
    const { clock, world, ask } = await setUp()
    world.inbox = 'full'
    const asked = ask('op')
    await settle()
    expect(told(asked.outcome)).to.equal('inbox-full')
    expect(clock.pending()).to.equal(0)
  })

  it('an inbox that is full at a repetition says nothing about the command that lies in it', async () => {
    const { world, ask, reply, pass } = await setUp()
    const asked = ask('op')
    await settle()
    world.inbox = 'full'
    await pass(limits.askRetryMs)
    expect(asked.outcome).to.equal(undefined)
    await reply('op', yes)
    expect(told(asked.outcome)).to.equal(7)
  })

  it('while Redis is away it is tried again soon, and at the deadline nobody knows', async () => {
    const { added, world, ask, reply, pass } = await setUp()
    world.inbox = 'away'
    const [saved, late] = [ask('saved', 10_000), ask('late', 250)]
    await settle()
    for (let tries = 0; tries < 3; tries += 1) await pass(100)
    expect(told(late.outcome), 'it may have been appended all the same').to.equal('unanswered')
    world.inbox = 'added'
    await pass(100)
    expect(added.map(({ opId: op }) => op)).to.deep.equal(['saved'])
    await reply('saved', yes)
    expect(told(saved.outcome)).to.equal(7)
  })

  it('past the bound of open asks it says so without sending', async () => {
    const { client, added, ask } = await setUp()
    for (let index = 0; index < limits.openAsksMax; index += 1) ask(`op-${index}`, 100)
    const over = ask('one too many')
    await settle()
    expect(told(over.outcome)).to.equal('mailbox-full')
    expect(added.length).to.equal(limits.openAsksMax)
    await client.stop()
    expect(client.openCount).to.equal(0)
  })

  it('stopping settles everything that is open, and leaves no timer', async () => {
    const { client, clock, ask } = await setUp()
    const asked = [ask('a'), ask('b')]
    await settle()
    await client.stop()
    await settle()
    expect(asked.map(({ outcome }) => told(outcome))).to.deep.equal(['unanswered', 'unanswered'])
    expect([client.openCount, clock.pending()]).to.deep.equal([0, 0])
  })
})
