/** A stored private key opens for its own guild and key id only, and only under the key that wrapped it. */
import { expect } from 'chai'
import { createKeyEncryptionKey } from '../../../actors/records/cluster-key.ts'
import { createGuildKey, openGuildKey } from '../../../actors/records/guild-key.ts'
import { openPrivateKey, sealPrivateKey } from '../../../actors/records/sealed-key.ts'
import { createTestCluster, seededRandom, testGuild } from '../../support/records.ts'

const kek = createKeyEncryptionKey(seededRandom('kek')(32))
const seed = seededRandom('seed')(32)
const owner = { guildId: '1', keyId: 'a' }

describe('sealed key', () => {
  it('opens for its owner', () => {
    const sealed = sealPrivateKey({ owner, seed, kek, random: seededRandom('r') })
    expect(openPrivateKey(owner, sealed, [kek])).to.deep.equal(seed)
    expect(Buffer.from(sealed.sealedPrivateKey).includes(Buffer.from(seed))).to.equal(false)
  })

  it('does not open for another guild or key id, even if both had drawn the same data key', () => {
    const constant = (length: number): Uint8Array => new Uint8Array(length).fill(7)
    const sealed = sealPrivateKey({ owner, seed, kek, random: constant })
    for (const other of [{ ...owner, guildId: '2' }, { ...owner, keyId: 'b' }]) {
      const own = sealPrivateKey({ owner: other, seed, kek, random: constant })
      const mixed = { sealedPrivateKey: sealed.sealedPrivateKey, keyWrap: own.keyWrap }
      expect(() => openPrivateKey(other, mixed, [kek])).to.throw('does not decrypt')
      expect(() => openPrivateKey(other, sealed, [kek])).to.throw('has a wrap that does not open')
    }
  })

  it('does not open under another key-encryption key', () => {
    const sealed = sealPrivateKey({ owner, seed, kek, random: seededRandom('r') })
    const other = createKeyEncryptionKey(seededRandom('other')(32))
    expect(() => openPrivateKey(owner, sealed, [other])).to.throw('not configured here')
    const renamed = { ...sealed, keyWrap: sealed.keyWrap.replace(kek.kekId, other.kekId) }
    expect(() => openPrivateKey(owner, renamed, [other])).to.throw('has a wrap that does not open')
  })

  it('is not used when it is the private half of another public key', () => {
    const { cluster, keks } = createTestCluster()
    const { row } = createGuildKey({ guildId: testGuild, firstSequence: 1, cluster, keks, random: seededRandom('g') })
    expect(openGuildKey(row, keks).keyId).to.equal(row.keyId)
    const sealed = sealPrivateKey({ owner: row, seed, kek: keks[0], random: seededRandom('r') })
    expect(() => openGuildKey({ ...row, ...sealed }, keks)).to.throw('does not match its public key')
  })
})
