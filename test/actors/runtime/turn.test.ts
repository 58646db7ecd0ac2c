import { expect } from 'chai'
import { createRegistry } from '../../../actors/behaviours/registry.ts'
import type { Effect } from '../../../actors/protocol/effect.ts'
import { emptyGuildState } from '../../../actors/runtime/guild-state.ts'
import { firstHead, journalHash, parseJournalText } from '../../../actors/runtime/journal-entry.ts'
import type { LiveGuild, TurnDeps } from '../../../actors/runtime/turn.ts'
import { emptyRows, runRejection, runTurn } from '../../../actors/runtime/turn.ts'
import { slotOf } from '../../../actors/ownership/slots.ts'
import type { Command } from '../../../actors/protocol/command.ts'
import { opId, sequence } from '../../../kernel/ids.ts'
import { createTestCluster, seededRandom, sessionDraft, testGuild, testUuid } from '../../support/records.ts'
import { add, look, tally, tallyCommand, tallyRegistry, told } from '../../support/tally.ts'

const { sealer } = createTestCluster()

function setUp() {
  const random = seededRandom('turn')
  const deps: TurnDeps = { registry: tallyRegistry, sealer, random }
  const guild: LiveGuild = {
    guildId: testGuild, slot: slotOf(testGuild), state: emptyGuildState(), seq: sequence(0), head: firstHead, key: null,
  }
  let now = 1_767_225_600_000
  const run = (command: Command) => runTurn(deps, guild, { opId: opId('op'), command, now: (now += 1_000) })
  return { deps, guild, run, random }
}

describe('a turn', () => {
  it('journals its events densely, chained, with the state and the head ahead of what is durable (I2)', () => {
    const { guild, run } = setUp()
    const first = run(add(2, { times: 2 }))
    const second = run(add(5))
    const rows = [...first.rows.journal, ...second.rows.journal]
    expect(rows.map(({ seq }) => seq)).to.deep.equal([1, 2, 3])
    let head = firstHead
    for (const row of rows) {
      head = journalHash(head, row.payload)
      expect(Buffer.from(row.hash).equals(head)).to.equal(true)
    }
    expect(Buffer.from(guild.head).equals(head)).to.equal(true)
    expect([guild.seq, told(second.outcome)]).to.deep.equal([3, 9])
    expect(parseJournalText(rows[2]?.payload ?? '')).to.deep.equal({
      seq: 3, at: 1_767_225_602_000, opId: 'op', feature: 'tally', event: { kind: 'added', by: 5 },
    })
  })

  it('a read journals nothing and a refusal neither', () => {
    const { guild, run } = setUp()
    for (const command of [look, tallyCommand({ kind: 'refuse' })]) {
      expect(run(command).rows).to.deep.equal(emptyRows())
    }
    expect(guild.seq).to.equal(0)
  })

  it('a command that says it only reads and decides an event is a bug', () => {
    const { guild, run, deps } = setUp()
    const registry = createRegistry([{ ...tally, reads: new Set(['add']) }])
    expect(() => runTurn({ ...deps, registry }, guild, { opId: opId('op'), command: add(1), now: 1 })).to.throw('only reads')
    expect(() => run(add(1))).not.to.throw()
  })

  it('a record is sealed in the same turn: receipt, chain head and the guild’s first key, with its event', () => {
    const { guild, run, random } = setUp()
    const drafts = [sessionDraft(testUuid(random)), sessionDraft(testUuid(random))]
    const { rows } = run(add(1, { records: drafts }))
    expect(rows.journal.map(({ payload }) => parseJournalText(payload).event.kind)).to.deep.equal(['added', 'receipt-issued', 'receipt-issued'])
    expect(rows.receipts.map(({ sequence: at, recordId }) => [at, recordId])).to.deep.equal([[1, drafts[0]?.recordId], [2, drafts[1]?.recordId]])
    expect(rows.guildKeys).to.have.length(1)
    expect(rows.chainHead?.sequence).to.equal(2)
    expect(guild.state.chain.sequence).to.equal(2)
    const later = run(add(1, { records: [sessionDraft(testUuid(random))] }))
    expect(later.rows.guildKeys, 'the key is made once').to.deep.equal([])
    expect(later.rows.receipts[0]?.sequence).to.equal(3)
    expect(Buffer.from(later.rows.receipts[0]?.prevHash ?? []).equals(rows.receipts[1]?.payloadHash ?? new Uint8Array())).to.equal(true)
  })

  it('what must happen outside becomes a row of the commit, what may be dropped does not', () => {
    const { run } = setUp()
    const effects: Effect[] = [
      { delivery: 'outbox', kind: 'add-role', target: 'member:1', payload: { role: '5' } },
      { delivery: 'advisory', kind: 'edit-message', target: 'board', payload: {} },
      { delivery: 'outbox', kind: 'post-message', target: 'channel:2', payload: {} },
    ]
    const { rows, advisory } = run(add(1, { effects }))
    expect(rows.outbox.map(({ seq, ordinal, kind, target }) => [seq, ordinal, kind, target])).to.deep.equal([
      [1, 0, 'add-role', 'member:1'], [1, 1, 'post-message', 'channel:2'],
    ])
    expect(JSON.parse(rows.outbox[0]?.payload ?? '')).to.deep.include({ feature: 'tally', payload: { role: '5' } })
    expect(advisory).to.deep.equal([effects[1]])
    expect(() => run(tallyCommand({ kind: 'add', by: 1, times: 0, effects }))).to.throw('an effect needs an event')
  })

  it('writes each change of an alarm once: set, moved, cleared', () => {
    const { run } = setUp()
    const change = (at: number | null) => run(tallyCommand({ kind: 'wake', purpose: 'p', at })).rows.alarms.map(({ purpose, dueAt, setSeq }) => [purpose, dueAt, setSeq])
    expect(change(50)).to.deep.equal([['tally/p', 50, 1]])
    expect(change(50)).to.deep.equal([])
    expect(change(60)).to.deep.equal([['tally/p', 60, 3]])
    expect(change(null)).to.deep.equal([['tally/p', null, 4]])
  })

  it('an outcome from outside settles its row and is journaled; a dead one stays a dead letter', () => {
    const { run } = setUp()
    const effect = { feature: 'tally', kind: 'add-role', target: 't', payload: {} } as const
    const settleWith = (result: object) => run({ feature: 'runtime', kind: 'settle-effect', seq: 1, ordinal: 0, attempts: 3, effect, result } as Command).rows
    expect(settleWith({ kind: 'done', answer: {} }).settlement).to.include({ seq: 1, ordinal: 0, state: 'done', attempts: 3, lastError: null })
    expect(settleWith({ kind: 'impossible', reason: 'no permission' }).settlement).to.include({ state: 'done', lastError: 'no permission' })
    expect(settleWith({ kind: 'dead', reason: 'gave up' }).settlement).to.include({ state: 'dead', lastError: 'gave up' })
  })

  it('a turn that decides more than a commit holds is a bug', () => {
    const { run } = setUp()
    expect(() => run(add(1, { times: 501 }))).to.throw('more events than a commit holds')
  })

  it('an unknown feature is a bug of whoever sent it', () => {
    const { run } = setUp()
    expect(() => run({ feature: 'unheard-of', kind: 'x' } as unknown as Command)).to.throw('no behaviour for feature unheard-of')
  })

  it('a rejection is journaled: visible, with a bounded reason, and refused', () => {
    const { deps, guild } = setUp()
    const result = runRejection(deps, guild, { opId: opId('op'), command: add(1), now: 5, reason: 'x'.repeat(2_000) })
    expect(result.outcome).to.deep.equal({ status: 'refused', reason: 'rejected' })
    expect(result.rows.journal).to.have.length(1)
    const { feature, event } = parseJournalText(result.rows.journal[0]?.payload ?? '')
    expect(feature).to.equal('runtime')
    expect(event).to.deep.equal({ kind: 'command-rejected', opId: 'op', feature: 'tally', command: 'add', reason: 'x'.repeat(500) })
  })
})
