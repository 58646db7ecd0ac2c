/**
 * A guild's key from making to use: create it with its statements, or open a stored row and prove that it is whole.
 *
 * A key that follows another one is stated twice: by the cluster, and by the outgoing key over the same bytes.
 */
import type { GuildId } from '../../kernel/ids.ts'
import type { ClusterSigner, KeyEncryptionKeys } from './cluster-key.ts'
import type { Ed25519Signer } from './ed25519.ts'
import { createSigner, seedLength } from './ed25519.ts'
import { signStatement } from './guild-key-statement.ts'
import { equalBytes } from './hash.ts'
import { unusable } from './key-unusable.ts'
import type { SealedKey } from './sealed-key.ts'
import { openPrivateKey, sealPrivateKey } from './sealed-key.ts'
import type { GuildKeyRow, KeyMode } from './stored.ts'
import type { UnlockedByPassphrase, UnlockedKey } from './unlocked-key.ts'
import { openUnlockedCopy } from './unlocked-copy.ts'

export interface CreateGuildKeyInput {
  readonly guildId: GuildId
  readonly firstSequence: number
  readonly cluster: ClusterSigner
  readonly keks: KeyEncryptionKeys
  /** The key that signs until then; absent for a guild's first. */
  readonly outgoing?: UnlockedKey | null
  random(length: number): Uint8Array
}

export interface CreatedGuildKey {
  readonly row: GuildKeyRow
  readonly key: UnlockedKey
}

/** A key under the cluster's key-encryption key. */
export function createGuildKey(input: CreateGuildKeyInput): CreatedGuildKey {
  const { guildId, keks } = input
  const keyId = uuidOf(input.random(16))
  const seed = input.random(seedLength)
  const signer = createSigner(seed)
  const sealed = sealPrivateKey({ owner: { guildId, keyId }, seed, kek: keks[0], random: input.random })
  seed.fill(0)
  return stateKey(input, { keyId, signer, mode: 'cluster', sealed })
}

/** A key as the process that was given the passphrase made it: everything but what only the guild's owner can say. */
export interface OfferedKey {
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly sealed: SealedKey
  readonly unlocked: UnlockedByPassphrase
}

/** States an offered key. Throws `key-unusable` when its copy is not that of its public key. */
export function adoptGuildKey(input: CreateGuildKeyInput, offered: OfferedKey): CreatedGuildKey {
  const { keyId, publicKey, sealed, unlocked } = offered
  const signer = openCopy({ guildId: input.guildId, keyId, publicKey }, unlocked, input.keks)
  return stateKey(input, { keyId, signer, mode: 'passphrase', sealed, unlocked })
}

/** Opens a row in cluster mode whose statement was believed. Throws `key-unusable`. */
export function openGuildKey(row: GuildKeyRow, keks: KeyEncryptionKeys): UnlockedKey {
  const seed = openPrivateKey(row, row, keks)
  return { guildId: row.guildId, keyId: row.keyId, firstSequence: row.firstSequence, signer: signerOf(row, seed) }
}

/** What a guild's state says of its key. */
export interface KnownKey {
  readonly guildId: GuildId
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly firstSequence: number
}

/** Opens the copy that an unlocking left. Throws `key-unusable`. */
export function openUnlockedKey(known: KnownKey, unlocked: UnlockedByPassphrase, keks: KeyEncryptionKeys): UnlockedKey {
  const { guildId, keyId, firstSequence } = known
  return { guildId, keyId, firstSequence, signer: openCopy(known, unlocked, keks), unlocked }
}

type Whose = Pick<KnownKey, 'guildId' | 'keyId' | 'publicKey'>

function openCopy(whose: Whose, { unlockId, copy }: UnlockedByPassphrase, keks: KeyEncryptionKeys): Ed25519Signer {
  return signerOf(whose, openUnlockedCopy({ ...whose, unlockId }, copy, keks))
}

/** The signer of a seed, which is wiped; it must be the one of the public key that is known. */
function signerOf(whose: Whose, seed: Uint8Array): Ed25519Signer {
  const signer = createSigner(seed)
  seed.fill(0)
  if (!equalBytes(signer.publicKey, whose.publicKey)) throw unusable(whose, 'does not match its public key')
  return signer
}

function stateKey(
  { guildId, firstSequence, cluster, outgoing = null }: CreateGuildKeyInput,
  made: {
    readonly keyId: string
    readonly signer: Ed25519Signer
    readonly mode: KeyMode
    readonly sealed: SealedKey
    readonly unlocked?: UnlockedByPassphrase
  },
): CreatedGuildKey {
  const { keyId, signer, mode, sealed, unlocked } = made
  const signed = signStatement(cluster, { guildId, keyId, publicKey: signer.publicKey, firstSequence })
  const row: GuildKeyRow = {
    keyId,
    guildId,
    publicKey: signer.publicKey,
    firstSequence,
    lastSequence: null,
    mode,
    sealedPrivateKey: sealed.sealedPrivateKey,
    keyWrap: sealed.keyWrap,
    ...signed,
    predecessorSignature: outgoing === null ? null : outgoing.signer.sign(signed.statement),
  }
  return { row, key: { guildId, keyId, firstSequence, signer, ...(unlocked === undefined ? {} : { unlocked }) } }
}

/** A version 4 UUID of 16 random bytes (RFC 9562, section 5.4). */
export function uuidOf(random: Uint8Array): string {
  const bytes = Buffer.from(random)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
