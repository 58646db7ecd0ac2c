/** A receipt file from outside: registered keys decide, whatever the file brings along. */
import { expect } from 'chai'
import fc from 'fast-check'
import { encodeBase64 } from '../../../actors/records/base64.ts'
import { createSigner } from '../../../actors/records/ed25519.ts'
import { judgeReceiptFile, parseSignedRecord } from '../../../actors/records/file-verdict.ts'
import { sha256 } from '../../../actors/records/hash.ts'
import { encodeHex } from '../../../actors/records/hex.ts'
import { parseReceiptFileBytes, receiptFile } from '../../../actors/records/receipt-file.ts'
import type { ReceiptFile } from '../../../actors/records/receipt-file.ts'
import { receiptV1Bytes } from '../../../actors/records/receipt-v1.ts'
import type { StatedKey } from '../../../actors/records/stored.ts'
import { sealEveryType } from '../../support/every-record.ts'
import { createTestCluster, propertyRuns, sealChain, seededRandom, sessionDraft, testGuild, testUuid } from '../../support/records.ts'

const test = createTestCluster()
const chain = sealEveryType(test)
const [{ receiptRow: row, key }] = chain.sealed as [(typeof chain.sealed)[number]]
const file = receiptFile({ signed: row.signed, signature: row.signature, keyId: row.keyId, publicKey: key.signer.publicKey })

/** What the whole way says of a file's text: `valid`, the reason, or that it is malformed. */
function judge(text: string, keys: readonly StatedKey[] = chain.keys): string {
  const parts = parseReceiptFileBytes(new TextEncoder().encode(text))
  if (!parts.ok) return `malformed: ${parts.problem}`
  const record = parseSignedRecord(parts.value.signed)
  if (!record.ok) return `malformed: ${record.problem}`
  const verdict = judgeReceiptFile({ trusted: test.trusted, keys }, parts.value, record.value)
  return verdict.valid ? 'valid' : verdict.reason
}
const judgeFile = (changed: Partial<ReceiptFile>, keys?: readonly StatedKey[]) => judge(JSON.stringify({ ...file, ...changed }), keys)

describe('verdict on a receipt file', () => {
  it('accepts what the guild signed, of every type and in any white space and order', () => {
    for (const { receiptRow } of chain.sealed) {
      const { signed, signature, keyId } = receiptRow
      expect(judge(JSON.stringify(receiptFile({ signed, signature, keyId, publicKey: key.signer.publicKey }), null, 2))).to.equal('valid')
    }
    expect(judge(JSON.stringify(Object.fromEntries(Object.entries(file).toReversed())))).to.equal('valid')
  })

  it('accepts version 1 under any key of its guild, and refuses it under another', () => {
    const signed = receiptV1Bytes(testGuild, sessionDraft(testUuid(seededRandom('one'))))!
    const old = receiptFile({ signed, signature: key.signer.sign(signed), keyId: row.keyId, publicKey: key.signer.publicKey })
    expect(judge(JSON.stringify(old))).to.equal('valid')
    expect(judge(JSON.stringify(old), [])).to.equal('the guild has no such key')
    const own = createSigner(new Uint8Array(32).fill(7))
    expect(judge(JSON.stringify(receiptFile({ signed, signature: own.sign(signed), keyId: row.keyId, publicKey: own.publicKey })))).to.equal(
      'the key in the file is not the registered one',
    )
  })

  it('refuses a file that brings its own key, however well it fits', () => {
    const own = createSigner(new Uint8Array(32).fill(9))
    const forged = receiptFile({ signed: row.signed, signature: own.sign(row.signed), keyId: row.keyId, publicKey: own.publicKey })
    expect(judge(JSON.stringify(forged))).to.equal('the key in the file is not the registered one')
  })

  it('refuses keys that nobody stated, of another guild, or not in use at the sequence', () => {
    expect(judgeFile({}, [])).to.equal('the guild has no such key')
    expect(judgeFile({}, chain.keys.map((known) => ({ ...known, statementSignature: new Uint8Array(64) })))).to.match(/statement|such key/)
    const strange = sealChain(createTestCluster('strangers'), 1)
    expect(judgeFile({}, strange.keys)).to.match(/such key|statement/)
    const later = sealChain(test, 1, { seed: 'later' }).keys.map((known) => ({ ...known, keyId: row.keyId }))
    expect(judgeFile({}, later)).to.match(/statement|such key/)
  })

  it('refuses a key id that the receipt does not name', () => {
    expect(judgeFile({ key_id: testUuid(seededRandom('other')) })).to.equal('the file names another key than the receipt')
  })

  for (const [what, change] of [
    ['sloppy base64', { signed: file.signed.replace(/=*$/, '') + (file.signed.endsWith('=') ? '' : '=') }],
    ['base64 of the URL alphabet', { signature: file.signature.replaceAll('+', '-').replaceAll('/', '_').replace(/^./, '-') }],
    ['base64 with a line end', { signed: `${file.signed}\n` }],
    ['a hash in capitals', { payload_hash: `${file.payload_hash.slice(0, -1)}A` }],
    ['a hash with a digit less', { payload_hash: file.payload_hash.slice(1) }],
    ['another format', { receipt_format: 2 as 1 }],
    ['a PEM that is not the key', { public_key_pem: file.public_key_pem.trim() }],
    ['a key that is too short', { public_key: encodeBase64(new Uint8Array(31)) }],
  ] as const) {
    it(`malformed: ${what}`, () => expect(judgeFile(change)).to.match(/^malformed: /))
  }

  it('malformed: what is not one JSON object with each key once', () => {
    const text = JSON.stringify(file)
    const twice = text.replace('{', `{"signed":"${encodeBase64(new Uint8Array(3))}",`)
    for (const other of ['', '[]', 'null', '1', `[${text}]`, text.slice(1), `${text}${text}`, twice, text.replace('{', '{"\\u0073igned":"",'), '{"__proto__":1}']) {
      expect(judge(other), other.slice(0, 40)).to.match(/^malformed: /)
    }
    expect(judge(twice)).to.equal('malformed: a key stands twice')
  })

  it('the identity key with a zero signature signs nothing', () => {
    const identity = new Uint8Array(32)
    identity[0] = 1
    const signature = new Uint8Array(64)
    signature[0] = 1
    const forged = receiptFile({ signed: row.signed, signature, keyId: row.keyId, publicKey: identity })
    const registered = chain.keys.map((known) => ({ ...known, publicKey: identity }))
    expect(judge(JSON.stringify(forged))).not.to.equal('valid')
    expect(judge(JSON.stringify(forged), registered)).not.to.equal('valid')
  })

  it('one flipped bit of bytes, signature or key refuses, the hash made to fit', () => {
    const flips = fc.constantFrom('signed' as const, 'signature' as const, 'public_key' as const)
    const flip = fc.property(flips, fc.nat(), (field, place) => {
      const bytes = new Uint8Array(Buffer.from(file[field], 'base64'))
      const at = place % (bytes.length * 8)
      bytes[at >> 3]! ^= 1 << (at & 7)
      const signed = field === 'signed' ? bytes : row.signed
      expect(judgeFile({ [field]: encodeBase64(bytes), payload_hash: encodeHex(sha256(signed)) })).not.to.equal('valid')
    })
    fc.assert(flip, propertyRuns(1_000))
  })
})
