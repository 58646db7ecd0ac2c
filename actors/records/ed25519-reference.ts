/**
 * The second opinion on a signature: @noble/ed25519, also what a browser runs.
 *
 * Same strict checks, same answer as ed25519.ts, fourteen times slower. Asynchronous, because in a browser SHA-512 is.
 * The library uses the cofactored equation, which forgives a torsion part in R; Node's does not. So R is asked for
 * here: with A free of torsion, "cofactored and R free of torsion" is the cofactorless equation.
 */
import { Point, verifyAsync } from '@noble/ed25519'
import { coerceError } from '../../kernel/errors.ts'
import type { SignatureCheck, SignatureInput } from './ed25519.ts'
import { findPublicKeyProblem, findSignatureProblem } from './ed25519-strict.ts'

export async function checkSignatureByReference(input: SignatureInput): Promise<SignatureCheck> {
  const problem = findPublicKeyProblem(input.publicKey) ?? findSignatureProblem(input.signature)
  if (problem !== null) return { kind: 'malformed', problem }
  if (!isTorsionFree(input.signature.subarray(0, 32))) return { kind: 'refuted' }
  const verified = await verifyAsync(input.signature, input.bytes, input.publicKey, { zip215: false })
  return { kind: verified ? 'verified' : 'refuted' }
}

function isTorsionFree(encoded: Uint8Array): boolean {
  try {
    return Point.fromBytes(encoded, false).isTorsionFree()
  } catch (thrown) {
    coerceError(thrown) // Not on the curve: no signature of anybody, and the library says it by throwing.
    return false
  }
}
