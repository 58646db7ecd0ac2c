/**
 * Until when each shard's feed was watched. Time after it was seen by nobody, so it is never moved back: two processes
 * that hold the same shard for a moment (a respawn, a rescale) leave the later instant.
 */
import type { WatchedShard, WatchStore } from '../actors/runtime/ports.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export function createPostgresWatchStore(pool: PostgresPool): WatchStore {
  return {
    async writeWatched(shards) {
      if (shards.length === 0) return
      const columns = [
        shards.map(({ shardCount }) => shardCount),
        shards.map(({ shardId }) => shardId),
        shards.map(({ watchedUntil }) => Math.floor(watchedUntil)),
      ]
      await askPostgres('write watched_until', { shards: shards.length }, () =>
        pool.query(
          `INSERT INTO watched_shard AS w (shard_count, shard_id, watched_until)
           SELECT * FROM unnest($1::int4[], $2::int4[], $3::int8[]) AS v(shard_count, shard_id, watched_until)
           ORDER BY v.shard_count, v.shard_id
           ON CONFLICT (shard_count, shard_id) DO UPDATE
           SET watched_until = greatest(w.watched_until, excluded.watched_until)`,
          columns,
        ),
      )
    },

    async readWatched() {
      const { rows } = await askPostgres('read watched_until', {}, () =>
        pool.query<{ shard_count: number; shard_id: number; watched_until: string }>(
          'SELECT shard_count, shard_id, watched_until FROM watched_shard ORDER BY shard_count, shard_id',
        ),
      )
      return rows.map(({ shard_count: shardCount, shard_id: shardId, watched_until: text }): WatchedShard => ({ shardCount, shardId, watchedUntil: Number(text) }))
    },
  }
}
