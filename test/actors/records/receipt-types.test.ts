/** Every type of receipt: openssl accepts it as sealed, refuses it with a bit flipped, and its form refuses the rest. */
import { expect } from 'chai'
import { canonicalBytes } from '../../../actors/records/canonical.ts'
import { comparePeriodEntries } from '../../../actors/records/period-order.ts'
import { parseReceipt } from '../../../actors/records/receipt.ts'
import { receiptFile } from '../../../actors/records/receipt-file.ts'
import { computeVerdict } from '../../../actors/records/verdict.ts'
import { attendanceDraft, periodDraft, sealDrafts, sealEveryType } from '../../support/every-record.ts'
import { hasOpenssl, verifyWithOpenssl, withOneBitChanged } from '../../support/openssl.ts'
import { createTestCluster, evidenceOf, seededRandom, testUuid } from '../../support/records.ts'

const test = createTestCluster()
const chain = sealEveryType(test)
const id = testUuid(seededRandom('types'))

describe('receipt types', () => {
  for (const [index, { receiptRow: row, key }] of chain.sealed.entries()) {
    it(`${row.type}: the bytes are read back as they were drafted, and the row agrees`, () => {
      const read = parseReceipt(row.signed)
      expect(read.ok && read.value.receipt.type).to.equal(row.type)
      expect(read.ok && [read.value.recordId, read.value.subject]).to.deep.equal([row.recordId, row.subject])
      expect(computeVerdict(test.trusted, evidenceOf(chain, index))).to.deep.equal({ valid: true, current: true })
    })

    it(`${row.type}: openssl accepts it, and refuses it with one bit changed`, async function () {
      if (!hasOpenssl()) this.skip()
      const file = receiptFile({ signed: row.signed, signature: row.signature, keyId: row.keyId, publicKey: key.signer.publicKey })
      expect((await verifyWithOpenssl(file)).isAccepted).to.equal(true)
      expect((await verifyWithOpenssl(withOneBitChanged(file, row.signed.length >> 1))).isAccepted).to.equal(false)
    })

    it(`${row.type}: is refused without any of its fields, and with one more`, () => {
      const receipt = JSON.parse(new TextDecoder().decode(row.signed)) as { payload: Record<string, unknown> }
      const problem = (payload: object): string => {
        const read = parseReceipt(canonicalBytes({ ...receipt, payload }))
        return read.ok ? 'none' : read.problem
      }
      for (const name of Object.keys(receipt.payload)) {
        const { [name]: _left, ...payload } = receipt.payload
        expect(problem(payload)).to.equal(`payload: ${name} is missing`)
      }
      expect(problem({ ...receipt.payload, extra: 1 })).to.equal('payload: has a field that is not of its form')
    })
  }

  const refused = (what: string, draft: Parameters<typeof sealDrafts>[1][number]) =>
    it(`is never sealed: ${what}`, () => {
      expect(() => sealDrafts(test, [draft])).to.throw(/not in form/)
    })
  refused('a date that does not exist', () => attendanceDraft(id, { date_id: '2026-02-30' }))
  refused('a status of its own', () => attendanceDraft(id, { status: 'asleep' as 'present' }))
  refused('an id that is a number', () => attendanceDraft(id, { user_id: 42 as unknown as string }))
  refused('text with U+0000', () => attendanceDraft(id, { student_id: 'a\u0000b' }))
  refused('text that is too long', () => attendanceDraft(id, { student_id: 'x'.repeat(501) }))
  refused('a period that ends before it begins', () => periodDraft(id, { ended_at: '2026-11-01T00:00:00.000Z' }))
  refused('entries in another order', () => periodDraft(id, { entries: [{ user_id: '1', duration_seconds: 1, sessions: 1 }, { user_id: '2', duration_seconds: 2, sessions: 1 }] }))
  refused('equal times with ids in another order', () => periodDraft(id, { entries: ['2', '1'].map((user_id) => ({ user_id, duration_seconds: 1, sessions: 1 })) }))
  refused('a member twice', () => periodDraft(id, { entries: [{ user_id: '1', duration_seconds: 2, sessions: 1 }, { user_id: '1', duration_seconds: 1, sessions: 1 }] }))

  it('orders entries by time, then by id as a number', () => {
    const entries = [['10', 5], ['9', 5], ['1142857142857142858', 5], ['7', 6]] as const
    const sorted = entries.map(([user_id, duration_seconds]) => ({ user_id, duration_seconds, sessions: 1 })).toSorted(comparePeriodEntries)
    expect(sorted.map(({ user_id }) => user_id)).to.deep.equal(['7', '9', '10', '1142857142857142858'])
  })

  it('a period of 10,000 members fits', () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => ({
      user_id: `114285714285${String(index).padStart(7, '0')}`, duration_seconds: 604_800 - index, sessions: 123_456,
    }))
    const { receiptRow } = sealDrafts(test, [() => periodDraft(id, { entries })]).sealed[0]!
    expect(parseReceipt(receiptRow.signed).ok).to.equal(true)
  })
})
