/**
 * A guild's keys over time: which rows are believed, and which key signs which sequence.
 *
 * A key is in use from the first sequence of its statement until the one before its successor's; `lastSequence` of the
 * row only repeats that and must agree. So nobody without keys can prolong, shorten or insert a key's time.
 */
import type { TrustedClusterKeys } from './cluster-key.ts'
import { findStatementProblem } from './guild-key-statement.ts'
import type { StatedKey } from './stored.ts'

export type KeyInUse<Key extends StatedKey> =
  | { readonly ok: true; readonly key: Key }
  | { readonly ok: false; readonly problem: string }

/** The rows whose statement verifies, by first sequence. The others do not exist. */
export function believedKeys<Key extends StatedKey>(trusted: TrustedClusterKeys, keys: readonly Key[]): readonly Key[] {
  return keys
    .filter((key) => findStatementProblem(trusted, key) === null)
    .toSorted((left, right) => left.firstSequence - right.firstSequence)
}

/** The believed key `keyId` if it is the one in use at `sequence`; otherwise why not. */
export function findKeyInUse<Key extends StatedKey>(
  trusted: TrustedClusterKeys,
  keys: readonly Key[],
  wanted: { readonly guildId: string; readonly keyId: string; readonly sequence: number },
): KeyInUse<Key> {
  const row = keys.find((key) => key.keyId === wanted.keyId && key.guildId === wanted.guildId)
  if (row === undefined) return { ok: false, problem: 'the guild has no such key' }
  const statementProblem = findStatementProblem(trusted, row)
  if (statementProblem !== null) return { ok: false, problem: statementProblem }
  const believed = believedKeys(trusted, keys)
  const successor = believed.find((key) => key.firstSequence > row.firstSequence)
  if (row.lastSequence !== (successor === undefined ? null : successor.firstSequence - 1)) {
    return { ok: false, problem: "the key's last sequence does not agree with its successor's statement" }
  }
  if (wanted.sequence < row.firstSequence || (row.lastSequence !== null && wanted.sequence > row.lastSequence)) {
    return { ok: false, problem: 'the key was not in use at this sequence' }
  }
  return { ok: true, key: row }
}
