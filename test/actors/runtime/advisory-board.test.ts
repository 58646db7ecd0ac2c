/**
 * What may be missed: the newest is shown, one at a time per target, and nothing that is not durable (I3) or not covered (I6).
 */
import { expect } from 'chai'
import type { AdvisoryEffect } from '../../../actors/protocol/effect.ts'
import type { Activation } from '../../../actors/runtime/activation.ts'
import { AdvisoryBoard } from '../../../actors/runtime/advisory-board.ts'
import { limits } from '../../../kernel/limits.ts'
import { silentLog } from '../../../kernel/log.ts'
import { guildIn } from '../../support/commit-batches.ts'
import type { Deferred } from '../../support/deferred.ts'
import { createDeferred } from '../../support/deferred.ts'
import { settle } from '../../support/settle.ts'

interface Guild {
  seq: number
  epoch: number
  readonly gate: { durable: number }
}

function setUp() {
  const shown: string[] = []
  const answers: Deferred<void>[] = []
  const lease = { covers: true }
  const board = new AdvisoryBoard({
    log: silentLog,
    leaseCovers: () => lease.covers,
    runner: {
      show(_guild, { target, payload }) {
        shown.push(`${target} ${String(payload['text'])}`)
        const answer = createDeferred<void>()
        answers.push(answer)
        return answer.promise
      },
    },
  })
  const guild: Guild = { seq: 1, epoch: 0, gate: { durable: 0 } }
  const activation = Object.assign(guild, { guildId: guildIn(1), slot: 1 }) as unknown as Activation
  const put = (text: string, target = 'board'): void => {
    board.put(activation, [{ delivery: 'advisory', kind: 'edit-message', target, payload: { text } } as unknown as AdvisoryEffect])
  }
  const durable = (seq: number): void => {
    guild.gate.durable = seq
    board.onDurable(activation)
  }
  return { board, shown, answers, lease, guild, activation, put, durable }
}

describe('the advisory board', () => {
  it('shows nothing before its events are durable (I3), then only the newest', () => {
    const { shown, guild, put, durable } = setUp()
    put('one')
    guild.seq = 2
    put('two')
    durable(1)
    expect(shown).to.deep.equal([])
    durable(2)
    expect(shown).to.deep.equal(['board two'])
  })

  it('what comes while one is being shown waits, and of that the newest follows', async () => {
    const { shown, answers, put, durable } = setUp()
    for (const text of ['one', 'two', 'three']) {
      put(text)
      durable(1)
    }
    expect(shown).to.deep.equal(['board one'])
    answers[0]?.resolve()
    await settle()
    expect(shown).to.deep.equal(['board one', 'board three'])
  })

  it('a failed one is dropped, and the next is shown', async () => {
    const { shown, answers, put, durable } = setUp()
    put('one')
    durable(1)
    answers[0]?.reject(new Error('429'))
    await settle()
    put('two')
    durable(1)
    expect(shown).to.deep.equal(['board one', 'board two'])
  })

  it('shows nothing while the lease does not cover it (I6), and nothing of memory that was loaded anew', () => {
    const { shown, lease, guild, put, durable } = setUp()
    lease.covers = false
    put('one')
    durable(1)
    lease.covers = true
    durable(1)
    put('two')
    guild.epoch += 1
    durable(1)
    expect(shown).to.deep.equal([])
  })

  it('past its bound a new target is missed; one that waits already is still replaced', () => {
    const { board, shown, activation, put, durable } = setUp()
    for (let n = 0; n < limits.advisoryTargetsMax; n += 1) put('old', `target-${n}`)
    put('too many', 'another')
    put('new', 'target-0')
    durable(1)
    expect(shown).to.have.length(limits.advisoryTargetsMax)
    expect(shown[0]).to.equal('target-0 new')
    board.forget(activation)
  })
})
