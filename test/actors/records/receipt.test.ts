/** The receipt's form: exactly these fields, in one spelling; and the file that carries it. */
import { expect } from 'chai'
import { canonicalBytes } from '../../../actors/records/canonical.ts'
import { parseReceipt } from '../../../actors/records/receipt.ts'
import { parseReceiptFile, receiptFile } from '../../../actors/records/receipt-file.ts'
import { createTestCluster, sealChain } from '../../support/records.ts'

const chain = sealChain(createTestCluster(), 2)
const [first, second] = chain.sealed
const signed = second!.receiptRow.signed
const receipt = JSON.parse(new TextDecoder().decode(signed)) as Record<string, unknown> & { payload: Record<string, unknown> }

function problemOf(value: unknown): string {
  const read = parseReceipt(canonicalBytes(value))
  return read.ok ? 'none' : read.problem
}

describe('receipt', () => {
  it('has the fields of signing version 2 and no other', () => {
    expect(Object.keys(receipt).toSorted()).to.deep.equal([
      'guild_id', 'issued_at', 'key_id', 'payload', 'prev_hash', 'sequence', 'signing_version', 'type',
    ])
    expect(receipt['signing_version']).to.equal(2)
    expect(receipt['issued_at']).to.equal('2026-11-20T19:00:01.000Z')
    expect(receipt['guild_id']).to.equal('1142857142857142857')
  })

  it('names its record, its subject and its time as the columns do', () => {
    const read = parseReceipt(signed)
    expect(read.ok && { ...read.value, receipt: null }).to.deep.equal({
      recordId: second!.receiptRow.recordId,
      subject: '1142857142857142858',
      issuedAt: second!.receiptRow.issuedAt,
      receipt: null,
    })
  })

  it('begins its chain with 64 zeros, and goes on with the hash before', () => {
    const read = parseReceipt(first!.receiptRow.signed)
    expect(read.ok && read.value.receipt.prev_hash).to.equal('0'.repeat(64))
    expect(receipt['prev_hash']).to.equal(Buffer.from(first!.receiptRow.payloadHash).toString('hex'))
  })

  for (const name of Object.keys(receipt)) {
    it(`is refused without ${name}`, () => {
      const { [name]: _left, ...rest } = receipt
      expect(problemOf(rest)).to.equal(`${name} is missing`)
    })
  }

  for (const name of Object.keys(receipt.payload)) {
    it(`is refused without ${name} in its payload`, () => {
      const { [name]: _left, ...payload } = receipt.payload
      expect(problemOf({ ...receipt, payload })).to.equal(`payload: ${name} is missing`)
    })
  }

  const otherPayload = (change: object) => ({ ...receipt, payload: { ...receipt.payload, ...change } })
  for (const [what, value] of [
    ['an unknown field', { ...receipt, extra: 1 }],
    ['an unknown field in its payload', otherPayload({ extra: 1 })],
    ['a field named __proto__', JSON.parse(JSON.stringify(receipt).replace('{', '{"__proto__":1,'))],
    ['an unknown type', { ...receipt, type: 'toString' }],
    ['signing version 3', { ...receipt, signing_version: 3 }],
    ['a guild id as a number', { ...receipt, guild_id: 1142857142857 }],
    ['a guild id with a leading zero', { ...receipt, guild_id: '01' }],
    ['a guild id beyond 63 bits', { ...receipt, guild_id: '9223372036854775808' }],
    ['a key id in capitals', { ...receipt, key_id: String(receipt['key_id']).toUpperCase() }],
    ['sequence 0', { ...receipt, sequence: 0 }],
    ['a sequence that is no integer', { ...receipt, sequence: 1.5 }],
    ['sequence 1 with a predecessor', { ...receipt, sequence: 1 }],
    ['sequence 2 without a predecessor', { ...receipt, prev_hash: '0'.repeat(64) }],
    ['a time without milliseconds', { ...receipt, issued_at: '2026-11-20T19:00:01Z' }],
    ['a time with an offset', { ...receipt, issued_at: '2026-11-20T19:00:01.000+00:00' }],
    ['February 30', { ...receipt, issued_at: '2026-02-30T19:00:01.000Z' }],
    ['a negative duration', otherPayload({ duration_seconds: -1 })],
    ['an end before the beginning', otherPayload({ left_at: '2026-11-20T17:59:59.999Z' })],
    ['a truth value as text', otherPayload({ recovered: 'false' })],
    ['a payload that is a list', { ...receipt, payload: [] }],
  ] as const) {
    it(`is refused with ${what}`, () => expect(problemOf(value)).not.to.equal('none'))
  }

  it('is refused when its bytes are not the canonical ones', () => {
    const text = new TextDecoder().decode(signed)
    for (const other of [text.replace(':', ': '), `${text}\n`, text.replace('{', '{"type":"voice-session",')]) {
      expect(parseReceipt(new TextEncoder().encode(other)).ok).to.equal(false)
    }
  })
})

describe('receipt file', () => {
  const row = second!.receiptRow
  const file = receiptFile({ signed, signature: row.signature, keyId: row.keyId, publicKey: second!.key.signer.publicKey })

  it('gives back what it was made of', () => {
    expect(parseReceiptFile(JSON.parse(JSON.stringify(file)))).to.deep.equal({
      ok: true,
      value: { signed, signature: row.signature, keyId: row.keyId, publicKey: second!.key.signer.publicKey },
    })
  })

  for (const [what, value] of [
    ['a list', [file]],
    ['text', 'file'],
    ['null', null],
    ['an unknown field', { ...file, extra: 1 }],
    ['format 2', { ...file, receipt_format: 2 }],
    ['sloppy base64', { ...file, signature: file.signature.replace(/==$/, '') }],
    ['a short signature', { ...file, signature: 'QUFB' }],
    ['a hash in capitals', { ...file, payload_hash: file.payload_hash.toUpperCase() }],
    ['the hash of other bytes', { ...file, payload_hash: '0'.repeat(64) }],
    ['a PEM of another key', { ...file, public_key_pem: file.public_key_pem.replace('A', 'B') }],
    ['numbers for text', { ...file, signed: 1 }],
  ] as const) {
    it(`is refused with ${what}`, () => expect(parseReceiptFile(value).ok).to.equal(false))
  }
})
