/**
 * The wraps of guild keys, for a change of the key-encryption key. Only the wrap column is ever written here.
 */
import type { KeyWrapStore } from '../actors/records/key-rewrap.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

interface Row {
  readonly key_id: string
  readonly guild_id: string
  readonly key_wrap: string
}

/** A wrap is canonical JSON: the id of its key stands in it in one spelling. */
const isOutdated = `mode = 'cluster' AND position('"kek_id":"' || $1 || '"' IN key_wrap) = 0`

export function createPostgresKeyWrapStore(pool: PostgresPool): KeyWrapStore {
  return {
    async countOutdated(kekId) {
      const { rows } = await askPostgres('count key wraps', {}, () =>
        pool.query<{ count: string }>(`SELECT count(*) FROM guild_key WHERE ${isOutdated}`, [kekId]),
      )
      return Number(rows[0]?.count ?? 0)
    },

    async listOutdated({ kekId, after, limit }) {
      const { rows } = await askPostgres('list key wraps', { limit }, () =>
        pool.query<Row>(
          `SELECT key_id, guild_id, key_wrap FROM guild_key
           WHERE ${isOutdated} AND ($2::uuid IS NULL OR key_id > $2::uuid) ORDER BY key_id LIMIT $3`,
          [kekId, after, limit],
        ),
      )
      return rows.map((row) => ({ keyId: row.key_id, guildId: row.guild_id, keyWrap: row.key_wrap }))
    },

    async replaceWrap({ keyId, from, to }) {
      const { rowCount } = await askPostgres('replace a key wrap', { keyId }, () =>
        pool.query('UPDATE guild_key SET key_wrap = $3 WHERE key_id = $1 AND key_wrap = $2', [keyId, from, to]),
      )
      return rowCount === 1
    },
  }
}
