/**
 * What most scenarios want at their end: every stay that the sandbox saw is one receipt, with every second of it (I4, I10).
 */
import { expect } from 'chai'
import type { Fleet } from './fleet-processes.ts'
import { compareWithReceipts, findMissingSeconds, staysOf } from './session-oracle.ts'

/** Waits until there are as many receipts as stays; resolves with all receipts. */
export async function expectEveryStayRecorded(fleet: Pick<Fleet, 'rows' | 'sandbox'>): ReturnType<Fleet['rows']['receipts']> {
  const stays = staysOf(fleet.sandbox.people.voiceLog())
  const receipts = await fleet.rows.until(async () => {
    const written = await fleet.rows.receipts()
    return written.length >= stays.length ? written : undefined
  })
  const { lost, doubled, pairs } = compareWithReceipts(stays, receipts)
  expect({ lost, doubled }).to.deep.equal({ lost: [], doubled: [] })
  expect(pairs.map(({ receipt }) => findMissingSeconds(receipt)).filter((missing) => missing !== null)).to.deep.equal([])
  return receipts
}
