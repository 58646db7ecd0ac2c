/**
 * A guild's keys over time: which rows are believed, and which key signs which sequence.
 *
 * A key is believed when the cluster states it and, unless it is the guild's first, the key before it states it too. So
 * the keys form a chain: nobody without the outgoing private key can put one in its place, not even with the cluster's.
 * A key is in use from the first sequence of its statement until the one before its successor's; `lastSequence` of the
 * row only repeats that and must agree. So nobody without keys can prolong, shorten or insert a key's time. Statements
 * are verified once, when the history is read; asking it afterwards costs nothing.
 */
import type { TrustedClusterKeys } from './cluster-key.ts'
import { verifies } from './ed25519.ts'
import { findStatementProblem } from './guild-key-statement.ts'
import type { StatedKey } from './stored.ts'

export type KeyInUse =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly problem: string }

export interface SigningPosition {
  readonly guildId: string
  readonly keyId: string
  readonly sequence: number
}

export interface KeyHistory {
  /** The public key `keyId` if it is the one in use at the position; otherwise why not. */
  keyInUse(position: SigningPosition): KeyInUse
  /** The public key `keyId` of the guild, whatever it signed: receipts of version 1 name no sequence. */
  keyOfGuild(key: Pick<SigningPosition, 'guildId' | 'keyId'>): KeyInUse
}

/**
 * One guild's rows that are believed, in the order in which they signed. The others do not exist. A row without its
 * predecessor's signature can only be the first; where several claim that, the earliest is.
 */
export function believedKeys<Key extends StatedKey>(trusted: TrustedClusterKeys, keys: readonly Key[]): readonly Key[] {
  const stated = keys
    .filter((key) => findStatementProblem(trusted, key) === null)
    .toSorted((left, right) => left.firstSequence - right.firstSequence)
  const first = stated.find((key) => key.predecessorSignature === null)
  if (first === undefined) return []
  const believed = [first]
  for (;;) {
    const last = believed.at(-1) ?? first
    const next = stated.find((key) => !believed.includes(key) && succeeds(key, last))
    if (next === undefined) return believed
    believed.push(next)
  }
}

function succeeds(key: StatedKey, outgoing: StatedKey): boolean {
  if (key.predecessorSignature === null || key.guildId !== outgoing.guildId || key.firstSequence < outgoing.firstSequence) return false
  return verifies({ publicKey: outgoing.publicKey, bytes: key.statement, signature: key.predecessorSignature })
}

/** All key rows of one guild. */
export function readKeyHistory(trusted: TrustedClusterKeys, keys: readonly StatedKey[]): KeyHistory {
  const believed = believedKeys(trusted, keys)
  return {
    keyInUse: (position) => keyInUse(believed, keys, position),
    keyOfGuild: (wanted) => {
      const key = findKey(believed, wanted)
      return key === undefined ? refused(findDisbelief(believed, keys, wanted)) : { ok: true, publicKey: key.publicKey }
    },
  }
}

type Named = Pick<SigningPosition, 'guildId' | 'keyId'>

function findKey(keys: readonly StatedKey[], { guildId, keyId }: Named): StatedKey | undefined {
  return keys.find((key) => key.keyId === keyId && key.guildId === guildId)
}

function keyInUse(believed: readonly StatedKey[], keys: readonly StatedKey[], position: SigningPosition): KeyInUse {
  const key = findKey(believed, position)
  if (key === undefined) return refused(findDisbelief(believed, keys, position))
  const successor = believed[believed.indexOf(key) + 1]
  if (key.lastSequence !== (successor === undefined ? null : successor.firstSequence - 1)) {
    return refused("the key's last sequence does not agree with its successor's statement")
  }
  const isInUse = position.sequence >= key.firstSequence && position.sequence <= (key.lastSequence ?? Infinity)
  return isInUse ? { ok: true, publicKey: key.publicKey } : refused('the key was not in use at this sequence')
}

function findDisbelief(believed: readonly StatedKey[], keys: readonly StatedKey[], wanted: Named): string {
  if (findKey(keys, wanted) === undefined) return 'the guild has no such key'
  const unstated = 'the key has no statement that verifies under a trusted cluster key'
  return believed.length === 0 ? unstated : `${unstated} and the key before it`
}

function refused(problem: string): KeyInUse {
  return { ok: false, problem }
}
