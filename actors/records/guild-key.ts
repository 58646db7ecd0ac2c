/**
 * A guild's key from making to use: create it with its statement, or open a stored row and prove that it is whole.
 */
import type { GuildId } from '../../kernel/ids.ts'
import { AppError } from '../../kernel/errors.ts'
import type { ClusterSigner, KeyEncryptionKeys } from './cluster-key.ts'
import { createSigner, seedLength } from './ed25519.ts'
import { signStatement } from './guild-key-statement.ts'
import { equalBytes } from './hash.ts'
import { openPrivateKey, sealPrivateKey } from './sealed-key.ts'
import type { GuildKeyRow } from './stored.ts'
import type { UnlockedKey } from './unlocked-key.ts'

export interface CreateGuildKeyInput {
  readonly guildId: GuildId
  readonly firstSequence: number
  readonly cluster: ClusterSigner
  readonly keks: KeyEncryptionKeys
  random(length: number): Uint8Array
}

export function createGuildKey(input: CreateGuildKeyInput): { readonly row: GuildKeyRow; readonly key: UnlockedKey } {
  const { guildId, firstSequence } = input
  const keyId = uuidOf(input.random(16))
  const seed = input.random(seedLength)
  const signer = createSigner(seed)
  const sealed = sealPrivateKey({ owner: { guildId, keyId }, seed, kek: input.keks[0], random: input.random })
  seed.fill(0)
  const signed = signStatement(input.cluster, { guildId, keyId, publicKey: signer.publicKey, firstSequence })
  const row: GuildKeyRow = {
    keyId,
    guildId,
    publicKey: signer.publicKey,
    firstSequence,
    lastSequence: null,
    mode: 'cluster',
    ...sealed,
    ...signed,
    predecessorSignature: null,
  }
  return { row, key: { guildId, keyId, firstSequence, signer } }
}

/** Opens a row whose statement was believed. Throws `key-unusable`. */
export function openGuildKey(row: GuildKeyRow, keks: KeyEncryptionKeys): UnlockedKey {
  const seed = openPrivateKey(row, row, keks)
  const signer = createSigner(seed)
  seed.fill(0)
  if (!equalBytes(signer.publicKey, row.publicKey)) {
    throw new AppError('key-unusable', `the private key ${row.keyId} of guild ${row.guildId} does not match its public key`, {
      context: { guildId: row.guildId, keyId: row.keyId },
    })
  }
  return { guildId: row.guildId, keyId: row.keyId, firstSequence: row.firstSequence, signer }
}

/** A version 4 UUID of 16 random bytes (RFC 9562, section 5.4). */
function uuidOf(random: Uint8Array): string {
  const bytes = Buffer.from(random)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
