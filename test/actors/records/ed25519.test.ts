/**
 * The seam: Node and the reference give one answer on everything, RFC 8032's vectors hold, and what leaves room for a
 * second reading (small order, torsion, other spellings) is refused before either is asked.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { Point } from '@noble/ed25519'
import { sha512 } from '../../support/sha512.ts'
import { checkSignature, checkSignatureAside, createSigner } from '../../../actors/records/ed25519.ts'
import type { SignatureInput } from '../../../actors/records/ed25519.ts'
import { checkSignatureByReference } from '../../../actors/records/ed25519-reference.ts'
import { propertyRuns, seededRandom } from '../../support/records.ts'

interface Vector {
  readonly name: string
  readonly seed: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
}

const { vectors } = JSON.parse(
  readFileSync(new URL('../../vectors/ed25519-rfc8032.json', import.meta.url), 'utf8'),
) as { vectors: readonly Vector[] }

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(index * 8)) & 0xffn))
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** Both must agree; returns what they say. */
async function bothSay(input: SignatureInput): Promise<string> {
  const [hot, reference] = [checkSignature(input), await checkSignatureByReference(input)]
  expect(hot).to.deep.equal(reference)
  return hot.kind === 'malformed' ? hot.problem : hot.kind
}

/** A signature made outside the library, so that R and the key may carry a torsion part. */
function signWith(secret: { scalar: bigint; nonce: bigint }, options: { torsion?: Point; key: Uint8Array; bytes: Uint8Array }) {
  const noncePoint = Point.BASE.multiply(secret.nonce)
  const encodedR = (options.torsion === undefined ? noncePoint : noncePoint.add(options.torsion)).toBytes()
  const challenge = fromLittleEndian(sha512(Buffer.concat([encodedR, options.key, options.bytes]))) % groupOrder
  const s = (secret.nonce + challenge * secret.scalar) % groupOrder
  return new Uint8Array(Buffer.concat([encodedR, littleEndian(s)]))
}

/** A point of order 8. */
const torsionPoint = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', true)
const bytes = new TextEncoder().encode('a receipt')

describe('ed25519', () => {
  for (const vector of vectors) {
    it(`RFC 8032 ${vector.name}: the same key and signature, accepted by both`, async () => {
      const signer = createSigner(fromHex(vector.seed))
      const message = fromHex(vector.message)
      expect(toHex(signer.publicKey)).to.equal(vector.publicKey)
      expect(toHex(signer.sign(message))).to.equal(vector.signature)
      const input = { publicKey: signer.publicKey, bytes: message, signature: fromHex(vector.signature) }
      expect(await bothSay(input)).to.equal('verified')
    })
  }

  it('bytes are left as they were given, also when a database gave them as a Buffer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (seed) => {
        const signer = createSigner(seed)
        const given = { publicKey: Buffer.from(signer.publicKey), bytes, signature: Buffer.from(signer.sign(bytes)) }
        expect(await bothSay(given)).to.equal('verified')
        expect(toHex(given.publicKey)).to.equal(toHex(signer.publicKey))
        expect(toHex(given.signature)).to.equal(toHex(signer.sign(bytes)))
      }),
      propertyRuns(20),
    )
  })

  it('Node and the reference agree on random keys and messages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 2000 }),
        async (seed, message) => {
          const signer = createSigner(seed)
          const input = { publicKey: signer.publicKey, bytes: message, signature: signer.sign(message) }
          expect(await bothSay(input)).to.equal('verified')
        },
      ),
      propertyRuns(20),
    )
  })

  it('the other thread gives the same answer', async () => {
    const signer = createSigner(seededRandom('aside')(32))
    const whole = { publicKey: signer.publicKey, bytes: new Uint8Array([1, 2, 3]), signature: signer.sign(new Uint8Array([1, 2, 3])) }
    for (const input of [whole, { ...whole, bytes: new Uint8Array([1, 2]) }, { ...whole, signature: new Uint8Array(64) }, { ...whole, publicKey: new Uint8Array(3) }]) {
      expect(await checkSignatureAside(input)).to.deep.equal(checkSignature(input))
    }
  })

  it('Node and the reference agree that one flipped bit of key, message or signature does not verify', async function () {
    this.timeout(60_000)
    const signer = createSigner(seededRandom('flip')(32))
    const signature = signer.sign(bytes)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('publicKey', 'bytes', 'signature'), fc.nat(), async (part, place) => {
        const input = { publicKey: signer.publicKey, bytes, signature }
        const mangled = input[part as keyof typeof input].slice()
        const at = place % (mangled.length * 8)
        mangled[at >> 3]! ^= 1 << (at & 7)
        expect(await bothSay({ ...input, [part]: mangled })).not.to.equal('verified')
      }),
      propertyRuns(60),
    )
  })

  it('Node and the reference agree on bytes that never were a key or signature', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 31, maxLength: 33 }),
        fc.uint8Array({ minLength: 63, maxLength: 65 }),
        async (publicKey, signature) => {
          expect(await bothSay({ publicKey, bytes, signature })).not.to.equal('verified')
        },
      ),
      propertyRuns(60),
    )
  })

  it('refuses S + L, the second spelling of S', async () => {
    const signer = createSigner(seededRandom('malleable')(32))
    const signature = signer.sign(bytes)
    const s = fromLittleEndian(signature.subarray(32))
    const again = new Uint8Array(Buffer.concat([signature.subarray(0, 32), littleEndian(s + groupOrder)]))
    expect(await bothSay({ publicKey: signer.publicKey, bytes, signature: again })).to.equal(
      'S of the signature is not below the group order',
    )
  })

  it('refuses every point of small order as key and as R, in every spelling', async () => {
    const signer = createSigner(seededRandom('small')(32))
    const p = 2n ** 255n - 19n
    const ys = [0n, 1n, p - 1n, p, p + 1n, torsionPoint.toAffine().y, p - torsionPoint.toAffine().y]
    for (const y of ys) {
      for (const sign of [0n, 1n << 255n]) {
        const point = littleEndian(y + sign)
        const zero = new Uint8Array(64)
        zero.set(point)
        const pattern = /small order|not canonically encoded/
        expect(await bothSay({ publicKey: point, bytes, signature: zero })).to.match(pattern)
        expect(await bothSay({ publicKey: point, bytes, signature: signer.sign(bytes) })).to.match(pattern)
        expect(await bothSay({ publicKey: signer.publicKey, bytes, signature: zero })).to.match(pattern)
      }
    }
  })

  it('refuses the identity key with a zero signature, which both libraries alone accept', async () => {
    const identity = littleEndian(1n)
    const signature = new Uint8Array(64)
    signature.set(identity)
    expect(await bothSay({ publicKey: identity, bytes, signature })).to.equal('public key is a point of small order')
  })

  it('refuses a key with a torsion part, though its signature satisfies the equation', async () => {
    const scalar = 7919n
    const key = Point.BASE.multiply(scalar).add(torsionPoint).toBytes()
    const signature = signWith({ scalar, nonce: 104729n }, { key, bytes })
    expect(await bothSay({ publicKey: key, bytes, signature })).to.equal('public key has a torsion part')
  })

  it('refuses an R with a torsion part, which only the cofactored equation forgives', async () => {
    const scalar = 7919n
    const key = Point.BASE.multiply(scalar).toBytes()
    const secret = { scalar, nonce: 104729n }
    expect(await bothSay({ publicKey: key, bytes, signature: signWith(secret, { key, bytes }) })).to.equal('verified')
    const signature = signWith(secret, { torsion: torsionPoint, key, bytes })
    expect(await bothSay({ publicKey: key, bytes, signature })).to.equal('refuted')
  })

  it('refuses a key that is no point of the curve', async () => {
    const signature = createSigner(seededRandom('curve')(32)).sign(bytes)
    expect(await bothSay({ publicKey: littleEndian(2n), bytes, signature })).to.match(/not a point of the curve/)
  })

  it('a signer prints as nothing', () => {
    const seed = seededRandom('print')(32)
    const signer = createSigner(seed)
    // oxlint-disable-next-line typescript/no-base-to-string -- the point: its text tells nothing
    const printed = [inspect(signer), inspect({ signer }, { depth: 9, showHidden: true }), JSON.stringify({ signer }), String(signer)]
    for (const text of printed) {
      expect(text).to.contain('[redacted]')
      expect(text).not.to.contain(toHex(seed))
    }
  })
})
