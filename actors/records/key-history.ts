/**
 * A guild's keys over time: which rows are believed, and which key signs which sequence.
 *
 * A key is in use from the first sequence of its statement until the one before its successor's; `lastSequence` of the
 * row only repeats that and must agree. So nobody without keys can prolong, shorten or insert a key's time. Statements
 * are verified once, when the history is read; asking it afterwards costs nothing.
 */
import type { TrustedClusterKeys } from './cluster-key.ts'
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
}

/** The rows whose statement verifies, by first sequence. The others do not exist. */
export function believedKeys<Key extends StatedKey>(trusted: TrustedClusterKeys, keys: readonly Key[]): readonly Key[] {
  return keys
    .filter((key) => findStatementProblem(trusted, key) === null)
    .toSorted((left, right) => left.firstSequence - right.firstSequence)
}

/** All key rows of one guild. */
export function readKeyHistory(trusted: TrustedClusterKeys, keys: readonly StatedKey[]): KeyHistory {
  const believed = believedKeys(trusted, keys)
  return { keyInUse: (position) => keyInUse(believed, keys, position) }
}

function keyInUse(believed: readonly StatedKey[], keys: readonly StatedKey[], position: SigningPosition): KeyInUse {
  const isWanted = (key: StatedKey): boolean => key.keyId === position.keyId && key.guildId === position.guildId
  const index = believed.findIndex(isWanted)
  const key = believed[index]
  if (key === undefined) {
    return refused(keys.some(isWanted) ? 'the key has no statement that verifies under a trusted cluster key' : 'the guild has no such key')
  }
  const successor = believed.slice(index + 1).find((later) => later.guildId === key.guildId)
  if (key.lastSequence !== (successor === undefined ? null : successor.firstSequence - 1)) {
    return refused("the key's last sequence does not agree with its successor's statement")
  }
  const isInUse = position.sequence >= key.firstSequence && position.sequence <= (key.lastSequence ?? Infinity)
  return isInUse ? { ok: true, publicKey: key.publicKey } : refused('the key was not in use at this sequence')
}

function refused(problem: string): KeyInUse {
  return { ok: false, problem }
}
