/**
 * The guild key statement: "this public key signs this guild's receipts from this sequence on", by the cluster's key.
 *
 * Without it a key row does not exist: whoever can write to the database can insert a key, but not the statement. The
 * end of a key's time is stated by its successor's first sequence, so both ends are signed. When keys are rotated, the
 * outgoing key signs the same bytes.
 */
import { encodeBase64 } from './base64.ts'
import { canonicalBytes } from './canonical.ts'
import type { ClusterSigner, TrustedClusterKeys } from './cluster-key.ts'
import { verifiesAgain } from './ed25519.ts'
import { equalBytes } from './hash.ts'
import { createMemo } from './memo.ts'
import type { StatedKey } from './stored.ts'

export interface GuildKeyFacts {
  readonly guildId: string
  readonly keyId: string
  readonly publicKey: Uint8Array
  readonly firstSequence: number
}

export interface SignedStatement {
  readonly statement: Uint8Array
  readonly statementSignature: Uint8Array
  readonly clusterKeyId: string
}

const statements = createMemo<Uint8Array>(5_000)

/** The exact bytes that are signed; fixed by the facts, so a reader builds them again instead of parsing. */
export function statementBytes(facts: GuildKeyFacts, clusterKeyId: string): Uint8Array {
  const { guildId, keyId, publicKey, firstSequence } = facts
  return statements.find(JSON.stringify([clusterKeyId, guildId, keyId, encodeBase64(publicKey), firstSequence]), () => buildStatement(facts, clusterKeyId))
}

function buildStatement(facts: GuildKeyFacts, clusterKeyId: string): Uint8Array {
  return canonicalBytes({
    domain: 'muster/guild-key',
    version: 1,
    cluster_key_id: clusterKeyId,
    guild_id: facts.guildId,
    key_id: facts.keyId,
    public_key: encodeBase64(facts.publicKey),
    first_sequence: facts.firstSequence,
  })
}

export function signStatement(cluster: ClusterSigner, facts: GuildKeyFacts): SignedStatement {
  const statement = statementBytes(facts, cluster.clusterKeyId)
  return { statement, statementSignature: cluster.signer.sign(statement), clusterKeyId: cluster.clusterKeyId }
}

/** What keeps a key row from being believed, or null. */
export function findStatementProblem(trusted: TrustedClusterKeys, key: StatedKey): string | null {
  const clusterKey = trusted.get(key.clusterKeyId)
  if (clusterKey === undefined) return 'the key is stated by a cluster key that is not trusted here'
  if (!equalBytes(key.statement, statementBytes(key, key.clusterKeyId))) {
    return 'the key and its statement say different things'
  }
  const signed = { publicKey: clusterKey, bytes: key.statement, signature: key.statementSignature }
  if (!verifiesAgain(signed)) return 'the signature of the key statement does not verify'
  return null
}
