/**
 * A sealer without cryptography: the chain, the rows and the key are as the real one makes them, the signatures are
 * empty. Signing is what a seed would spend most of its time on, and it is tested elsewhere.
 */
import { createHash } from 'node:crypto'
import { assert } from '../../kernel/assert.ts'
import type { GuildId } from '../../kernel/ids.ts'
import { evolveChain } from '../../actors/records/chain-state.ts'
import type { ReceiptIssued } from '../../actors/records/chain-state.ts'
import { secretLength } from '../../actors/records/guild-secret.ts'
import { createSecretBytes } from '../../actors/records/secret.ts'
import type { SealInput, Sealed, Sealer } from '../../actors/records/sealer.ts'
import type { GuildKeyRow } from '../../actors/records/stored.ts'
import type { UnlockedKey } from '../../actors/records/unlocked-key.ts'

const noBytes = new Uint8Array(0)
const signature = new Uint8Array(64)

export const plainSealer: Sealer = {
  unlock(keys) {
    const newest = keys.at(-1)
    return newest === undefined ? null : unlockedKey(newest.guildId, newest.keyId, newest.firstSequence)
  },

  openUnlocked() {
    throw new Error('no guild of a simulation has a passphrase')
  },

  makeKey() {
    throw new Error('no guild of a simulation changes its key')
  },

  makeSecret({ guildId }) {
    const bytes = secretOf(guildId)
    return { secret: createSecretBytes(bytes, secretLength), sealed: Buffer.from(bytes).toString('hex') }
  },

  openSecrets: (rows) => new Map(rows.map(({ secretId, sealed }) => [secretId, createSecretBytes(Buffer.from(sealed, 'hex'), secretLength)])),

  seal(input): Sealed {
    const { guildId, chain, draft, issuedAt } = input
    const sequence = chain.sequence + 1
    assert((input.key === null) === (chain.keyId === null), 'a chain with receipts has a key, and no other has')
    const key = input.key ?? unlockedKey(guildId, uuidFrom(input), sequence)
    const signed = new TextEncoder().encode(JSON.stringify({ guildId, sequence, prev: chain.headHash, issuedAt, draft }))
    const payloadHash = new Uint8Array(createHash('sha256').update(signed).digest())
    const { keyId } = key
    const hash = Buffer.from(payloadHash).toString('hex')
    const event: ReceiptIssued = { kind: 'receipt-issued', recordId: draft.recordId, sequence, hash, keyId }
    const prevHash = new Uint8Array(Buffer.from(chain.headHash, 'hex'))
    const { recordId, type } = draft
    return {
      receiptRow: { guildId, sequence, recordId, type, keyId, signed, signature, payloadHash, prevHash, issuedAt, subject: null },
      chainHeadRow: { guildId, sequence, hash: payloadHash, keyId, signature },
      version1Row: null,
      guildKeyRow: input.key === null ? keyRow(guildId, keyId, sequence) : null,
      event,
      chain: evolveChain(chain, event),
      key,
    }
  },
}

/** One for all classes of a guild: plans are drawn before they run, and know its codes. */
export const secretOf = (guildId: string): Uint8Array => createHash('sha256').update(`secret of ${guildId}`).digest()

function unlockedKey(guildId: GuildId, keyId: string, firstSequence: number): UnlockedKey {
  return { guildId, keyId, firstSequence, signer: { publicKey: noBytes, sign: () => signature } }
}

function uuidFrom(input: SealInput): string {
  const hex = Buffer.from(input.random(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function keyRow(guildId: GuildId, keyId: string, firstSequence: number): GuildKeyRow {
  return {
    keyId,
    guildId,
    publicKey: noBytes,
    firstSequence,
    lastSequence: null,
    mode: 'cluster',
    sealedPrivateKey: noBytes,
    keyWrap: '{}',
    statement: noBytes,
    statementSignature: signature,
    clusterKeyId: 'plain',
    predecessorSignature: null,
  }
}
