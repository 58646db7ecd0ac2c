/**
 * Sealing: a finished record becomes a receipt. What the runtime calls, synchronously, in a turn of the mailbox.
 *
 * Pure but for the keys it holds: time and random bytes come in, rows and an event go out, and nothing is written here.
 * The rows and the event belong into one commit. The caller passes the chain and key state it got back to the next
 * call, and drops both with the activation when the commit was fenced.
 *
 * A guild's first record makes its key: seal() then also returns the key's row, with its statement by the cluster key.
 */
import { assert } from '../../kernel/assert.ts'
import { AppError } from '../../kernel/errors.ts'
import type { GuildId } from '../../kernel/ids.ts'
import type { RecordDraft } from '../protocol/record.ts'
import { signChainHead } from './chain-head.ts'
import { evolveChain } from './chain-state.ts'
import type { ChainState, ReceiptIssued } from './chain-state.ts'
import type { ClusterSigner, KeyEncryptionKeys, TrustedClusterKeys } from './cluster-key.ts'
import type { CreatedGuildKey, KnownKey, OfferedKey } from './guild-key.ts'
import { adoptGuildKey, createGuildKey, openGuildKey, openUnlockedKey } from './guild-key.ts'
import { sha256 } from './hash.ts'
import { decodeHex, encodeHex } from './hex.ts'
import { believedKeys } from './key-history.ts'
import type { Ed25519Signer } from './ed25519.ts'
import { receiptBytes } from './receipt.ts'
import { assertDraft, payloadNames } from './receipt-payloads.ts'
import { receiptV1Bytes } from './receipt-v1.ts'
import type { ChainHeadRow, GuildKeyRow, ReceiptRow, ReceiptVersion1Row } from './stored.ts'
import type { GuildSecrets, MadeSecret, MakeSecretInput, SealedSecret } from './guild-secret.ts'
import { makeGuildSecret, openGuildSecrets } from './guild-secret.ts'
import type { UnlockedByPassphrase, UnlockedKey } from './unlocked-key.ts'

export interface SealInput {
  readonly guildId: GuildId
  readonly chain: ChainState
  /** null: the guild has no key yet, and one is made. */
  readonly key: UnlockedKey | null
  readonly draft: RecordDraft
  /** The guild wants the form of signing version 1 as well. */
  readonly alsoVersion1?: boolean
  /** Unix milliseconds, database's clock. */
  readonly issuedAt: number
  /** `length` bytes from the operating system's generator (from the seed in a simulation). */
  random(length: number): Uint8Array
}

export interface Sealed {
  readonly receiptRow: ReceiptRow
  readonly chainHeadRow: ChainHeadRow
  /** Only when it was wanted, and of types that signing version 1 knows. */
  readonly version1Row: ReceiptVersion1Row | null
  /** Only when this call made the guild's key. */
  readonly guildKeyRow: GuildKeyRow | null
  readonly event: ReceiptIssued
  /** The chain after `event`, as evolveChain makes it. */
  readonly chain: ChainState
  /** The key to hand to the next call. */
  readonly key: UnlockedKey
}

export interface Sealer {
  /**
   * The newest key of a guild, ready to sign; null when it has none, or one that only a passphrase unlocks. Rows whose
   * statements do not verify do not exist. Throws `key-unusable` when rows are there but none is believed, or the
   * believed one does not decrypt or does not match its public key.
   */
  unlock(keys: readonly GuildKeyRow[]): UnlockedKey | null
  /** The key that a passphrase unlocked, from the copy it left. Throws `key-unusable`. */
  openUnlocked(known: KnownKey, unlocked: UnlockedByPassphrase): UnlockedKey
  /** A new key, stated; `offered` null: one in cluster mode is made. Throws `key-unusable`. */
  makeKey(input: MakeKeyInput): CreatedGuildKey
  seal(input: SealInput): Sealed
  /** Draws a secret of a guild and encrypts it for its row. */
  makeSecret(input: MakeSecretInput): MadeSecret
  /** A guild's secrets by id. One that does not open here is left out: whoever needs it says so. */
  openSecrets(rows: readonly SealedSecret[]): GuildSecrets
}

export interface MakeKeyInput {
  readonly guildId: GuildId
  readonly chain: ChainState
  /** The key that signs until now and states its successor; null for a guild's first. */
  readonly outgoing: UnlockedKey | null
  readonly offered: OfferedKey | null
  random(length: number): Uint8Array
}

export interface SealerDeps {
  /** States new guild keys. */
  readonly cluster: ClusterSigner
  /** Believes stored ones; the signer's own key is among them. */
  readonly trusted: TrustedClusterKeys
  readonly keks: KeyEncryptionKeys
}

export function createSealer(deps: SealerDeps): Sealer {
  assert(deps.trusted.has(deps.cluster.clusterKeyId), 'sealer: its own cluster key is not trusted')
  return {
    unlock: (keys) => unlock(deps, keys),
    openUnlocked: (known, unlocked) => openUnlockedKey(known, unlocked, deps.keks),
    makeKey: (input) => makeKey(deps, input),
    seal: (input) => seal(deps, input),
    makeSecret: (input) => makeGuildSecret(input, deps.keks),
    openSecrets: (rows) => openGuildSecrets(rows, deps.keks),
  }
}

function unlock(deps: SealerDeps, keys: readonly GuildKeyRow[]): UnlockedKey | null {
  const [first] = keys
  if (first === undefined) return null
  const newest = believedKeys(deps.trusted, keys).at(-1)
  if (newest === undefined) {
    throw new AppError('key-unusable', `no signing key of guild ${first.guildId} has a statement that verifies here`, {
      context: { guildId: first.guildId, keys: keys.length },
    })
  }
  return newest.mode === 'passphrase' ? null : openGuildKey(newest, deps.keks)
}

function makeKey(deps: SealerDeps, { guildId, chain, outgoing, offered, random }: MakeKeyInput): CreatedGuildKey {
  assert(outgoing !== null || chain.keyId === null, 'a key that signed before states its successor')
  const input = { guildId, firstSequence: chain.sequence + 1, outgoing, cluster: deps.cluster, keks: deps.keks, random }
  return offered === null ? createGuildKey(input) : adoptGuildKey(input, offered)
}

function seal(deps: SealerDeps, input: SealInput): Sealed {
  const { guildId, chain, draft, issuedAt } = input
  assertDraft(draft)
  const sequence = chain.sequence + 1
  const made = input.key === null ? createKey(deps, input) : null
  const key = made?.key ?? input.key
  assert(key !== null && key.guildId === guildId, 'sealing: the key belongs to another guild')
  assert(key.firstSequence <= sequence, 'sealing: the key is not in use yet at this sequence')

  const { keyId, signer } = key
  const signed = receiptBytes({ guildId, keyId, sequence, prevHash: chain.headHash, issuedAt }, draft)
  const payloadHash = sha256(signed)
  const event: ReceiptIssued = {
    kind: 'receipt-issued',
    recordId: draft.recordId,
    sequence,
    hash: encodeHex(payloadHash),
    keyId,
  }
  return {
    receiptRow: {
      guildId,
      sequence,
      recordId: draft.recordId,
      type: draft.type,
      keyId,
      signed,
      signature: signer.sign(signed),
      payloadHash,
      prevHash: bytesOfHash(chain.headHash),
      issuedAt,
      subject: payloadNames(draft.type, draft.payload).subject,
    },
    chainHeadRow: {
      guildId,
      sequence,
      hash: payloadHash,
      keyId,
      signature: signChainHead(signer, { guildId, keyId, sequence, hash: payloadHash }),
    },
    version1Row: input.alsoVersion1 === true ? signVersion1(guildId, sequence, draft, signer) : null,
    guildKeyRow: made?.row ?? null,
    event,
    chain: evolveChain(chain, event),
    key,
  }
}

/** A second signature beside the first, by the same key; null for a type that version 1 does not know. */
function signVersion1(guildId: GuildId, sequence: number, draft: RecordDraft, signer: Ed25519Signer): ReceiptVersion1Row | null {
  const signed = receiptV1Bytes(guildId, draft)
  return signed === null ? null : { guildId, sequence, signed, signature: signer.sign(signed) }
}

function createKey(deps: SealerDeps, input: SealInput): CreatedGuildKey {
  // A chain that has receipts has a key. Making a second one here would hide that the first was lost.
  assert(input.chain.keyId === null, 'sealing: a chain with receipts came without its key')
  const { guildId, chain } = input
  return makeKey(deps, { guildId, chain, outgoing: null, offered: null, random: (length) => input.random(length) })
}

function bytesOfHash(hex: string): Uint8Array {
  const decoded = decodeHex(hex, 32)
  assert(decoded.ok, 'sealing: the chain head is not a hash')
  return decoded.value
}
