/** Every column of a receipt's row is held against the signed bytes, each by itself. */
import { expect } from 'chai'
import { parseReceipt } from '../../../actors/records/receipt.ts'
import { findRowProblem } from '../../../actors/records/receipt-row.ts'
import type { StoredReceipt } from '../../../actors/records/stored.ts'
import { createTestCluster, sealChain, seededRandom, testUuid } from '../../support/records.ts'

const row = sealChain(createTestCluster(), 2).sealed[1]!.receiptRow
const read = parseReceipt(row.signed)
const otherId = testUuid(seededRandom('other'))

function problemWith(change: Partial<StoredReceipt>): string | null {
  return read.ok ? findRowProblem({ ...row, ...change }, read.value) : read.problem
}

describe('receipt row', () => {
  it('agrees as sealed', () => expect(problemWith({})).to.equal(null))

  for (const [column, change] of [
    ['guild_id', { guildId: '42' }],
    ['sequence', { sequence: 3 }],
    ['record_id', { recordId: otherId }],
    ['type', { type: 'period' }],
    ['key_id', { keyId: otherId }],
    ['prev_hash', { prevHash: new Uint8Array(32) }],
    ['issued_at', { issuedAt: row.issuedAt + 1 }],
    ['subject', { subject: null }],
  ] as const) {
    it(`names ${column} when that column was changed`, () => {
      expect(problemWith(change)).to.equal(`the column ${column} does not agree with the signed bytes`)
    })
  }
})
