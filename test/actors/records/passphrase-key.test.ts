/** A key under a passphrase: opened by what was derived from it, by nothing else, and handed on for one unlocking only. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { createKeyEncryptionKey } from '../../../actors/records/cluster-key.ts'
import { adoptGuildKey, openUnlockedKey } from '../../../actors/records/guild-key.ts'
import { kekIdOf, readDerivation } from '../../../actors/records/key-wrap.ts'
import { createDerivation, makePassphraseKey, tryUnlockByPassphrase } from '../../../actors/records/passphrase-key.ts'
import { rewrapStep } from '../../../actors/records/key-rewrap.ts'
import type { KeyWrapStore, WrappedKey } from '../../../actors/records/key-rewrap.ts'
import { openPrivateKey } from '../../../actors/records/sealed-key.ts'
import { openUnlockedCopy } from '../../../actors/records/unlocked-copy.ts'
import { createTestCluster, sealChain, seededRandom, testGuild } from '../../support/records.ts'

const { cluster, keks, sealer } = createTestCluster()
const random = seededRandom('passphrase')
const derived = random(32)
const derivation = createDerivation(random)
const making = { keks, random }
const offered = makePassphraseKey(making, { guildId: testGuild, derivation, derived })
const { row, key } = adoptGuildKey({ guildId: testGuild, firstSequence: 1, cluster, keks, random }, offered)

describe('a key under a passphrase', () => {
  it('is stated and signs as any other, and is locked for who has only its row', () => {
    expect(row).to.include({ mode: 'passphrase', firstSequence: 1, lastSequence: null, predecessorSignature: null })
    expect(sealer.unlock([row])).to.equal(null)
    expect(() => openPrivateKey(row, row, keks)).to.throw('wrap of unknown form')
  })

  it('opens for what was derived from the same words, and signs the same', () => {
    const unlocked = tryUnlockByPassphrase(making, row, derived)
    const opened = openUnlockedKey({ ...row, guildId: testGuild }, unlocked!, keks)
    const bytes = new TextEncoder().encode('the same')
    expect(opened.signer.sign(bytes)).to.deep.equal(key.signer.sign(bytes))
  })

  it('opens for nothing else: one changed bit of what was derived, of the wrap or of the sealed key', () => {
    const index = (length: number) => fc.nat(length - 1)
    const flip = (bytes: Uint8Array, at: number, bit: number): Uint8Array => bytes.map((byte, place) => (place === at ? byte ^ (1 << bit) : byte))
    fc.assert(
      fc.property(index(32), fc.nat(7), (at, bit) => tryUnlockByPassphrase(making, row, flip(derived, at, bit)) === null),
    )
    fc.assert(
      fc.property(index(row.sealedPrivateKey.length), fc.nat(7), (at, bit) => {
        const changed = { ...row, sealedPrivateKey: flip(row.sealedPrivateKey, at, bit) }
        expect(() => tryUnlockByPassphrase(making, changed, derived)).to.throw(/does not decrypt|known form/)
      }),
    )
    fc.assert(
      fc.property(index(row.keyWrap.length), fc.nat(6), (at, bit) => {
        const bytes = flip(new TextEncoder().encode(row.keyWrap), at, bit)
        const keyWrap = new TextDecoder().decode(bytes)
        try {
          expect(tryUnlockByPassphrase(making, { ...row, keyWrap }, derived)).to.equal(null)
        } catch (thrown) {
          expect((thrown as { code?: string }).code).to.equal('key-unusable')
        }
      }),
    )
  })

  it('is derived within bounds, whatever somebody writes into its wrap', () => {
    expect(readDerivation(row, row.keyWrap)).to.include({ memoryKib: 65_536, passes: 3, lanes: 1 })
    for (const [from, to] of [
      ['"memory_kib":65536', '"memory_kib":4294967296'],
      ['"memory_kib":65536', '"memory_kib":8'],
      ['"passes":3', '"passes":1'],
      ['"passes":3', '"passes":1000'],
      ['argon2id', 'argon2d'],
    ] as const) {
      const keyWrap = row.keyWrap.replace(from, to)
      expect(keyWrap).not.to.equal(row.keyWrap)
      expect(() => readDerivation(row, keyWrap), to).to.throw('not allowed here')
    }
  })

  it('is handed on for one unlocking, one key, one guild, under a configured key-encryption key', () => {
    const { unlockId, copy } = tryUnlockByPassphrase(making, row, derived)!
    const whose = { guildId: row.guildId, keyId: row.keyId, unlockId }
    expect(openUnlockedCopy(whose, copy, keks)).to.have.length(32)
    expect(openUnlockedCopy(whose, copy, [createKeyEncryptionKey(random(32)), keks[0]])).to.have.length(32)
    for (const other of [{ ...whose, unlockId: 'b' }, { ...whose, guildId: '2' }, { ...whose, keyId: offered.unlocked.unlockId }]) {
      expect(() => openUnlockedCopy(other, copy, keks)).to.throw('another unlocking')
    }
    expect(() => openUnlockedCopy(whose, copy, [createKeyEncryptionKey(random(32))])).to.throw('MUSTER_KEK')
  })

  it('shows its private half to no log, error or JSON', () => {
    const seed = Buffer.from(openUnlockedCopy({ ...row, unlockId: key.unlocked!.unlockId }, key.unlocked!.copy, keks))
    const shown = [
      inspect({ key, row, offered }, { depth: 10, showHidden: true }), JSON.stringify({ key, row, offered }),
      ...[() => tryUnlockByPassphrase(making, { ...row, guildId: testGuild, keyWrap: '{}' }, derived), () => openPrivateKey(row, row, keks)].map((run) => {
        try {
          return inspect(run())
        } catch (thrown) {
          return inspect(thrown, { depth: 10, showHidden: true })
        }
      }),
    ].join('\n')
    const secrets = [seed, Buffer.from(derived), Buffer.from(keks[0].key.reveal())]
    for (const form of secrets.flatMap((secret) => [secret.toString('hex'), secret.toString('base64'), [...secret].join(',')])) {
      expect(shown.includes(form)).to.equal(false)
    }
  })
})

describe('a change of the key-encryption key', () => {
  const rows = new Map<string, WrappedKey>()
  const store: KeyWrapStore = {
    countOutdated: (kekId) => Promise.resolve([...rows.values()].filter((one) => kekIdOf(one, one.keyWrap) !== kekId).length),
    listOutdated: ({ kekId, after, limit }) =>
      Promise.resolve(
        [...rows.values()]
          .filter((one) => kekIdOf(one, one.keyWrap) !== kekId && one.keyId > (after ?? ''))
          .sort((a, b) => (a.keyId < b.keyId ? -1 : 1))
          .slice(0, limit),
      ),
    replaceWrap({ keyId, from, to }) {
      const stored = rows.get(keyId)
      if (stored?.keyWrap !== from) return Promise.resolve(false)
      rows.set(keyId, { ...stored, keyWrap: to })
      return Promise.resolve(true)
    },
  }
  const test = createTestCluster('rewrap')
  const keys = Array.from({ length: 7 }, (_, index) => sealChain(test, 1, { seed: `rewrap ${index}` }).keys[0]!)
  const newKek = createKeyEncryptionKey(random(32))

  beforeEach(() => {
    rows.clear()
    for (const one of keys) rows.set(one.keyId, one)
  })

  it('goes on step by step until nothing is under the older one, and every key opens as before', async () => {
    const deps = { store, keks: [newKek, ...test.keks] as const, random }
    let after: string | null = null
    const counts: number[] = []
    do {
      const step: Awaited<ReturnType<typeof rewrapStep>> = await rewrapStep(deps, { after, limit: 3 })
      counts.push(step.rewrapped)
      after = step.next
    } while (after !== null)
    expect(counts).to.deep.equal([3, 3, 1])
    expect(await store.countOutdated(newKek.kekId)).to.equal(0)
    for (const one of keys) {
      const { keyWrap } = rows.get(one.keyId)!
      expect(openPrivateKey(one, { ...one, keyWrap }, [newKek])).to.deep.equal(openPrivateKey(one, one, test.keks))
    }
    expect(await rewrapStep(deps, { after: null, limit: 3 })).to.deep.equal({ rewrapped: 0, failed: [], next: null })
  })

  it('names what does not open, leaves it as it is, and goes on', async () => {
    const [sick] = keys
    rows.set(sick!.keyId, { ...sick!, keyWrap: sick!.keyWrap.replace(test.keks[0].kekId, '0011223344556677') })
    const { rewrapped, failed } = await rewrapStep({ store, keks: [newKek, ...test.keks], random }, { after: null, limit: 20 })
    expect(rewrapped).to.equal(6)
    expect(failed.map(({ keyId }) => keyId)).to.deep.equal([sick!.keyId])
    expect(failed[0]?.problem).to.contain('MUSTER_KEK')
  })
})
