/** Signed snapshots: believed only as what they are, for the guild, slot, fence and sequence they were made for. */
import { expect } from 'chai'
import fc from 'fast-check'
import { canonicalText } from '../../../actors/records/canonical.ts'
import { sha256 } from '../../../actors/records/hash.ts'
import { signSnapshot, verifySnapshot } from '../../../actors/records/snapshot.ts'
import type { SignedSnapshot } from '../../../actors/records/snapshot.ts'
import { createTestCluster, propertyRuns, seededRandom, testGuild } from '../../support/records.ts'

const test = createTestCluster()
const state = canonicalText({ features: { 'voice-attendance': { open: {} } } })
const journalHead = seededRandom('journal')(32)
const facts = { guildId: testGuild, slot: 17, fence: 3, sequence: 256, state, journalHead, previousSnapshot: null, at: 1_790_000_000_000 }
const signed = signSnapshot(test.cluster, facts)
const expected = { guildId: testGuild, slot: 17, fence: 3, sequence: 256, state, journalHead }

const isBelieved = (snapshot: SignedSnapshot, expectation: typeof expected = expected): boolean =>
  verifySnapshot(test.trusted, snapshot, expectation).ok

describe('snapshot', () => {
  it('is believed as signed, and says what it covers', () => {
    const read = verifySnapshot(test.trusted, signed, expected)
    expect(read.ok && read.value.at).to.equal(facts.at)
    expect(read.ok && read.value.journalHead).to.equal(Buffer.from(journalHead).toString('hex'))
    expect(verifySnapshot(test.trusted, signed, { ...expected, journalHead: null }).ok).to.equal(true)
  })

  it('names the snapshot before it', () => {
    const next = signSnapshot(test.cluster, { ...facts, sequence: 512, previousSnapshot: sha256(signed.signed) })
    const read = verifySnapshot(test.trusted, next, { ...expected, sequence: 512 })
    expect(read.ok && read.value.previousSnapshot).to.equal(Buffer.from(sha256(signed.signed)).toString('hex'))
  })

  for (const [what, change] of [
    ['guild', { guildId: '42' }],
    ['slot', { slot: 18 }],
    ['fence', { fence: 4 }],
    ['sequence', { sequence: 257 }],
    ['state', { state: `${state} ` }],
    ['journal', { journalHead: new Uint8Array(32) }],
  ] as const) {
    it(`is not believed for another ${what}`, () => {
      expect(isBelieved(signed, { ...expected, ...change } as typeof expected)).to.equal(false)
    })
  }

  it('is not believed with one flipped bit in bytes or signature', () => {
    fc.assert(
      fc.property(fc.constantFrom<'signed' | 'signature'>('signed', 'signature'), fc.nat(), (name, place) => {
        const bytes = signed[name].slice()
        const at = place % (bytes.length * 8)
        bytes[at >> 3]! ^= 1 << (at & 7)
        expect(isBelieved({ ...signed, [name]: bytes })).to.equal(false)
      }),
      propertyRuns(200),
    )
  })

  it('is not believed under a cluster key that is not trusted, whatever its id says', () => {
    const foreign = signSnapshot(createTestCluster('foreign').cluster, facts)
    expect(isBelieved(foreign)).to.equal(false)
    expect(isBelieved({ ...foreign, clusterKeyId: test.cluster.clusterKeyId })).to.equal(false)
  })

  it('a key statement of the cluster is no snapshot', () => {
    const bytes = new TextEncoder().encode('{"domain":"muster/guild-key","version":1}')
    expect(isBelieved({ ...signed, signed: bytes, signature: test.cluster.signer.sign(bytes) })).to.equal(false)
  })
})
