/** Amendments: a record that was changed afterwards stays valid and is no longer current; who tampers with that is seen. */
import { expect } from 'chai'
import { computeVerdict } from '../../../actors/records/verdict.ts'
import type { RecordEvidence, Verdict } from '../../../actors/records/verdict.ts'
import { amendmentDraft, attendanceDraft, sealDrafts } from '../../support/every-record.ts'
import { createTestCluster, evidenceOf, sessionDraft, testUuid, seededRandom } from '../../support/records.ts'
import type { Sealed } from '../../../actors/records/sealer.ts'
import type { AmendmentPayload } from '../../../actors/protocol/record.ts'

const test = createTestCluster()
const random = seededRandom('amendments')
const id = testUuid(random)
const amending = (change: Partial<AmendmentPayload> = {}) => (sealed: readonly Sealed[]) => amendmentDraft(sealed[0]!, change)
const chain = sealDrafts(test, [
  () => attendanceDraft(id),
  amending(),
  amending({ from: 'excused', to: 'late', reason: null, by_user_id: null }),
  () => sessionDraft(testUuid(random)),
  amending({ change: 'removed', from: 'late', to: null }),
  amending({ change: 'erased', from: null, to: null }),
])
const rows = chain.sealed.map(({ receiptRow }) => receiptRow)

function judge(amendments: readonly number[], change: Partial<RecordEvidence> = {}): Verdict {
  const evidence = evidenceOf(chain, 0)
  return computeVerdict(test.trusted, { ...evidence, amendments: amendments.map((at) => rows[at]!), ...change })
}

describe('amendments', () => {
  it('a record that was amended is valid and no longer current; the last amendment says how it stands', () => {
    const verdict = judge([1, 2, 4])
    expect(verdict).to.deep.include({ valid: true, current: false })
    const changes = verdict.valid && !verdict.current ? verdict.amendments.map(({ payload }) => [payload.change, payload.to]) : []
    expect(changes).to.deep.equal([['status', 'excused'], ['status', 'late'], ['removed', null]])
  })

  it('a record that nobody amended is current', () => {
    expect(judge([])).to.deep.equal({ valid: true, current: true })
  })

  it('bytes that are gone are told apart: erased on request, or by somebody who may not', () => {
    const erased = { receipt: { ...rows[0]!, signed: null } }
    const asked = judge([1, 5], erased)
    expect(asked).to.deep.include({ valid: false, reason: 'the record was erased on request; only its hash and signature are left' })
    expect(!asked.valid && asked.erasedBy?.payload.change).to.equal('erased')
    expect(judge([1], erased)).to.deep.equal({
      valid: false, reason: 'the bytes of the record are gone, and nothing signed says that they were erased',
    })
  })

  const reasonOf = (verdict: Verdict): string => (verdict.valid ? 'valid' : verdict.reason)
  const withRow = (change: object): Verdict => judge([], { amendments: [{ ...rows[1]!, ...change }] })
  for (const [what, change, reason] of [
    ['one bit of its bytes', { signed: rows[1]!.signed.map((byte, at) => (at === 50 ? byte ^ 1 : byte)) }, /an amendment of it: the hash/],
    ['its signature', { signature: rows[2]!.signature }, /an amendment of it: the signature does not verify/],
    ['its sequence', { sequence: 3 }, /an amendment of it: the column sequence/],
    ['its guild', { guildId: '1' }, /belongs to another guild/],
    ['its bytes, taken away', { signed: null }, /an amendment of it was erased/],
  ] as const) {
    it(`an amendment changed in the table is seen: ${what}`, () => {
      expect(reasonOf(withRow(change))).to.match(reason)
    })
  }

  it('a genuine amendment of another receipt does not amend this one', () => {
    const other = sealDrafts(test, [() => attendanceDraft(id), () => attendanceDraft(testUuid(random)), (sealed) => ({
      ...amendmentDraft(sealed[1]!), recordId: id, payload: { ...amendmentDraft(sealed[1]!).payload, record_id: id },
    })])
    const evidence = { ...evidenceOf(other, 0), amendments: [other.sealed[2]!.receiptRow] }
    expect(reasonOf(computeVerdict(test.trusted, evidence))).to.equal('an amendment names this record and another receipt')
  })

  it('a receipt of another type that names the record is no amendment', () => {
    expect(reasonOf(judge([], { amendments: [rows[0]!] }))).to.equal('another receipt claims this record')
  })

  it('says nothing that contradicts itself', () => {
    for (const change of [{ to: null }, { change: 'removed', to: 'late' }, { change: 'erased', to: 'present' }] as const) {
      expect(() => sealDrafts(test, [() => attendanceDraft(id), amending(change)])).to.throw(/not in form/)
    }
  })
})
