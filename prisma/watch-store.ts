/**
 * Until when each shard's feed was watched. Time after it was seen by nobody, so it is never moved back: two processes
 * that hold the same shard for a moment (a respawn, a rescale) leave the later instant.
 */
import type { WatchedShard, WatchStore } from '../actors/runtime/ports.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export function createPostgresWatchStore(pool: PostgresPool): WatchStore {
  return {
    async writeWatched({ shardCount, shards }) {
      if (shards.length === 0) return
      const columns = [shards.map(({ shardId }) => shardId), shards.map(({ watchedUntil }) => Math.floor(watchedUntil))]
      await askPostgres('write watched_until', { shardCount, shards: shards.length }, () =>
        pool.query(
          `INSERT INTO watched_shard AS w (shard_count, shard_id, watched_until)
           SELECT $1, v.shard_id, v.watched_until FROM unnest($2::int4[], $3::int8[]) AS v(shard_id, watched_until)
           ORDER BY v.shard_id
           ON CONFLICT (shard_count, shard_id) DO UPDATE
           SET watched_until = greatest(w.watched_until, excluded.watched_until)`,
          [shardCount, ...columns],
        ),
      )
    },

    async readWatched({ shardCount }) {
      const { rows } = await askPostgres('read watched_until', { shardCount }, () =>
        pool.query<{ shard_id: number; watched_until: string }>(
          'SELECT shard_id, watched_until FROM watched_shard WHERE shard_count = $1 ORDER BY shard_id',
          [shardCount],
        ),
      )
      return rows.map((row): WatchedShard => ({ shardId: row.shard_id, watchedUntil: Number(row.watched_until) }))
    },
  }
}
