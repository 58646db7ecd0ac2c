/**
 * The signed form of a guild snapshot: "this guild's state at this journal sequence hashes to this", by the cluster key.
 *
 * An activation believes no state that this does not cover. The journal is chained by hash, so the journal head inside
 * vouches for every row before it; the previous snapshot's hash lets a history be checked offline. What is expected is
 * held against what is signed field by field: a genuine snapshot of another guild or sequence is refused as well.
 */
import { canonicalBytes, parseCanonical } from './canonical.ts'
import type { ClusterSigner, TrustedClusterKeys } from './cluster-key.ts'
import { verifies } from './ed25519.ts'
import { sha256 } from './hash.ts'
import { encodeHex } from './hex.ts'
import { malformed, parsed } from './parsed.ts'
import type { Parsed } from './parsed.ts'
import { exactly, findFormProblem, hash, instant, instantMs, isObject, natural, snowflake } from './receipt-fields.ts'
import type { JsonValue } from './canonical.ts'

export interface SnapshotFacts {
  readonly guildId: string
  readonly slot: number
  readonly fence: number
  /** Journal sequence the state includes. */
  readonly sequence: number
  /** The state's canonical JSON, exactly as it is stored. */
  readonly state: string
  /** 32 bytes: hash of the journal row at `sequence`. */
  readonly journalHead: Uint8Array
  /** SHA-256 of the previous snapshot's signed bytes; null for the first. */
  readonly previousSnapshot: Uint8Array | null
  /** Unix milliseconds. */
  readonly at: number
}

export interface SignedSnapshot {
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly clusterKeyId: string
}

/** What a signed snapshot says. */
export interface SnapshotClaims {
  readonly guildId: string
  readonly slot: number
  readonly fence: number
  readonly sequence: number
  /** Lower-case hex. */
  readonly stateHash: string
  readonly journalHead: string
  readonly previousSnapshot: string | null
  readonly at: number
}

export function signSnapshot(cluster: ClusterSigner, facts: SnapshotFacts): SignedSnapshot {
  const signed = canonicalBytes({
    domain: 'muster/snapshot',
    version: 1,
    cluster_key_id: cluster.clusterKeyId,
    guild_id: facts.guildId,
    slot: facts.slot,
    fence: facts.fence,
    sequence: facts.sequence,
    state_hash: stateHash(facts.state),
    journal_head: encodeHex(facts.journalHead),
    previous_snapshot: facts.previousSnapshot === null ? null : encodeHex(facts.previousSnapshot),
    at: new Date(facts.at).toISOString(),
  })
  return { signed, signature: cluster.signer.sign(signed), clusterKeyId: cluster.clusterKeyId }
}

/** What must be true of a snapshot before it is believed. */
export interface SnapshotExpectation {
  readonly guildId: string
  readonly slot: number
  readonly sequence: number
  readonly state: string
  /** The fence of its row; it must not exceed the slot's (I11), which the caller knows. */
  readonly fence: number
  /** Hash of the journal row at `sequence` where the caller has it; null: the rows after it will prove the link. */
  readonly journalHead: Uint8Array | null
}

/** The claims of a snapshot that verifies and is the expected one; otherwise why it is not believed. */
export function verifySnapshot(
  trusted: TrustedClusterKeys,
  snapshot: SignedSnapshot,
  expected: SnapshotExpectation,
): Parsed<SnapshotClaims> {
  const publicKey = trusted.get(snapshot.clusterKeyId)
  if (publicKey === undefined) return malformed('signed by a cluster key that is not trusted here')
  if (!verifies({ publicKey, bytes: snapshot.signed, signature: snapshot.signature })) {
    return malformed('the signature does not verify')
  }
  const read = parseSnapshotClaims(snapshot.signed, snapshot.clusterKeyId)
  if (!read.ok) return read
  const claims = read.value
  if (claims.guildId !== expected.guildId) return malformed('it is of another guild')
  if (claims.slot !== expected.slot) return malformed('it is of another slot')
  if (claims.sequence !== expected.sequence) return malformed('it is of another sequence')
  if (claims.fence !== expected.fence) return malformed('it is of another fence')
  if (claims.stateHash !== stateHash(expected.state)) return malformed('the state is not the one that was signed')
  if (expected.journalHead !== null && claims.journalHead !== encodeHex(expected.journalHead)) {
    return malformed('the journal at its sequence is not the one that was signed')
  }
  return read
}

const nullableHash = (value: JsonValue): string | null => (value === null ? null : hash(value))

function parseSnapshotClaims(signed: Uint8Array, clusterKeyId: string): Parsed<SnapshotClaims> {
  const read = parseCanonical(signed)
  if (!read.ok) return read
  const value = read.value
  if (!isObject(value)) return malformed('not a JSON object')
  const problem = findFormProblem(
    {
      domain: exactly('muster/snapshot'),
      version: exactly(1),
      cluster_key_id: exactly(clusterKeyId),
      guild_id: snowflake,
      slot: natural(0),
      fence: natural(0),
      sequence: natural(1),
      state_hash: hash,
      journal_head: hash,
      previous_snapshot: nullableHash,
      at: instant,
    },
    value,
  )
  if (problem !== null) return malformed(problem)
  return parsed({
    guildId: value['guild_id'] as string,
    slot: value['slot'] as number,
    fence: value['fence'] as number,
    sequence: value['sequence'] as number,
    stateHash: value['state_hash'] as string,
    journalHead: value['journal_head'] as string,
    previousSnapshot: value['previous_snapshot'] as string | null,
    at: instantMs(value['at']) ?? 0,
  })
}

function stateHash(state: string): string {
  return encodeHex(sha256(new TextEncoder().encode(state)))
}
