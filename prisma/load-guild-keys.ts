/**
 * The signing keys of guilds, oldest first: a chain of keys is read in the order in which they signed.
 */
import type { GuildId } from '../kernel/ids.ts'
import type { GuildKeyRow } from '../actors/records/stored.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

interface KeyRow {
  readonly key_id: string
  readonly guild_id: string
  readonly public_key: Buffer
  readonly first_sequence: string
  readonly last_sequence: string | null
  readonly mode: GuildKeyRow['mode']
  readonly sealed_private_key: Buffer
  readonly key_wrap: string
  readonly statement: Buffer
  readonly statement_signature: Buffer
  readonly cluster_key_id: string
  readonly predecessor_signature: Buffer | null
}

/** Keys by guild; a guild without keys is absent. */
export async function loadGuildKeys(
  pool: PostgresPool,
  guildIds: readonly GuildId[],
): Promise<ReadonlyMap<string, GuildKeyRow[]>> {
  const { rows } = await askPostgres('load guild keys', { guilds: guildIds.length }, () =>
    pool.query<KeyRow>(
      'SELECT * FROM guild_key WHERE guild_id = ANY($1::int8[]) ORDER BY guild_id, first_sequence, created_at, key_id',
      [guildIds],
    ),
  )
  const keysOf = new Map<string, GuildKeyRow[]>()
  for (const row of rows) {
    const keys = keysOf.get(row.guild_id)
    if (keys === undefined) keysOf.set(row.guild_id, [toGuildKey(row)])
    else keys.push(toGuildKey(row))
  }
  return keysOf
}

function toGuildKey(row: KeyRow): GuildKeyRow {
  return {
    keyId: row.key_id,
    guildId: row.guild_id as GuildId,
    publicKey: row.public_key,
    firstSequence: Number(row.first_sequence),
    lastSequence: row.last_sequence === null ? null : Number(row.last_sequence),
    mode: row.mode,
    sealedPrivateKey: row.sealed_private_key,
    keyWrap: row.key_wrap,
    statement: row.statement,
    statementSignature: row.statement_signature,
    clusterKeyId: row.cluster_key_id,
    predecessorSignature: row.predecessor_signature,
  }
}
