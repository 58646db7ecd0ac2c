/**
 * Code attendance through real turns: an entry gets its receipt, a change an amendment that names it, a webhook only with
 * its secret, and what is replayed from the journal is the same state.
 */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { createRegistry, features } from '../../../../actors/behaviours/registry.ts'
import type { AttendanceCommand, CodeAttendanceState } from '../../../../actors/protocol/attendance.ts'
import type { Reply } from '../../../../actors/protocol/command.ts'
import { parseReceipt } from '../../../../actors/records/receipt.ts'
import { emptyGuildState, evolveGuild } from '../../../../actors/runtime/guild-state.ts'
import { firstHead, parseJournalText } from '../../../../actors/runtime/journal-entry.ts'
import { runTurn } from '../../../../actors/runtime/turn.ts'
import type { LiveGuild, TurnRows } from '../../../../actors/runtime/turn.ts'
import { opId, sequence, userId } from '../../../../kernel/ids.ts'
import type { Slot } from '../../../../kernel/ids.ts'
import { createTestCluster, seededRandom, testGuild } from '../../../support/records.ts'

const registry = createRegistry(features)
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const staff = userId('7')

function openGuild() {
  const random = seededRandom('code-attendance')
  const deps = { registry, sealer: createTestCluster().sealer, random }
  const guild: LiveGuild = {
    guildId: testGuild, slot: 0 as Slot, state: emptyGuildState(), seq: sequence(0), head: firstHead, key: null,
  }
  const all: TurnRows[] = []
  let turns = 0
  return {
    guild,
    all,
    state: () => guild.state.features['code-attendance']?.state as CodeAttendanceState,
    ask(command: AttendanceCommand): Reply {
      const now = Date.UTC(2026, 10, 20, 18, 0, turns++)
      const { outcome, rows } = runTurn(deps, guild, { opId: opId(`t${turns}`), command, now })
      all.push(rows)
      if (outcome.status !== 'answered') throw new Error(outcome.reason)
      return outcome.reply
    },
  }
}

type Recording = Extract<AttendanceCommand, { kind: 'record-attendance' }>
const record = (change: Partial<Recording> = {}): AttendanceCommand => ({
  feature: 'code-attendance', kind: 'record-attendance', member: { userId: userId('42') }, sessionId: null, status: 'present',
  at: Date.UTC(2026, 10, 20, 17, 59), source: 'staff', byUserId: staff, reason: null, secretHash: null, ...change,
})
const setSecret = (secretHash: string | null): AttendanceCommand => ({
  feature: 'code-attendance', kind: 'set-webhook-secret', secretHash, byUserId: staff,
})

describe('code attendance', () => {
  it('an entry is recorded and gets a receipt', () => {
    const { ask, all } = openGuild()
    const reply = ask(record())
    expect(reply).to.deep.include({ kind: 'attendance-recorded', sessionId: 'manual_20261120', status: 'present', previous: null })
    const read = parseReceipt(all[0]!.receipts[0]!.signed)
    expect(read.ok && read.value.receipt.payload).to.deep.include({
      user_id: '42', session_id: 'manual_20261120', date_id: '2026-11-20', submitted_at: '2026-11-20T17:59:00.000Z',
      student_id: null, in_voice: null, source: 'staff',
    })
  })

  it('another status amends the entry: the amendment names its receipt, the second one too', () => {
    const { ask, all } = openGuild()
    ask(record())
    expect(ask(record({ status: 'excused', reason: 'ill' }))).to.deep.include({ previous: 'present', status: 'excused' })
    ask(record({ status: 'late' }))
    const [first, second, third] = all.map(({ receipts }) => receipts[0]!)
    for (const [row, from, to] of [[second!, 'present', 'excused'], [third!, 'excused', 'late']] as const) {
      const read = parseReceipt(row.signed)
      expect(read.ok && read.value.receipt.payload).to.deep.include({
        record_id: first!.recordId, of_sequence: 1, of_hash: Buffer.from(first!.payloadHash).toString('hex'),
        change: 'status', from, to, by_user_id: '7',
      })
      expect(row).to.deep.include({ recordId: first!.recordId, type: 'amendment', subject: null })
    }
  })

  it('the same said again issues nothing, and is journaled so that its answer is kept', () => {
    const { ask, all } = openGuild()
    const first = ask(record())
    expect(ask(record())).to.deep.equal({ ...first, previous: 'present' })
    expect(all[1]!.receipts).to.deep.equal([])
    expect(all[1]!.journal).to.have.length(1)
  })

  it('sessions and members are apart', () => {
    const { ask, state } = openGuild()
    ask(record())
    ask(record({ sessionId: '1795194000' }))
    ask(record({ member: { userId: userId('43') } }))
    expect(state().entryCount).to.equal(3)
    expect(state().unsealed).to.deep.equal({})
  })

  it('a webhook is taken only with the secret, compared as hash, and never without one', () => {
    const { ask, state } = openGuild()
    const webhook = (secretHash: string | null) => ask(record({ source: 'webhook', byUserId: null, secretHash }))
    const wrong = { kind: 'attendance-refused', reason: 'wrong-secret' }
    expect(webhook(sha256('a'))).to.deep.equal(wrong)
    expect(ask(setSecret(sha256('a')))).to.deep.equal({ kind: 'webhook-secret-set', isSet: true })
    for (const hash of [null, '', sha256('b'), sha256('a').slice(1), `${sha256('a')}0`, sha256('a').toUpperCase()]) {
      expect(webhook(hash)).to.deep.equal(wrong)
    }
    expect(webhook(sha256('a'))).to.deep.include({ kind: 'attendance-recorded' })
    expect(ask(setSecret(null))).to.deep.equal({ kind: 'webhook-secret-set', isSet: false })
    expect(webhook(sha256('a'))).to.deep.equal(wrong)
    expect(JSON.stringify(state())).not.to.contain('"a"')
  })

  it('nobody is known by student id yet', () => {
    expect(openGuild().ask(record({ member: { studentId: 'S1' } }))).to.deep.equal({ kind: 'attendance-refused', reason: 'unknown-student' })
  })

  it('the journal replayed gives the same state', () => {
    const { ask, guild, all } = openGuild()
    ask(setSecret(sha256('a')))
    ask(record())
    ask(record({ status: 'absent' }))
    ask(record({ status: 'absent' }))
    const replayed = emptyGuildState()
    for (const row of all.flatMap(({ journal }) => journal)) {
      evolveGuild(replayed, parseJournalText(row.payload), registry)
    }
    expect(replayed.features).to.deep.equal(guild.state.features)
    expect(replayed.chain).to.deep.equal(guild.state.chain)
  })
})
