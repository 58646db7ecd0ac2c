/**
 * The cluster's keys: the trust anchor of everything, from configuration and never from Postgres.
 *
 * The private key signs guild key statements and snapshots, and only processes that do so are given it; the API gets
 * public keys alone. Several public keys may be trusted at a time, so that the key can be changed. A key's id is the
 * first half of the SHA-256 of its public half: it names, it does not prove.
 *
 * The key-encryption key (KEK) wraps the data keys under which guilds' private keys are stored. The first configured one
 * wraps, the others only unwrap, until a re-wrap has passed over all rows.
 */
import { createHmac } from 'node:crypto'
import { AppError } from '../../kernel/errors.ts'
import { decodeBase64 } from './base64.ts'
import { createSigner, seedLength } from './ed25519.ts'
import type { Ed25519Signer } from './ed25519.ts'
import { findPublicKeyProblem, publicKeyLength } from './ed25519-strict.ts'
import { sha256 } from './hash.ts'
import { encodeHex } from './hex.ts'
import { createSecretBytes } from './secret.ts'
import type { SecretBytes } from './secret.ts'

/** Public keys by id. */
export type TrustedClusterKeys = ReadonlyMap<string, Uint8Array>

export interface ClusterSigner {
  readonly clusterKeyId: string
  readonly signer: Ed25519Signer
}

export interface KeyEncryptionKey {
  readonly kekId: string
  readonly key: SecretBytes
}

/** The first wraps; all unwrap. */
export type KeyEncryptionKeys = readonly [KeyEncryptionKey, ...KeyEncryptionKey[]]

export const kekLength = 32

/** A configured variable: its name is told when it cannot be used, its value never. */
export interface ConfiguredText {
  readonly name: string
  readonly text: string
}

/** Base64 of the 32-byte seed, as `openssl rand -base64 32` makes one. Throws `configuration-invalid`. */
export function parseClusterSigner({ name, text }: ConfiguredText): ClusterSigner {
  const signer = createSigner(decodeConfigured(name, text.trim(), seedLength))
  return { clusterKeyId: clusterKeyIdOf(signer.publicKey), signer }
}

/** Base64 public keys, separated by commas; at least one. Throws `configuration-invalid`. */
export function parseTrustedClusterKeys({ name, text }: ConfiguredText): TrustedClusterKeys {
  const trusted = new Map<string, Uint8Array>()
  for (const part of splitList(name, text)) {
    const publicKey = decodeConfigured(name, part, publicKeyLength)
    const problem = findPublicKeyProblem(publicKey)
    if (problem !== null) throw new AppError('configuration-invalid', `${name}: ${problem}`)
    trusted.set(clusterKeyIdOf(publicKey), publicKey)
  }
  return trusted
}

/** Base64 of 32 bytes each, separated by commas, the wrapping one first. Throws `configuration-invalid`. */
export function parseKeyEncryptionKeys({ name, text }: ConfiguredText): KeyEncryptionKeys {
  const keks = splitList(name, text).map((part) => createKeyEncryptionKey(decodeConfigured(name, part, kekLength)))
  const [first, ...others] = keks
  if (first === undefined) throw new AppError('configuration-invalid', `${name} is empty`)
  return [first, ...others]
}

export function createKeyEncryptionKey(bytes: Uint8Array): KeyEncryptionKey {
  // Keyed with the KEK itself: the id tells nothing about it beyond "the same as that one".
  const digest = createHmac('sha256', bytes).update('muster/kek-id/1').digest()
  return { kekId: digest.subarray(0, 8).toString('hex'), key: createSecretBytes(bytes, kekLength) }
}

/** Trust in the signer's own key, for processes that sign and verify with one key. */
export function trustOf(...signers: readonly ClusterSigner[]): TrustedClusterKeys {
  return new Map(signers.map(({ clusterKeyId, signer }) => [clusterKeyId, signer.publicKey]))
}

export function clusterKeyIdOf(publicKey: Uint8Array): string {
  return encodeHex(sha256(publicKey).subarray(0, 16))
}

function splitList(name: string, text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim()).filter((part) => part !== '')
  if (parts.length === 0) throw new AppError('configuration-invalid', `${name} is empty`)
  return parts
}

function decodeConfigured(name: string, text: string, lengthExpected: number): Uint8Array {
  const decoded = decodeBase64(text, lengthExpected)
  if (decoded.ok) return decoded.value
  throw new AppError('configuration-invalid', `${name}: ${decoded.problem}; expected ${lengthExpected} bytes in base64`)
}
