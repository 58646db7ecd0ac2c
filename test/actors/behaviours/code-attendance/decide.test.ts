/**
 * Records that staff and webhooks make: an entry gets its receipt, a change an amendment that names it, a webhook only
 * with its secret; rows that were overtaken are read again; and what is replayed from the journal is the same state.
 */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { AttendanceReply } from '../../../../actors/protocol/attendance.ts'
import type { AttendancePayload } from '../../../../actors/protocol/record.ts'
import { parseReceipt } from '../../../../actors/records/receipt.ts'
import { emptyGuildState, evolveGuild } from '../../../../actors/runtime/guild-state.ts'
import { parseJournalText } from '../../../../actors/runtime/journal-entry.ts'
import { userId } from '../../../../kernel/ids.ts'
import { memberAsker, record, refused, registry, staff, staffAsker, TestClass } from '../../../support/class.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function withChannels(): TestClass {
  const one = new TestClass()
  one.setUp()
  return one
}

const receiptOf = (one: TestClass, at = -1) => {
  const row = one.turns.flatMap(({ receipts }) => receipts).at(at)
  const read = row === undefined ? null : parseReceipt(row.signed)
  return read?.ok === true ? read.value.receipt : null
}
const payloadOf = (one: TestClass, at = -1) => receiptOf(one, at)?.payload

const remove = (change: object) => ({
  feature: 'code-attendance', kind: 'remove-attendance', asker: staffAsker, byUserId: staff, userId: userId('42'), sessionId: null, dateId: null, facts: null, ...change,
}) as const

describe('records by staff and webhook', () => {
  it('an entry is recorded and gets a receipt, on the day of the guild’s zone', () => {
    const one = withChannels()
    expect(one.askWithFacts(record())).to.deep.include({ kind: 'attendance-recorded', sessionId: 'manual_20261120', status: 'present', previous: null })
    expect(payloadOf(one)).to.deep.include({
      user_id: '42', session_id: 'manual_20261120', date_id: '2026-11-20', submitted_at: '2026-11-20T17:59:00.000Z', student_id: null, in_voice: null, source: 'staff',
    })
    expect([...one.entries.values()]).to.have.length(1)
    expect([...one.entries.values()][0]).to.deep.include({ localTime: '2026-11-20 18:59:00', status: 'present', sessionId: 'manual_20261120' })
    expect(one.sessions.get('manual_20261120')).to.deep.include({ kind: 'manual' })
    // Half an hour before midnight UTC it is tomorrow in Berlin.
    one.askWithFacts(record({ member: { userId: userId('43') }, at: Date.UTC(2026, 10, 20, 23, 30) }))
    expect(payloadOf(one)).to.deep.include({ date_id: '2026-11-21', session_id: 'manual_20261121' })
  })

  it('another status amends the entry: the amendment names its receipt, the second one too', () => {
    const one = withChannels()
    one.askWithFacts(record())
    const first = one.turns.at(-1)!.receipts[0]!
    expect(one.askWithFacts(record({ status: 'excused', reason: 'ill' }))).to.deep.include({ previous: 'present', status: 'excused' })
    one.askWithFacts(record({ status: 'late' }))
    for (const [at, from, to] of [[-2, 'present', 'excused'], [-1, 'excused', 'late']] as const) {
      expect(payloadOf(one, at)).to.deep.include({
        record_id: first.recordId, of_sequence: 1, of_hash: Buffer.from(first.payloadHash).toString('hex'), change: 'status', from, to, by_user_id: '7',
      })
    }
    expect([...one.entries.values()].map(({ status }) => status)).to.deep.equal(['late'])
  })

  it('the same said again issues nothing, and is journaled so that its answer is kept', () => {
    const one = withChannels()
    const first = one.askWithFacts(record())
    expect(one.askWithFacts(record())).to.deep.equal({ ...first, previous: 'present' })
    expect(one.turns.at(-1)!.receipts).to.deep.equal([])
    expect(one.turns.at(-1)!.journal).to.have.length(1)
  })

  it('rows that another change of the same entry overtook are asked for again; those of another entry are not', () => {
    const one = withChannels()
    const asked = one.ask(record({ status: 'excused' }))
    if (asked.kind !== 'facts-needed') throw new Error(asked.kind)
    const old = one.facts(asked.question)
    one.askWithFacts(record({ member: { userId: userId('43') } }))
    expect(one.ask(record({ status: 'excused', facts: old }))).to.deep.include({ kind: 'attendance-recorded', previous: null })
    expect(one.ask(record({ status: 'late', facts: old })).kind).to.equal('facts-needed')
    expect(one.askWithFacts(record({ status: 'late' }))).to.deep.include({ previous: 'excused' })
  })

  it('rows read before a class was written prove nothing, and what changed longest ago is forgotten safely', () => {
    const one = withChannels()
    const asked = one.ask(record())
    if (asked.kind !== 'facts-needed') throw new Error(asked.kind)
    const old = one.facts(asked.question)
    for (let user = 1_000; user < 1_300; user += 1) one.askWithFacts(record({ member: { userId: userId(String(user)) } }))
    expect(Object.keys(one.state.touched).length).to.be.at.most(256)
    expect(one.ask(record({ facts: old })).kind).to.equal('facts-needed')
    const newer = one.facts(asked.question)
    one.openClass({ openedAt: one.now - 86_400_000 })
    one.close()
    expect(one.ask(record({ facts: newer })).kind).to.equal('facts-needed')
    expect(one.askWithFacts(record()).kind).to.equal('attendance-recorded')
  })

  it('without a session the newest class of the day is meant; a class that is not there is refused', () => {
    const one = withChannels()
    one.openClass()
    const { sessionId } = one.open
    one.submit('42')
    one.close()
    one.now += 3_600_000
    expect(one.askWithFacts(record({ status: 'excused' }))).to.deep.include({ sessionId, previous: 'present' })
    expect(one.askWithFacts(record({ dateId: '2026-11-19' }))).to.deep.include({ sessionId: 'manual_20261119' })
    expect(one.askWithFacts(record({ sessionId: '1795194000' }))).to.deep.equal(refused('unknown-session'))
    expect(one.askWithFacts(record({ sessionId: 'nowhere' }))).to.deep.equal(refused('unknown-session'))
    expect(one.askWithFacts(record({ dateId: '2026-02-30' }))).to.deep.equal(refused('bad-date'))
  })

  it('a removed record says so by an amendment; entered again it is another record', () => {
    const one = withChannels()
    one.askWithFacts(record())
    const first = one.turns.at(-1)!.receipts[0]!.recordId
    expect(one.askWithFacts(remove({ dateId: '2026-11-20' }))).to.deep.equal({ kind: 'attendance-removed', userId: '42', sessions: ['manual_20261120'], from: 'present' })
    expect(payloadOf(one)).to.deep.include({ record_id: first, change: 'removed', from: 'present', to: null, by_user_id: '7' })
    expect(one.askWithFacts(remove({ dateId: '2026-11-20' }))).to.deep.equal(refused('no-record'))
    expect(one.askWithFacts(record())).to.deep.include({ previous: null })
    expect((payloadOf(one) as AttendancePayload | undefined)?.record_id).not.to.equal(first)
    expect(one.askWithFacts(remove({ sessionId: 'manual_20261120' }))).to.deep.include({ from: 'present' })
    expect(one.askWithFacts(remove({ dateId: 'yesterday' }))).to.deep.equal(refused('bad-date'))
  })

  it('a day holds several sessions: all of the member’s records of it go', () => {
    const one = withChannels()
    for (const minute of [0, 1]) {
      one.now += minute * 60_000
      one.openClass()
      one.submit('42')
      one.close()
    }
    one.openClass({ openedAt: one.now + 120_000 })
    one.submit('42', { submittedAt: one.now + 121_000 })
    const reply = one.askWithFacts(remove({ dateId: '2026-11-20' }))
    expect(reply.kind === 'attendance-removed' && reply.sessions).to.have.length(3)
    expect(one.open.entryCount).to.equal(0)
  })

  it('only staff, and only in the admin channel', () => {
    const one = withChannels()
    expect(one.ask(record({ asker: memberAsker }))).to.deep.equal(refused('not-staff'))
    expect(one.ask(record({ asker: { ...staffAsker, channelId: memberAsker.channelId } }))).to.deep.equal(refused('wrong-channel', { channelId: staffAsker.channelId }))
    expect(one.ask(remove({ dateId: '2026-11-20', asker: memberAsker }))).to.deep.equal(refused('not-staff'))
  })

  it('a webhook is taken only with the secret, compared as hash, and looks nothing up without it', () => {
    const one = new TestClass()
    const webhook = (secretHash: string | null): AttendanceReply => one.askWithFacts(record({ source: 'webhook', byUserId: null, asker: null, secretHash }))
    const setSecret = (secretHash: string | null): AttendanceReply => one.ask({ feature: 'code-attendance', kind: 'set-webhook-secret', secretHash, byUserId: staff })
    expect(webhook(sha256('a'))).to.deep.equal(refused('wrong-secret'))
    expect(setSecret(sha256('a'))).to.deep.equal({ kind: 'webhook-secret-set', isSet: true })
    for (const hash of [null, '', sha256('b'), sha256('a').slice(1), `${sha256('a')}0`, sha256('a').toUpperCase()]) {
      expect(webhook(hash)).to.deep.equal(refused('wrong-secret'))
    }
    expect(webhook(sha256('a'))).to.deep.include({ kind: 'attendance-recorded' })
    expect(setSecret(null)).to.deep.equal({ kind: 'webhook-secret-set', isSet: false })
    expect(webhook(sha256('a'))).to.deep.equal(refused('wrong-secret'))
    expect(JSON.stringify(one.state)).not.to.contain('"a"')
  })

  it('a student id names the account that registered it, in any case of letters', () => {
    const one = withChannels()
    expect(one.askWithFacts(record({ member: { studentId: 'S1' } }))).to.deep.equal(refused('unknown-student'))
    one.ask({ feature: 'code-attendance', kind: 'register-student', userId: userId('42'), username: 'ada', studentId: 'S1', studentName: 'Ada' })
    expect(one.askWithFacts(record({ member: { studentId: 's1' } }))).to.deep.include({ userId: '42' })
    expect((payloadOf(one) as AttendancePayload | undefined)?.student_id).to.equal('S1')
    expect([...one.entries.values()][0]?.username).to.equal('ada')
  })

  it('the journal replayed gives the same state', () => {
    const one = withChannels()
    one.ask({ feature: 'code-attendance', kind: 'register-student', userId: userId('42'), username: 'ada', studentId: 'S1', studentName: null })
    one.askWithFacts(record())
    one.askWithFacts(record({ status: 'absent' }))
    one.askWithFacts(remove({ dateId: '2026-11-20' }))
    one.openClass({ autoCloseMinutes: 5 })
    one.submit('42')
    one.submit('43', { code: 'nope' })
    one.close()
    one.openClass()
    one.submit('44')
    const replayed = emptyGuildState()
    for (const row of one.turns.flatMap(({ journal }) => journal)) evolveGuild(replayed, parseJournalText(row.payload), registry)
    expect(replayed).to.deep.equal(one.guild.state)
  })
})
