/** Sealing: rows and an event that belong together, keys made once, and nothing secret in what is stored or printed. */
import { expect } from 'chai'
import { inspect } from 'node:util'
import { chainHeadVerifies } from '../../../actors/records/chain-head.ts'
import { evolveChain, initialChain } from '../../../actors/records/chain-state.ts'
import { verifies } from '../../../actors/records/ed25519.ts'
import { findStatementProblem } from '../../../actors/records/guild-key-statement.ts'
import { sha256 } from '../../../actors/records/hash.ts'
import type { GuildKeyRow } from '../../../actors/records/stored.ts'
import type { CommitBatch } from '../../../actors/runtime/ports.ts'
import { codeOf } from '../../../kernel/errors.ts'
import { guildId } from '../../../kernel/ids.ts'
import { createTestCluster, sealChain, seededRandom, sessionDraft, testGuild, testUuid } from '../../support/records.ts'

const test = createTestCluster()
const chain = sealChain(test, 5)

function thrownCode(run: () => unknown): string | undefined {
  try {
    run()
  } catch (thrown) {
    return codeOf(thrown)
  }
  return undefined
}

describe('sealer', () => {
  it('seals rows that fit the commit', () => {
    const batch: Pick<CommitBatch, 'receipts' | 'chainHeads' | 'guildKeys'> = {
      receipts: chain.sealed.map(({ receiptRow }) => receiptRow),
      chainHeads: chain.sealed.map(({ chainHeadRow }) => chainHeadRow),
      guildKeys: chain.keys,
    }
    expect(batch.receipts.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3, 4, 5])
  })

  it('signs every receipt and every head with the key it states once', () => {
    expect(chain.keys).to.have.length(1)
    const [key] = chain.keys
    expect(findStatementProblem(test.trusted, key!)).to.equal(null)
    for (const { receiptRow: row, chainHeadRow: head } of chain.sealed) {
      expect(verifies({ publicKey: key!.publicKey, bytes: row.signed, signature: row.signature })).to.equal(true)
      expect(chainHeadVerifies(head, key!.publicKey)).to.equal(true)
      expect(head.hash).to.deep.equal(sha256(row.signed))
    }
  })

  it('returns an event that moves the chain as seal() did', () => {
    let state = initialChain()
    for (const sealed of chain.sealed) {
      state = evolveChain(state, JSON.parse(JSON.stringify(sealed.event)) as typeof sealed.event)
      expect(state).to.deep.equal(sealed.chain)
    }
    expect(() => evolveChain(state, chain.sealed[0]!.event)).to.throw('skipped or repeated')
  })

  it('unlocks the key it made, and goes on with it', () => {
    const last = chain.sealed.at(-1)!
    const key = test.sealer.unlock(chain.keys)
    const draft = sessionDraft(testUuid(seededRandom('next')))
    const input = { guildId: testGuild, chain: last.chain, draft, issuedAt: 1, random: seededRandom('r') }
    const next = test.sealer.seal({ ...input, key })
    expect(next.guildKeyRow).to.equal(null)
    expect(next.receiptRow).to.deep.equal(test.sealer.seal({ ...input, key: last.key }).receiptRow)
  })

  it('has no key for a guild without rows', () => expect(test.sealer.unlock([])).to.equal(null))

  it('passes over a row without a statement that verifies', () => {
    const forged = { ...chain.keys[0]!, keyId: testUuid(seededRandom('forged')), firstSequence: 3 }
    expect(test.sealer.unlock([...chain.keys, forged])?.keyId).to.equal(chain.keys[0]!.keyId)
  })

  const [key] = chain.keys
  const other = createTestCluster('another cluster')
  const otherGuild = sealChain(test, 1, { guild: guildId('42'), seed: 'other' }).keys[0]!
  const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
  for (const [what, row] of [
    ['stated by another cluster', sealChain(other, 1).keys[0]!],
    ['whose statement is of another guild', { ...key!, statement: otherGuild.statement }],
    ['with another public key', { ...key!, publicKey: otherGuild.publicKey }],
    ["with another guild's sealed key", { ...key!, sealedPrivateKey: otherGuild.sealedPrivateKey, keyWrap: otherGuild.keyWrap }],
    ['with a changed version byte', { ...key!, sealedPrivateKey: flipped(key!.sealedPrivateKey, 0) }],
    ['with a changed nonce', { ...key!, sealedPrivateKey: flipped(key!.sealedPrivateKey, 1) }],
    ['with a changed ciphertext', { ...key!, sealedPrivateKey: flipped(key!.sealedPrivateKey, 20) }],
    ['with a changed tag', { ...key!, sealedPrivateKey: flipped(key!.sealedPrivateKey, 60) }],
    ['with a cut sealed key', { ...key!, sealedPrivateKey: key!.sealedPrivateKey.subarray(1) }],
    ['with a wrap that is no JSON', { ...key!, keyWrap: 'wrap' }],
    ['with an unknown wrap mode', { ...key!, keyWrap: key!.keyWrap.replace('"cluster"', '"clustre"') }],
    ['wrapped by another key', { ...key!, keyWrap: key!.keyWrap.replace(/"kek_id":"./, '"kek_id":"x') }],
    ['with a changed wrap', { ...key!, keyWrap: key!.keyWrap.replace(/"tag":"(..)/, '"tag":"AA') }],
  ] satisfies readonly (readonly [string, GuildKeyRow])[]) {
    it(`refuses a key ${what}: key-unusable`, () => {
      expect(thrownCode(() => test.sealer.unlock([row]))).to.equal('key-unusable')
    })
  }

  it('asserts that a chain with receipts comes with its key', () => {
    const { chain: state } = chain.sealed.at(-1)!
    const draft = sessionDraft(testUuid(seededRandom('lost')))
    const input = { guildId: testGuild, chain: state, key: null, draft, issuedAt: 1, random: seededRandom('r') }
    expect(() => test.sealer.seal(input)).to.throw('came without its key')
  })

  it('asserts that a key signs for its own guild only', () => {
    const draft = sessionDraft(testUuid(seededRandom('guild')))
    const { key: strange } = chain.sealed[0]!
    const input = { guildId: guildId('42'), chain: initialChain(), key: strange, draft, issuedAt: 1, random: seededRandom('r') }
    expect(() => test.sealer.seal(input)).to.throw('belongs to another guild')
  })

  it('asserts that it signs nothing a reader would refuse', () => {
    const recordId = testUuid(seededRandom('form'))
    const seal = (draft: ReturnType<typeof sessionDraft>) => () =>
      test.sealer.seal({ guildId: testGuild, chain: initialChain(), key: null, draft, issuedAt: 1, random: seededRandom('r') })
    expect(seal(sessionDraft(recordId, { period_id: '' }))).to.throw('not in form')
    expect(seal(sessionDraft(recordId, { session_id: testUuid(seededRandom('x')) }))).to.throw('differs from its payload')
  })

  it('shows no secret: not the seed, not the data key, not the key-encryption key', () => {
    const drawn: string[] = []
    const random = seededRandom('secret')
    const sealed = test.sealer.seal({
      guildId: testGuild,
      chain: initialChain(),
      key: null,
      draft: sessionDraft(testUuid(seededRandom('s'))),
      issuedAt: 1,
      random: (length) => {
        const bytes = random(length)
        if (length === 32) drawn.push(Buffer.from(bytes).toString('hex'), Buffer.from(bytes).toString('base64'))
        return bytes
      },
    })
    expect(drawn).to.have.length(4)
    drawn.push(Buffer.from(test.keks[0].key.reveal()).toString('hex'))
    const rows = Object.values(sealed.guildKeyRow!).map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value),
    )
    const printed = [inspect(sealed, { depth: 9, showHidden: true }), JSON.stringify([sealed, test]), inspect(test, { depth: 9 }), ...rows]
    for (const secret of drawn) for (const text of printed) expect(text).not.to.contain(secret)
  })
})
