/**
 * The output gate. Method: hold the reply, look at the world. The test says what is durable, whether the lease covers, and
 * when the fence check answers; nothing may be settled before it must be.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Outcome } from '../../../actors/protocol/command.ts'
import type { GatedAnswer } from '../../../actors/runtime/output-gate.ts'
import { OutputGate } from '../../../actors/runtime/output-gate.ts'
import { Request } from '../../../actors/runtime/request.ts'
import { guildId, opId, sequence } from '../../../kernel/ids.ts'
import type { Deferred } from '../../support/deferred.ts'
import { createDeferred } from '../../support/deferred.ts'
import { propertyRuns } from '../../support/records.ts'
import { settle } from '../../support/settle.ts'
import { look } from '../../support/tally.ts'

type Proof = 'ours' | 'unproven' | 'lost'

function setUp(options: { covers?: boolean; durable?: number } = {}) {
  const world = { covers: options.covers ?? true }
  const proofs: Deferred<Proof>[] = []
  const gate = new OutputGate(
    {
      leaseCovers: () => world.covers,
      proveOwnership() {
        const proof = createDeferred<Proof>()
        proofs.push(proof)
        return proof.promise
      },
    },
    sequence(options.durable ?? 0),
  )
  const left: string[] = []
  const push = (name: string, seq: number, proof: GatedAnswer['proof']): Request => {
    const settled = (outcome: Outcome): void => void left.push(outcome.status === 'refused' ? `${name}: ${outcome.reason}` : name)
    const envelope = { guildId: guildId('7'), opId: opId(name), command: look, receivedAt: null, deadlineAt: null }
    const request = new Request({ envelope, origin: 'local', lowWater: null, settle: settled })
    gate.push({ request, outcome: { status: 'answered', reply: { kind: 'observed' } }, seq: sequence(seq), proof })
    return request
  }
  return { gate, world, proofs, left, push, durable: (seq: number) => gate.markDurable(sequence(seq)) }
}

describe('output gate: durability (I3)', () => {
  it('a written answer is held until its own events are durable, lease or not', () => {
    const { left, push, durable, world } = setUp()
    push('write', 3, 'commit')
    durable(2)
    expect(left).to.deep.equal([])
    world.covers = false
    durable(3)
    expect(left).to.deep.equal(['write'])
  })

  it('a read waits for the newest event it saw', () => {
    const { left, push, durable } = setUp({ durable: 4 })
    push('read', 5, 'memory')
    expect(left).to.deep.equal([])
    durable(5)
    expect(left).to.deep.equal(['read'])
  })

  it('a read of what is durable leaves at once while the lease covers', () => {
    const { left, push, proofs } = setUp({ durable: 4 })
    push('read', 4, 'memory')
    expect(left).to.deep.equal(['read'])
    expect(proofs).to.deep.equal([])
  })

  it('answers leave in the order of their turns, whatever they wait for (I5)', () => {
    const { left, push, durable } = setUp({ durable: 1 })
    push('first', 3, 'commit')
    push('read of old', 1, 'memory')
    push('stored', 1, 'stored')
    push('second', 4, 'commit')
    durable(2)
    expect(left).to.deep.equal([])
    durable(3)
    expect(left).to.deep.equal(['first', 'read of old', 'stored'])
    durable(4)
    expect(left).to.deep.equal(['first', 'read of old', 'stored', 'second'])
  })

  it('what is durable never becomes less', () => {
    const { durable } = setUp({ durable: 4 })
    expect(() => durable(3)).to.throw('never becomes less')
  })
})

describe('output gate: silence after doubt (I6)', () => {
  it('past the lease an answer from memory waits for a fence check that begins after it came', async () => {
    const { left, push, proofs } = setUp({ covers: false })
    push('read', 0, 'memory')
    await settle()
    expect(proofs).to.have.length(1)
    expect(left).to.deep.equal([])
    proofs[0]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal(['read'])
  })

  it('a check covers only what had come when it began: what comes meanwhile needs the next', async () => {
    const { left, push, proofs } = setUp({ covers: false })
    push('one', 0, 'memory')
    push('two', 0, 'memory')
    await settle()
    expect(proofs, 'the first asked for itself').to.have.length(1)
    push('three', 0, 'memory')
    proofs[0]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal(['one'])
    expect(proofs).to.have.length(2)
    proofs[1]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal(['one', 'two', 'three'])
    expect(proofs).to.have.length(2)
  })

  it('an answer that cannot be proven becomes busy, and the next one asks for itself', async () => {
    const { left, push, proofs } = setUp({ covers: false })
    push('one', 0, 'memory')
    push('two', 0, 'memory')
    proofs[0]?.resolve('unproven')
    await settle()
    expect(left).to.deep.equal(['one: busy'])
    proofs[1]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal(['one: busy', 'two'])
  })

  it('a slot that is lost settles nothing here', async () => {
    const { gate, left, push, proofs } = setUp({ covers: false })
    const request = push('read', 0, 'memory')
    proofs[0]?.resolve('lost')
    await settle()
    expect(left).to.deep.equal([])
    expect(gate.takeBack()).to.deep.equal([request])
  })

  it('a proof that was asked for before everything was taken back is nobody’s', async () => {
    const { gate, left, push, proofs } = setUp({ covers: false })
    push('before', 0, 'memory')
    expect(gate.takeBack()).to.have.length(1)
    gate.restart(sequence(0))
    push('after', 0, 'memory')
    proofs[0]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal([])
    proofs[1]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal(['after'])
  })

  it('what a check proved for answers that were taken back is not left to those that come later', async () => {
    const { gate, left, push, proofs, durable } = setUp({ covers: false })
    push('one', 1, 'memory')
    push('two', 2, 'memory')
    durable(1)
    proofs[0]?.resolve('ours')
    await settle()
    expect(left, 'two was proven with it, and is not durable').to.deep.equal(['one'])
    gate.takeBack()
    gate.restart(sequence(1))
    push('three', 1, 'memory')
    await settle()
    expect(left, 'three needs a check of its own').to.deep.equal(['one'])
  })

  it('a written answer behind one in doubt keeps its place', async () => {
    const { left, push, proofs, durable } = setUp({ covers: false })
    push('read', 0, 'memory')
    push('write', 1, 'commit')
    durable(1)
    expect(left).to.deep.equal([])
    proofs[0]?.resolve('ours')
    await settle()
    expect(left).to.deep.equal(['read', 'write'])
  })

  it('a stored result needs no proof: it is durable, whoever owns the slot', () => {
    const { left, push, proofs } = setUp({ covers: false })
    push('stored', 0, 'stored')
    expect(left).to.deep.equal(['stored'])
    expect(proofs).to.deep.equal([])
  })
})

describe('output gate: taking back', () => {
  it('gives what has not left, in order, unsettled', () => {
    const { gate, left, push, durable } = setUp()
    push('gone', 1, 'commit')
    const [second, third] = [push('second', 2, 'commit'), push('third', 2, 'memory')]
    durable(1)
    expect(gate.takeBack()).to.deep.equal([second, third])
    expect(left).to.deep.equal(['gone'])
    expect([second.settled, third.settled, gate.size]).to.deep.equal([false, false, 0])
  })

  it('restarts empty, where the reloaded guild stands, even below', () => {
    const { gate, push } = setUp({ durable: 9 })
    push('waiting', 10, 'commit')
    expect(() => gate.restart(sequence(3))).to.throw('restarts empty')
    gate.takeBack()
    gate.restart(sequence(3))
    expect(gate.durable).to.equal(3)
  })

  it('in any order of events, nothing leaves early, out of order or twice (I3, I5)', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), ahead: fc.nat({ max: 2 }), proof: fc.constantFrom('commit' as const, 'memory' as const) }),
      fc.record({ kind: fc.constant('durable' as const), by: fc.nat({ max: 3 }) }),
      fc.record({ kind: fc.constant('lease' as const), covers: fc.boolean() }),
      fc.record({ kind: fc.constant('proof' as const), answer: fc.constantFrom<Proof>('ours', 'unproven') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { gate, left, push, proofs, durable, world } = setUp()
        const pushed: { readonly name: string; readonly seq: number }[] = []
        let decided = 0
        let answered = 0
        for (const what of steps) {
          if (what.kind === 'push') {
            if (what.proof === 'commit') decided += 1 + what.ahead
            pushed.push({ name: `a${pushed.length}`, seq: decided })
            push(`a${pushed.length - 1}`, decided, what.proof)
          } else if (what.kind === 'durable') durable(Math.min(decided, gate.durable + what.by))
          else if (what.kind === 'lease') world.covers = what.covers
          else proofs[answered++]?.resolve(what.answer) ?? (answered = Math.min(answered, proofs.length))
          await settle(1)
          const names = left.map((name) => name.replace(/:.*/, ''))
          expect(names).to.deep.equal(pushed.slice(0, left.length).map(({ name }) => name))
          for (const { seq } of pushed.slice(0, left.length)) expect(seq).to.be.at.most(gate.durable)
        }
      }),
      propertyRuns(100),
    )
  })
})
