/**
 * The verdict: valid as sealed, and never after anybody without keys touched anything.
 *
 * Method: take the evidence of an untouched chain, change one bit of one field, or do what a person with access to the
 * tables would do, and ask again.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { signChainHead } from '../../../actors/records/chain-head.ts'
import { createSigner } from '../../../actors/records/ed25519.ts'
import { createGuildKey } from '../../../actors/records/guild-key.ts'
import { sha256 } from '../../../actors/records/hash.ts'
import { receiptBytes } from '../../../actors/records/receipt.ts'
import { createSealer } from '../../../actors/records/sealer.ts'
import type { StoredReceipt } from '../../../actors/records/stored.ts'
import { findReceiptProblem } from '../../../actors/records/chain.ts'
import { readKeyHistory } from '../../../actors/records/key-history.ts'
import { computeVerdict, findPublicKey, judgeAside } from '../../../actors/records/verdict.ts'
import type { RecordEvidence } from '../../../actors/records/verdict.ts'
import { guildId } from '../../../kernel/ids.ts'
import {
  createTestCluster, evidenceOf, propertyRuns, sealChain, seededRandom, sessionDraft, testGuild, testUuid,
} from '../../support/records.ts'

const test = createTestCluster()
const chain = sealChain(test, 5)
const evidence = evidenceOf(chain, 2)

function reasonOf(changed: RecordEvidence): string {
  const verdict = computeVerdict(test.trusted, changed)
  return verdict.valid ? 'valid' : verdict.reason
}


/** What a verifier never reads. */
const privateFields = ['mode', 'sealedPrivateKey', 'keyWrap', 'predecessorSignature']

function mangle(value: unknown, place: number): unknown {
  if (value instanceof Uint8Array) {
    const changed = value.slice()
    const at = place % (changed.length * 8)
    changed[at >> 3]! ^= 1 << (at & 7)
    return changed
  }
  if (typeof value === 'number') return value ^ (1 << place % 20) || value + 1
  if (typeof value !== 'string') return place + 1
  const at = place % value.length
  return value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ (1 << place % 7)) + value.slice(at + 1)
}

describe('verdict', () => {
  for (const index of chain.sealed.keys()) {
    it(`record ${index + 1} of 5 is valid as sealed`, () => {
      expect(computeVerdict(test.trusted, evidenceOf(chain, index))).to.deep.equal({ valid: true, current: true })
    })
  }

  it('checked in another thread it is the same verdict, and a check of something else is not believed', async () => {
    const broken = { ...evidence, receipt: { ...evidence.receipt, signature: evidence.previous!.signature } }
    const erased = { ...evidence, receipt: { ...evidence.receipt, signed: null } }
    for (const changed of [evidence, broken, erased, { ...evidence, keys: [] }]) {
      const { verdict, publicKey } = await judgeAside(test.trusted, changed)
      expect(verdict).to.deep.equal(computeVerdict(test.trusted, changed))
      expect(publicKey).to.deep.equal(findPublicKey(test.trusted, changed))
    }
    const { publicKey } = chain.keys[0]!
    const elsewhere = { publicKey, bytes: evidence.receipt.signed!, signature: evidence.receipt.signature }
    const history = readKeyHistory(test.trusted, broken.keys)
    const problem = findReceiptProblem(history, broken.receipt.guildId, broken.receipt, { input: elsewhere, check: { kind: 'verified' } })
    expect(problem).to.equal('the signature does not verify')
  })

  it('the only record of a guild is valid', () => {
    expect(reasonOf(evidenceOf(sealChain(test, 1), 0))).to.equal('valid')
  })

  it('one flipped bit anywhere in the receipt, the head or the key refuses', () => {
    const part = fc.constantFrom<'receipt' | 'head' | 'key'>('receipt', 'head', 'key')
    const at = (index: number) => evidenceOf(chain, index)
    fc.assert(
      fc.property(part, fc.nat({ max: 4 }), fc.nat(), fc.nat(), (what, index, field, place) => {
        const whole = at(index)
        const row = what === 'receipt' ? whole.receipt : what === 'head' ? whole.head! : whole.keys[0]!
        const names = Object.keys(row).filter((name) => !privateFields.includes(name))
        const name = names[field % names.length]!
        const mangled = { ...row, [name]: mangle(Object.getOwnPropertyDescriptor(row, name)?.value, place) }
        const changed = what === 'key' ? { ...whole, keys: [mangled] } : { ...whole, [what]: mangled }
        expect(reasonOf(changed as RecordEvidence), `${what}.${name}`).not.to.equal('valid')
      }),
      propertyRuns(600),
    )
  })

  it('one flipped bit in the bytes or hash of a neighbour refuses', () => {
    fc.assert(
      fc.property(fc.constantFrom<'previous' | 'next'>('previous', 'next'), fc.nat(), (which, place) => {
        const neighbour = evidence[which]!
        for (const name of ['signed', 'payloadHash'] as const) {
          const mangled = { ...neighbour, [name]: mangle(neighbour[name], place) }
          expect(reasonOf({ ...evidence, [which]: mangled }), `${which}.${name}`).not.to.equal('valid')
        }
      }),
      propertyRuns(200),
    )
  })

  it('every column is held against the signed bytes', () => {
    const before = { guildId: '42', recordId: testUuid(seededRandom('x')), type: 'period', issuedAt: 1, subject: null }
    for (const [name, value] of Object.entries(before)) {
      expect(reasonOf({ ...evidence, receipt: { ...evidence.receipt, [name]: value } }), name).not.to.equal('valid')
    }
  })

  it('an edited row with a hash made to fit is refused by its signature', () => {
    const { receipt } = evidence
    const text = new TextDecoder().decode(receipt.signed!).replace('"duration_seconds":2700', '"duration_seconds":9999')
    const signed = new TextEncoder().encode(text)
    expect(reasonOf({ ...evidence, receipt: { ...receipt, signed, payloadHash: sha256(signed) } })).to.equal(
      'the signature does not verify',
    )
  })

  it('a signature that is none is refused: zero, cut, S not below L', () => {
    const { receipt } = evidence
    const tooLarge = receipt.signature.slice().fill(0xff, 32)
    for (const signature of [new Uint8Array(64), receipt.signature.subarray(1), new Uint8Array(), tooLarge]) {
      expect(reasonOf({ ...evidence, receipt: { ...receipt, signature } })).not.to.equal('valid')
    }
  })

  it('a genuine receipt of another record is refused in this row', () => {
    const other = chain.sealed[1]!.receiptRow
    const { signed, signature, payloadHash } = other
    expect(reasonOf({ ...evidence, receipt: { ...evidence.receipt, signed, signature, payloadHash } })).to.contain('does not agree')
  })

  it("another guild's key, a key of another cluster and a forged statement are refused", () => {
    const guild = sealChain(test, 3, { guild: guildId('42'), seed: 'guild' })
    expect(reasonOf({ ...evidence, keys: guild.keys })).to.equal('the guild has no such key')
    expect(reasonOf({ ...evidence, keys: [] })).to.equal('the guild has no such key')
    const foreign = createTestCluster('foreign')
    expect(reasonOf(evidenceOf(sealChain(foreign, 3), 1))).to.contain('no statement that verifies')
    const { statement, statementSignature } = sealChain(foreign, 1).keys[0]!
    expect(reasonOf({ ...evidence, keys: [{ ...chain.keys[0]!, statement, statementSignature }] })).to.contain('no statement')
  })

  it('a whole chain forged under a key of its own is refused, however consistent', () => {
    const mallory = createTestCluster('mallory')
    const sealer = createSealer({ ...mallory })
    const forged = sealChain({ ...mallory, sealer }, 3)
    const clusterKeyId = test.cluster.clusterKeyId
    expect(reasonOf({ ...evidenceOf(forged, 1), keys: [{ ...forged.keys[0]!, clusterKeyId }] })).to.contain('no statement')
  })

  it('a deleted or swapped neighbour is seen', () => {
    expect(reasonOf({ ...evidence, previous: null })).to.equal('the receipt before it is missing')
    expect(reasonOf({ ...evidence, next: null })).to.equal('the receipt after it is missing')
    expect(reasonOf({ ...evidence, previous: evidence.next, next: evidence.previous })).to.contain('missing')
    const swapped = { ...chain.sealed[0]!.receiptRow, sequence: 2 }
    expect(reasonOf({ ...evidence, previous: swapped })).to.contain('prev_hash is not the hash')
    expect(reasonOf({ ...evidence, next: { ...chain.sealed[4]!.receiptRow, sequence: 4 } })).to.contain('names another one')
  })

  it('newest receipts cut off are seen against the signed head', () => {
    const cut = { ...evidenceOf(chain, 2), next: null, newest: chain.sealed[2]!.receiptRow }
    expect(reasonOf(cut)).to.equal('receipts up to the signed head are missing')
  })

  it('a head taken away, rolled back or signed by somebody else is seen', () => {
    expect(reasonOf({ ...evidence, head: null })).to.equal('the signed head is missing')
    expect(reasonOf({ ...evidence, head: chain.sealed[2]!.chainHeadRow })).to.equal('there are receipts beyond the signed head')
    const head = chain.sealed[4]!.chainHeadRow
    const signature = signChainHead(createSigner(seededRandom('m')(32)), head)
    expect(reasonOf({ ...evidence, head: { ...head, signature } })).to.contain('head does not verify')
    const other = sealChain(test, 5, { guild: guildId('42'), seed: 'head' }).sealed[4]!.chainHeadRow
    expect(reasonOf({ ...evidence, head: other })).to.equal('the signed head: the guild has no such key')
  })

  it('a receipt kept from a fork, with the head of the other branch, is seen', () => {
    const fork = sealChain(test, 5, { seed: 'chain' })
    const { sealed } = fork
    const before = sealed[3]!
    const draft = sessionDraft(testUuid(seededRandom('fork')))
    const branch = test.sealer.seal({ guildId: testGuild, chain: before.chain, key: before.key, draft, issuedAt: 5, random: seededRandom('f') })
    const whole = evidenceOf(fork, 4)
    expect(reasonOf({ ...whole, head: branch.chainHeadRow })).to.equal('the newest receipt is not the one the signed head names')
  })

  it('two rows that claim one record are seen', () => {
    expect(reasonOf({ ...evidence, isUnique: false })).to.equal('more than one receipt claims this record')
  })

  it('an erased record is not valid, and its erased neighbour does not harm another', () => {
    const erased = (receipt: StoredReceipt): StoredReceipt => ({ ...receipt, signed: null })
    expect(reasonOf({ ...evidence, receipt: erased(evidence.receipt) })).to.contain('erased')
    const around = { previous: erased(evidence.previous!), next: erased(evidence.next!) }
    expect(reasonOf({ ...evidence, ...around })).to.equal('valid')
  })

  it('bytes that are signed but no receipt are refused', () => {
    const { signer } = chain.sealed[0]!.key
    const signed = new TextEncoder().encode('{"duration_seconds":1}')
    const row = { ...evidence.receipt, signed, signature: signer.sign(signed), payloadHash: sha256(signed) }
    expect(reasonOf({ ...evidence, receipt: row })).to.contain('no receipt')
  })
})

describe('verdict: keys over time', () => {
  const random = seededRandom('rotation')
  const input = { guildId: testGuild, cluster: test.cluster, keks: test.keks, random }
  const first = createGuildKey({ ...input, firstSequence: 1 })
  const second = createGuildKey({ ...input, firstSequence: 3, outgoing: first.key })
  const keys = [{ ...first.row, lastSequence: 2 }, second.row]

  /** A chain of three receipts, each signed by the given key. */
  function evidenceSignedBy(signers: readonly (typeof first)[], stated: RecordEvidence['keys']): RecordEvidence {
    const rows: StoredReceipt[] = []
    for (const [index, { key }] of signers.entries()) {
      const draft = sessionDraft(testUuid(seededRandom(`r${index}`)))
      const prevHash = rows.at(-1)?.payloadHash ?? new Uint8Array(32)
      const place = { guildId: testGuild, keyId: key.keyId, sequence: index + 1, issuedAt: index }
      const signed = receiptBytes({ ...place, prevHash: Buffer.from(prevHash).toString('hex') }, draft)
      const signature = key.signer.sign(signed)
      const { recordId, type, payload } = draft
      rows.push({ ...place, recordId, type, signed, signature, payloadHash: sha256(signed), prevHash, subject: payload.user_id })
    }
    const receipt = rows.at(-1)!
    const { key } = signers.at(-1)!
    const headFacts = { guildId: testGuild, keyId: key.keyId, sequence: receipt.sequence, hash: receipt.payloadHash }
    const head = { ...headFacts, signature: signChainHead(key.signer, headFacts) }
    return { receipt, isUnique: true, previous: rows.at(-2) ?? null, next: null, newest: receipt, head, keys: stated, amendments: [] }
  }

  it('each key signs its own sequences', () => {
    expect(reasonOf(evidenceSignedBy([first, first, second], keys))).to.equal('valid')
    expect(reasonOf(evidenceSignedBy([first, first], keys))).to.equal('valid')
  })

  it('a key outside its sequences is refused', () => {
    expect(reasonOf(evidenceSignedBy([first, first, first], keys))).to.equal('the key was not in use at this sequence')
    expect(reasonOf(evidenceSignedBy([first, second], keys))).to.equal('the key was not in use at this sequence')
  })

  it('a last sequence edited in the table does not prolong a key', () => {
    const prolonged = [{ ...first.row, lastSequence: null }, second.row]
    expect(reasonOf(evidenceSignedBy([first, first, first], prolonged))).to.contain("last sequence does not agree")
    const shortened = [{ ...first.row, lastSequence: 1 }, second.row]
    expect(reasonOf(evidenceSignedBy([first, first], shortened))).to.contain("last sequence does not agree")
  })
})
