/** Keys that follow each other: believed only as a chain, each for its own stretch of sequences. */
import { expect } from 'chai'
import { initialChain } from '../../../actors/records/chain-state.ts'
import { believedKeys, readKeyHistory } from '../../../actors/records/key-history.ts'
import type { Sealed } from '../../../actors/records/sealer.ts'
import type { GuildKeyRow } from '../../../actors/records/stored.ts'
import { computeVerdict } from '../../../actors/records/verdict.ts'
import { createTestCluster, evidenceOf, seededRandom, sessionDraft, testGuild, testUuid } from '../../support/records.ts'
import type { TestChain } from '../../support/records.ts'

const test = createTestCluster('rotation')

/** So many receipts under each of the keys, which follow each other. */
function rotatedChain(counts: readonly number[], cluster = test): TestChain {
  const random = seededRandom('rotated')
  const sealed: Sealed[] = []
  const keys: GuildKeyRow[] = []
  let key: Sealed['key'] | null = null
  let chain = initialChain()
  for (const [index, count] of counts.entries()) {
    const made = cluster.sealer.makeKey({ guildId: testGuild, chain, outgoing: key, offered: null, random })
    const before = keys.at(-1)
    if (before !== undefined) keys[index - 1] = { ...before, lastSequence: chain.sequence }
    keys.push(made.row)
    key = made.key
    for (let at = 0; at < count; at += 1) {
      const issuedAt = Date.UTC(2026, 10, 20, 19, index, at)
      const one: Sealed = cluster.sealer.seal({ guildId: testGuild, chain, key, draft: sessionDraft(testUuid(random)), issuedAt, random })
      chain = one.chain
      sealed.push(one)
    }
  }
  return { guildId: testGuild, sealed, keys }
}

describe('rotated keys', () => {
  const chain = rotatedChain([3, 2, 4])
  const verdictAt = (at: number, keys: readonly GuildKeyRow[] = chain.keys) =>
    computeVerdict(test.trusted, { ...evidenceOf(chain, at), keys })
  const reasonAt = (at: number, keys: readonly GuildKeyRow[]): string => {
    const verdict = verdictAt(at, keys)
    return verdict.valid ? 'valid' : verdict.reason
  }

  it('what each of them signed is valid, in one chain', () => {
    expect(chain.keys.map(({ firstSequence, lastSequence }) => [firstSequence, lastSequence])).to.deep.equal([[1, 3], [4, 5], [6, null]])
    for (const at of chain.sealed.keys()) expect(verdictAt(at).valid, `receipt ${at + 1}`).to.equal(true)
    expect(test.sealer.unlock(chain.keys)?.keyId).to.equal(chain.keys[2]?.keyId)
  })

  it('a successor without the outgoing key’s signature, or with another one, does not exist, and what follows it neither', () => {
    const [first, second, third] = chain.keys as [GuildKeyRow, GuildKeyRow, GuildKeyRow]
    for (const predecessorSignature of [null, third.predecessorSignature, new Uint8Array(64)]) {
      const forged = { ...second, predecessorSignature }
      expect(believedKeys(test.trusted, [first, forged, third]).map(({ keyId }) => keyId)).to.deep.equal([first.keyId])
      expect(reasonAt(8, [first, forged, third])).to.contain('the key before it')
    }
  })

  it('who holds the cluster’s key alone cannot put a key after a guild’s own', () => {
    const [first] = chain.keys
    const rogue = test.sealer.makeKey({
      guildId: testGuild, chain: initialChain(), outgoing: null, offered: null, random: seededRandom('rogue'),
    })
    const claimed = { ...rogue.row, firstSequence: 4 }
    expect(believedKeys(test.trusted, [first!, claimed, rogue.row]).map(({ keyId }) => keyId)).to.deep.equal([first?.keyId])
  })

  it('a key outside its own sequences signs nothing: neither before it began nor after it ended', () => {
    const history = readKeyHistory(test.trusted, chain.keys)
    const inUse = (key: number, sequence: number): boolean =>
      history.keyInUse({ guildId: testGuild, keyId: chain.keys[key]!.keyId, sequence }).ok
    expect([inUse(0, 3), inUse(0, 4), inUse(1, 3), inUse(1, 4), inUse(1, 5), inUse(1, 6), inUse(2, 5), inUse(2, 600)]).to.deep.equal([
      true, false, false, true, true, false, false, true,
    ])
  })

  it('a row that is removed, or whose end is moved, shows', () => {
    const [first, second, third] = chain.keys as [GuildKeyRow, GuildKeyRow, GuildKeyRow]
    expect(reasonAt(4, [first, second])).to.contain('does not agree with its successor')
    expect(reasonAt(0, [{ ...first, lastSequence: 4 }, second, third])).to.contain('does not agree with its successor')
    expect(reasonAt(0, [second, third])).to.contain('no such key')
  })

  it('a key that was replaced before it signed anything is passed through', () => {
    const quick = rotatedChain([0, 0, 2])
    expect(quick.keys.map(({ firstSequence, lastSequence }) => [firstSequence, lastSequence])).to.deep.equal([[1, 0], [1, 0], [1, null]])
    const shuffled = [quick.keys[1]!, quick.keys[2]!, quick.keys[0]!]
    expect(believedKeys(test.trusted, shuffled).map(({ keyId }) => keyId)).to.deep.equal(quick.keys.map(({ keyId }) => keyId))
    expect(computeVerdict(test.trusted, { ...evidenceOf(quick, 1), keys: shuffled }).valid).to.equal(true)
  })
})
