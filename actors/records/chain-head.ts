/**
 * The signed head of a guild's receipt chain: "my newest receipt is number n and hashes to h", by the guild's key.
 *
 * Renewed with every receipt. Cutting off the newest receipts needs a head that says so, which only the key can sign.
 * The domain and version are inside what is signed: a head is never a receipt, nor a receipt a head.
 */
import { canonicalBytes } from './canonical.ts'
import type { Ed25519Signer } from './ed25519.ts'
import { verifiesAgain } from './ed25519.ts'
import { encodeHex } from './hex.ts'
import { createMemo } from './memo.ts'

export interface ChainHeadFacts {
  readonly guildId: string
  readonly keyId: string
  readonly sequence: number
  /** 32 bytes. */
  readonly hash: Uint8Array
}

const heads = createMemo<Uint8Array>(5_000)

/** The exact bytes that are signed; fixed by the facts, so they are built again and not stored. */
export function chainHeadBytes(facts: ChainHeadFacts): Uint8Array {
  const { guildId, keyId, sequence, hash } = facts
  return heads.find(JSON.stringify([guildId, keyId, sequence, encodeHex(hash)]), () => buildHead(facts))
}

function buildHead(facts: ChainHeadFacts): Uint8Array {
  return canonicalBytes({
    domain: 'muster/chain-head',
    version: 1,
    guild_id: facts.guildId,
    key_id: facts.keyId,
    sequence: facts.sequence,
    hash: encodeHex(facts.hash),
  })
}

export function signChainHead(signer: Ed25519Signer, facts: ChainHeadFacts): Uint8Array {
  return signer.sign(chainHeadBytes(facts))
}

export function chainHeadVerifies(head: ChainHeadFacts & { readonly signature: Uint8Array }, publicKey: Uint8Array): boolean {
  return verifiesAgain({ publicKey, bytes: chainHeadBytes(head), signature: head.signature })
}
