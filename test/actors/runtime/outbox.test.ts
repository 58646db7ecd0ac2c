/** Effects that fail: when they are tried again, in which order, and when they are given up. */
import { expect } from 'chai'
import type { CommandEnvelope, Outcome } from '../../../actors/protocol/command.ts'
import type { OutboxKind } from '../../../actors/protocol/effect.ts'
import type { EffectAttempt } from '../../../actors/runtime/outbox.ts'
import { Outbox } from '../../../actors/runtime/outbox.ts'
import type { StoredOutboxRow } from '../../../actors/runtime/ports.ts'
import { SlotTable } from '../../../actors/runtime/slot-table.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import { guildId, sequence } from '../../../kernel/ids.ts'
import { silentLog } from '../../../kernel/log.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { settle } from '../../support/settle.ts'

const guild = guildId('1142857142857142857')
const slot = slotOf(guild)
const hourMs = 3_600_000

function createOutbox(run: (attempt: EffectAttempt) => 'done' | 'throws', options: { readonly loads?: readonly StoredOutboxRow[]; readonly settle?: () => Outcome } = {}) {
  const clock = createManualClock()
  const slots = new SlotTable()
  slots.at(slot).setState('taking')
  const attempts: { readonly atMs: number; readonly op: string; readonly attempt: number }[] = []
  const settled: CommandEnvelope['command'][] = []
  const wereNew: boolean[] = []
  const outbox = new Outbox({
    store: { loadPendingOutbox: () => Promise.resolve(options.loads ?? []) },
    slots,
    clock,
    log: silentLog,
    now: () => clock.wallMs(),
    leaseCovers: () => true,
    runner: {
      run(attempt) {
        attempts.push({ atMs: clock.monotonicMs(), op: attempt.opId, attempt: attempt.attempt })
        return run(attempt) === 'done' ? Promise.resolve({ kind: 'done', answer: {} }) : Promise.reject(new Error('the receiver answered 500'))
      },
    },
    settle(envelope, { isNew }) {
      settled.push(envelope.command)
      wereNew.push(isNew)
      return Promise.resolve(options.settle?.() ?? { status: 'answered', reply: { kind: 'effect-settled' } })
    },
  })
  const add = (kind: OutboxKind, seq: number): void =>
    outbox.add([{ guildId: guild, slot, seq: sequence(seq), ordinal: 0, target: 'webhook', kind, payload: JSON.stringify({ feature: 'voice-attendance', payload: {} }) }])
  /** Time passes in steps shorter than any pause, so that each retry is made at its own time. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5_000) {
      clock.advance(5_000)
      await settle(1)
    }
  }
  return { add, pass, attempts, settled, wereNew, outbox }
}

describe('the outbox, when effects fail', () => {
  it('a delivery is tried again after 5, 10, 20 … seconds, at most an hour apart, and given up after 24 hours', async () => {
    const { add, pass, attempts, settled, outbox } = createOutbox(() => 'throws')
    add('deliver-webhook', 1)
    await settle()
    await pass(26 * hourMs)
    const pauses = attempts.slice(1).map(({ atMs }, index) => (atMs - attempts[index]!.atMs) / 1000)
    expect(pauses.slice(0, 11)).to.deep.equal([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600])
    expect(new Set(pauses.slice(11)), 'never longer than an hour').to.deep.equal(new Set([3600]))
    const last = attempts.at(-1)!
    expect(last.atMs).to.be.within(24 * hourMs, 25 * hourMs)
    expect(settled).to.have.length(1)
    expect(settled[0]).to.deep.include({ kind: 'settle-effect', seq: 1, attempts: attempts.length, result: { kind: 'dead', reason: 'the receiver answered 500' } })
    expect(new Set(attempts.map(({ op }) => op)), 'the same delivery every time').to.have.property('size', 1)
    expect(outbox.held).to.equal(0)
  })

  it('deliveries of one target keep their order: what comes later waits for what failed', async () => {
    let isBack = false
    const { add, pass, attempts, settled } = createOutbox(() => (isBack ? 'done' : 'throws'))
    for (const seq of [1, 2, 3]) add('deliver-webhook', seq)
    await settle()
    await pass(60_000)
    expect(new Set(attempts.map(({ op }) => op)).size).to.equal(1)
    isBack = true
    await pass(60_000)
    expect(settled.map((command) => (command.kind === 'settle-effect' ? [command.seq, command.result.kind] : null))).to.deep.equal([[1, 'done'], [2, 'done'], [3, 'done']])
  })

  it('a slot that is lost takes its rows with it: nothing of it runs here any more', async () => {
    const { add, pass, attempts, outbox } = createOutbox(() => 'throws')
    add('add-role', 1)
    await settle()
    const before = attempts.length
    outbox.dropSlot(slot)
    await pass(hourMs / 6)
    expect(attempts.length).to.equal(before)
    expect(outbox.held).to.equal(0)
  })
})

describe('the outbox, when an outcome is brought back (I4)', () => {
  it('the first time a row of our own commit is settled nobody can have done so before: no result is looked up', async () => {
    const { add, wereNew } = createOutbox(() => 'done')
    add('add-role', 1)
    add('add-role', 2)
    await settle()
    expect(wereNew).to.deep.equal([true, true])
  })

  it('what was refused once may have been written all the same: it is looked up from then on', async () => {
    let refusals = 2
    const { add, pass, settled, wereNew } = createOutbox(() => 'done', {
      settle: () => (refusals-- > 0 ? { status: 'refused', reason: 'busy' } : { status: 'answered', reply: { kind: 'effect-settled' } }),
    })
    add('add-role', 1)
    await settle()
    await pass(5_000)
    await pass(5_000)
    expect(settled).to.have.length(3)
    expect(wereNew).to.deep.equal([true, false, false])
  })

  it('a row of the owner before may have been settled by it: it is looked up', async () => {
    const row: StoredOutboxRow = { guildId: guild, slot, seq: sequence(1), ordinal: 0, target: 'webhook', kind: 'add-role', payload: JSON.stringify({ feature: 'role-panels', payload: {} }), attempts: 0, nextAttemptAt: 0, createdAt: 0 }
    const { wereNew, outbox } = createOutbox(() => 'done', { loads: [row] })
    outbox.expectLoad(slot)
    await outbox.loadSlots([slot])
    await settle()
    expect(wereNew).to.deep.equal([false])
  })
})
