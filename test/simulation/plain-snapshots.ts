/**
 * Snapshots without cryptography: the simulation checks what is snapshotted and believed, not Ed25519.
 *
 * A signature is the facts themselves; a snapshot is believed when its state is the one that was "signed".
 */
import { sha256 } from '../../actors/records/hash.ts'
import type { SignedSnapshot, SnapshotFacts } from '../../actors/records/snapshot.ts'
import type { SnapshotCheck } from '../../actors/runtime/loader.ts'

const hashOf = (state: string): string => Buffer.from(sha256(Buffer.from(state))).toString('hex')

export function signPlainly(facts: SnapshotFacts): SignedSnapshot {
  const { guildId, slot, fence, sequence, journalHead, at } = facts
  const claims = { guildId, slot, fence, sequence, at, head: Buffer.from(journalHead).toString('hex'), state: hashOf(facts.state) }
  return { signed: Buffer.from(JSON.stringify(claims)), signature: new Uint8Array(64), clusterKeyId: 'simulated' }
}

export const checkPlainly: SnapshotCheck = (snapshot) => {
  const claims = JSON.parse(Buffer.from(snapshot.signed).toString()) as { guildId: string; sequence: number; head: string; state: string }
  if (claims.state !== hashOf(snapshot.state)) return { believed: false, reason: 'the state is not the one that was signed' }
  if (claims.guildId !== snapshot.guildId || claims.sequence !== snapshot.seq) return { believed: false, reason: 'of another place' }
  return { believed: true, journalHead: Buffer.from(claims.head, 'hex') }
}
