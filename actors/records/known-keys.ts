/**
 * Keys that a person says are genuine, for checking offline: given one by one, or taken from files that were saved.
 *
 * A key given by hand may be a guild's or the cluster's: a guild's vouches for what it signed, the cluster's for the guild
 * keys that it states. Stated keys alone, without a cluster's, vouch for themselves: whoever brought them said so.
 */
import { encodeBase64 } from './base64.ts'
import { clusterKeyIdOf } from './cluster-key.ts'
import { equalBytes } from './hash.ts'
import { readKeyHistory } from './key-history.ts'
import type { StatedKey } from './stored.ts'

export interface KnownKeys {
  /** Public keys given by hand. */
  readonly byHand: readonly Uint8Array[]
  /** Public keys of clusters from saved files. */
  readonly ofClusters: readonly Uint8Array[]
  /** Guild keys from saved files. */
  readonly stated: readonly StatedKey[]
}

export const nothingKnown: KnownKeys = { byHand: [], ofClusters: [], stated: [] }

export interface KeyClaim {
  readonly publicKey: Uint8Array
  readonly guildId: string
  readonly keyId: string
  /** null: signing version 1, which names no place. */
  readonly sequence: number | null
}

/** `statedBeside`: statements that came with what is checked; they count when a known cluster key signed them. */
export function isKnownKey(known: KnownKeys, claim: KeyClaim, statedBeside: readonly StatedKey[] = []): boolean {
  if (known.byHand.some((key) => equalBytes(key, claim.publicKey))) return true
  const clusters = [...known.byHand, ...known.ofClusters]
  if (clusters.length === 0) return known.stated.some((key) => isSameKey(key, claim))
  const trusted = new Map(clusters.map((key) => [clusterKeyIdOf(key), key]))
  const ofGuild = uniqueKeys([...known.stated, ...statedBeside]).filter(({ guildId }) => guildId === claim.guildId)
  const history = readKeyHistory(trusted, ofGuild)
  const first = ofGuild.find(({ keyId }) => keyId === claim.keyId)?.firstSequence
  if (first === undefined) return false
  const found = history.keyInUse({ ...claim, sequence: claim.sequence ?? first })
  return found.ok && equalBytes(found.publicKey, claim.publicKey)
}

function isSameKey(key: StatedKey, claim: KeyClaim): boolean {
  if (key.guildId !== claim.guildId || key.keyId !== claim.keyId || !equalBytes(key.publicKey, claim.publicKey)) return false
  return claim.sequence === null || (claim.sequence >= key.firstSequence && claim.sequence <= (key.lastSequence ?? Infinity))
}

/** The same row may have been saved twice. */
function uniqueKeys(keys: readonly StatedKey[]): readonly StatedKey[] {
  const seen = new Set<string>()
  return keys.filter((key) => {
    const name = `${key.keyId} ${encodeBase64(key.statementSignature)} ${key.lastSequence ?? ''}`
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}
