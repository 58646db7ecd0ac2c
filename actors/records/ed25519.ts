/**
 * The seam: everything of ours that signs or verifies Ed25519 (RFC 8032, section 5.1) comes through here.
 *
 * Node's OpenSSL does the work, behind the strict checks of ed25519-strict.ts; ed25519-reference.ts gives the same
 * answers with @noble/ed25519, and the tests hold the two against each other. Three answers are kept apart: malformed
 * (no signature or key at all), refuted (well formed, does not verify), verified.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { assert } from '../../kernel/assert.ts'
import { findPublicKeyProblem, findSignatureProblem, publicKeyLength, signatureLength } from './ed25519-strict.ts'
import { redactedInspection } from './secret.ts'
import { spkiOfPublicKey } from './spki.ts'

export const seedLength = 32

export interface SignatureInput {
  readonly publicKey: Uint8Array
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
}

export type SignatureCheck =
  | { readonly kind: 'verified' }
  | { readonly kind: 'refuted' }
  | { readonly kind: 'malformed'; readonly problem: string }

/** A key pair whose private half only signs: it cannot be read back or printed. */
export interface Ed25519Signer {
  readonly publicKey: Uint8Array
  /** 64 bytes. Deterministic: the same bytes give the same signature. */
  sign(bytes: Uint8Array): Uint8Array
}

/** PKCS #8 around a 32-byte seed: everything before the seed is fixed (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Node's form of a public key costs more than half a verification to make; bounded, oldest out first. */
const publicKeysMax = 20_000
const publicKeys = new Map<string, KeyObject>()

/** The signer of a seed. The caller may wipe the seed afterwards. */
export function createSigner(seed: Uint8Array): Ed25519Signer {
  assert(seed.length === seedLength, `an Ed25519 seed has ${seedLength} bytes`)
  const der = Buffer.concat([pkcs8Prefix, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return redactedInspection({
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey)),
  })
}

export function checkSignature(input: SignatureInput): SignatureCheck {
  const problem = findPublicKeyProblem(input.publicKey) ?? findSignatureProblem(input.signature)
  if (problem !== null) return { kind: 'malformed', problem }
  const verified = verify(null, input.bytes, publicKeyObject(input.publicKey), input.signature)
  return { kind: verified ? 'verified' : 'refuted' }
}

/**
 * The same answer from another thread: for a door that checks one signature after the other for strangers, and whose own
 * thread has the rest to do. Handing over costs a fifth of what it saves.
 */
export async function checkSignatureAside(input: SignatureInput): Promise<SignatureCheck> {
  const problem = findPublicKeyProblem(input.publicKey) ?? findSignatureProblem(input.signature)
  if (problem !== null) return { kind: 'malformed', problem }
  const key = publicKeyObject(input.publicKey)
  return await new Promise((resolve, reject) => {
    verify(null, input.bytes, key, input.signature, (error, verified) => {
      if (error === null) resolve({ kind: verified ? 'verified' : 'refuted' })
      else reject(error)
    })
  })
}

/** Signatures that stand under many records (key statements, heads) and were found good; bounded, oldest out first. */
const verifiedMax = 5_000
const verifiedBefore = new Set<string>()

/**
 * As `verifies`, remembering what was found good. The answer depends on nothing but the three given values, and they are
 * compared whole: remembering changes the time it takes and nothing else.
 */
export function verifiesAgain(input: SignatureInput): boolean {
  // Of fixed lengths, or the three joined could be split in another way.
  if (input.publicKey.length !== publicKeyLength || input.signature.length !== signatureLength) return false
  const known = [input.publicKey, input.signature, input.bytes].map(latin1).join('')
  if (verifiedBefore.has(known)) return true
  if (!verifies(input)) return false
  if (verifiedBefore.size >= verifiedMax) verifiedBefore.delete(verifiedBefore.keys().next().value ?? '')
  verifiedBefore.add(known)
  return true
}

/** True only for `verified`, where malformed and refuted mean the same to the caller. */
export function verifies(input: SignatureInput): boolean {
  return checkSignature(input).kind === 'verified'
}

function publicKeyObject(publicKey: Uint8Array): KeyObject {
  const id = latin1(publicKey)
  const known = publicKeys.get(id)
  if (known !== undefined) return known
  const key = createPublicKey({ key: Buffer.from(spkiOfPublicKey(publicKey)), format: 'der', type: 'spki' })
  if (publicKeys.size >= publicKeysMax) publicKeys.delete(publicKeys.keys().next().value ?? '')
  publicKeys.set(id, key)
  return key
}

/** One character a byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
