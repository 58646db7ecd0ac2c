/** Runs and pages of a chain: whole as sealed, and the first bad sequence is named for whatever was done to it. */
import { expect } from 'chai'
import fc from 'fast-check'
import { verifyChainPage } from '../../../actors/records/chain-page.ts'
import type { PageVerdict } from '../../../actors/records/chain-page.ts'
import { verifyChainRun } from '../../../actors/records/chain.ts'
import { readKeyHistory } from '../../../actors/records/key-history.ts'
import type { ChainPage } from '../../../actors/records/record-reader.ts'
import type { StoredReceipt } from '../../../actors/records/stored.ts'
import { createTestCluster, propertyRuns, sealChain, testGuild } from '../../support/records.ts'

const test = createTestCluster()
const chain = sealChain(test, 12)
const rows: readonly StoredReceipt[] = chain.sealed.map(({ receiptRow }) => receiptRow)
const head = chain.sealed.at(-1)!.chainHeadRow

/** What the repository reads of the stored rows. */
function pageOf(stored: ChainPage['receipts'], from: number, to: number): ChainPage {
  const byPlace = stored.toSorted((left, right) => left.sequence - right.sequence)
  return {
    receipts: byPlace.filter(({ sequence }) => sequence >= from && sequence <= to),
    before: byPlace.find(({ sequence }) => sequence === from - 1) ?? null,
    newestSequence: byPlace.at(-1)?.sequence ?? 0,
    head,
    keys: chain.keys,
  }
}

function verdictOf(page: ChainPage, from = 1, to = 1000): PageVerdict {
  const steps = verifyChainPage(test.trusted, page, { guildId: testGuild, from, to })
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

const badAt = (stored: ChainPage['receipts'], from = 1, to = 1000): number => {
  const verdict = verdictOf(pageOf(stored, from, to), from, to)
  return verdict.valid ? 0 : verdict.firstBadSequence
}

describe('chain', () => {
  it('is valid as sealed, whole and in any page', () => {
    for (const [from, to] of [[1, 1000], [1, 4], [5, 8], [9, 12], [12, 12], [13, 20], [3, 1000]] as const) {
      expect(verdictOf(pageOf(rows, from, to), from, to), `${from}–${to}`).to.deep.equal({ valid: true })
    }
  })

  it('deleting any row is seen at that row', () => {
    for (const { sequence } of rows) {
      expect(badAt(rows.filter((row) => row.sequence !== sequence))).to.equal(sequence)
    }
  })

  it('deleting rows at either edge of a page is seen, though the page itself is whole', () => {
    expect(badAt(rows.filter(({ sequence }) => sequence !== 4), 5, 8)).to.equal(4)
    expect(badAt(rows.filter(({ sequence }) => sequence !== 3 && sequence !== 4), 1, 4)).to.equal(3)
    expect(badAt(rows.filter(({ sequence }) => sequence !== 5), 5, 8)).to.equal(5)
  })

  it('a run says so when it begins too late or is of another guild', () => {
    const history = readKeyHistory(test.trusted, chain.keys)
    const run = { guildId: testGuild, from: 5, prevHash: null, rows: rows.slice(5) }
    expect(verifyChainRun(history, run)).to.deep.include({ ok: false, firstBadSequence: 5 })
    const strange = verifyChainRun(history, { ...run, from: 6, guildId: '42' })
    expect(strange).to.deep.include({ firstBadSequence: 6, reason: 'the receipt belongs to another guild' })
    expect(verifyChainRun(history, { ...run, from: 6 })).to.deep.include({ ok: true, nextSequence: 13 })
  })

  it('cutting off the newest rows is seen at the first of them', () => {
    for (let kept = 0; kept < rows.length; kept++) expect(badAt(rows.slice(0, kept))).to.equal(kept + 1)
  })

  it('swapping any two rows is seen at the first of them', () => {
    const place = fc.integer({ min: 0, max: rows.length - 1 })
    fc.assert(
      fc.property(place, place, (left, right) => {
        fc.pre(left !== right)
        const swapped = rows.with(left, { ...rows[right]!, sequence: left + 1 }).with(right, { ...rows[left]!, sequence: right + 1 })
        expect(badAt(swapped)).to.equal(Math.min(left, right) + 1)
      }),
      propertyRuns(50),
    )
  })

  it('one flipped bit in bytes, signature or hash of any row is seen at that row or the next', () => {
    const name = fc.constantFrom<'signed' | 'signature' | 'payloadHash' | 'prevHash'>('signed', 'signature', 'payloadHash', 'prevHash')
    fc.assert(
      fc.property(fc.integer({ min: 0, max: rows.length - 1 }), name, fc.nat(), (index, field, place) => {
        const bytes = rows[index]![field]!.slice()
        const at = place % (bytes.length * 8)
        bytes[at >> 3]! ^= 1 << (at & 7)
        expect(badAt(rows.with(index, { ...rows[index]!, [field]: bytes }))).to.equal(index + 1)
      }),
      propertyRuns(150),
    )
  })

  it('an erased row keeps its place', () => {
    expect(badAt(rows.map((row) => ({ ...row, signed: null })))).to.equal(0)
    const erased = { ...rows[4]!, signed: null }
    expect(badAt(rows.with(4, erased))).to.equal(0)
    expect(badAt(rows.with(4, { ...erased, payloadHash: new Uint8Array(32) }))).to.equal(6)
  })

  it('a missing, foreign or rolled back head is seen', () => {
    const whole = pageOf(rows, 1, 1000)
    expect(verdictOf({ ...whole, head: null })).to.deep.include({ valid: false, firstBadSequence: 12 })
    const rolledBack = verdictOf({ ...whole, head: chain.sealed[5]!.chainHeadRow })
    expect(rolledBack).to.deep.include({ valid: false, firstBadSequence: 7 })
    const other = sealChain(test, 12, { seed: 'other' })
    expect(verdictOf({ ...whole, head: other.sealed[11]!.chainHeadRow }).valid).to.equal(false)
  })

  it('everything deleted but the key is seen', () => {
    expect(verdictOf({ receipts: [], before: null, newestSequence: 0, head: null, keys: chain.keys }).valid).to.equal(false)
  })
})
