/**
 * What is refused before any Ed25519 library is asked, so that every library then gives the same answer.
 *
 * Left alone, libraries accept the identity key with a zero signature, keys that differ from each other by a point of
 * small order, and several spellings of one value. RFC 8032 leaves room; this file does not: lengths, S < L, canonical
 * encodings of A and R, no point of small order, no key with a torsion part. What passes means the same under the
 * cofactored and the cofactorless equation, except for an R with a torsion part: only the holder of the private key can
 * make one, the cofactorless equation (Node) refuses it by itself, and ed25519-reference.ts asks for it.
 *
 * Bytes and @noble/ed25519 only: a browser runs this file too.
 */
import { Point } from '@noble/ed25519'
import { coerceError } from '../../kernel/errors.ts'

export const publicKeyLength = 32
export const signatureLength = 64

/** p = 2^255 − 19, big end first: a y coordinate at or above it is a second spelling of a smaller one. */
const fieldPrime = bytesOfHex(`7f${'ff'.repeat(30)}ed`)
/** L, the order of the base point, big end first: S at or above it is a second spelling of a smaller one. */
const groupOrder = bytesOfHex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed')

/** The y coordinates of the eight points of small order, big end first; a sign bit makes the others of them. */
const smallOrderYs: ReadonlySet<string> = new Set([
  '00'.repeat(32), // order 4, with both signs
  `${'00'.repeat(31)}01`, // the identity
  `7f${'ff'.repeat(30)}ec`, // −1: order 2
  '05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826', // order 8, with both signs
  '7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7', // order 8, with both signs
])

/** Torsion takes a millisecond to rule out, and a guild's key is asked for again and again. */
const checkedKeysMax = 20_000
const checkedKeys = new Map<string, string | null>()

/** What is wrong with a public key, or null. Memoised: the answer depends on the bytes alone. */
export function findPublicKeyProblem(publicKey: Uint8Array): string | null {
  if (publicKey.length !== publicKeyLength) return `a public key has ${publicKeyLength} bytes, not ${publicKey.length}`
  const id = hexBigEndian(publicKey)
  const known = checkedKeys.get(id)
  if (known !== undefined) return known
  const problem = findPointProblem(publicKey, 'public key') ?? findCurveProblem(publicKey)
  if (checkedKeys.size >= checkedKeysMax) checkedKeys.delete(checkedKeys.keys().next().value ?? '')
  checkedKeys.set(id, problem)
  return problem
}

/** What is wrong with a signature whatever it signs, or null. Whether R lies on the curve is left to the equation. */
export function findSignatureProblem(signature: Uint8Array): string | null {
  if (signature.length !== signatureLength) return `a signature has ${signatureLength} bytes, not ${signature.length}`
  if (!isBelow(signature.subarray(32), groupOrder)) return 'S of the signature is not below the group order'
  return findPointProblem(signature.subarray(0, 32), 'R of the signature')
}

function findPointProblem(encoded: Uint8Array, what: string): string | null {
  // Not slice(): of a Buffer that is a view, and the line below would change what was signed.
  const y = new Uint8Array(encoded)
  y[31] = (y[31] ?? 0) & 0x7f
  if (!isBelow(y, fieldPrime)) return `${what} is not canonically encoded`
  if (smallOrderYs.has(hexBigEndian(y))) return `${what} is a point of small order`
  return null
}

function findCurveProblem(publicKey: Uint8Array): string | null {
  try {
    return Point.fromBytes(publicKey, false).isTorsionFree() ? null : 'public key has a torsion part'
  } catch (thrown) {
    // The library throws for exactly this and its message adds nothing.
    return `public key is not a point of the curve (${coerceError(thrown).name})`
  }
}

/** Compares a little-endian number with a bound whose big end is first. Public values: time may depend on them. */
function isBelow(littleEndian: Uint8Array, boundBigEndian: Uint8Array): boolean {
  for (let index = 0; index < 32; index++) {
    const digit = littleEndian[31 - index] ?? 0
    const bound = boundBigEndian[index] ?? 0
    if (digit !== bound) return digit < bound
  }
  return false
}

const byteTexts = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hexBigEndian(littleEndian: Uint8Array): string {
  let text = ''
  for (let index = littleEndian.length - 1; index >= 0; index--) {
    text += byteTexts[littleEndian[index] ?? 0]
  }
  return text
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16))
}
