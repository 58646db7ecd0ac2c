/**
 * Generations: how many shards in how many processes, and how far a rescale has come. The manager reads the newest on
 * start and goes on or back from its phase; a phase moves only from the one that was seen, so of two managers one wins.
 */
import type { Generation } from '../kernel/ids.ts'
import { askPostgres } from './postgres-failure.ts'
import type { PostgresPool } from './postgres-pool.ts'

export const topologyPhases = {
  /** Its processes identify and hold; nobody noticed yet. Next: switch, or aborted. */
  prepare: 'prepare',
  /** Slots move one by one. Next: current, or aborted. */
  switch: 'switch',
  /** Every slot is its; from here only forward. Next: retired. */
  current: 'current',
  /** A later generation is current. The end. */
  retired: 'retired',
  /** Given up before it became current. The end. */
  aborted: 'aborted',
} as const
export type TopologyPhase = keyof typeof topologyPhases

export interface StoredTopology {
  readonly generation: Generation
  readonly shardCount: number
  readonly processCount: number
  readonly phase: TopologyPhase
}

export interface TopologyStore {
  /** The one with the highest generation, or null before the first start. */
  newestTopology(): Promise<StoredTopology | null>
  /** The highest generation that became current, or null. */
  currentTopology(): Promise<StoredTopology | null>
  /** False: this generation exists already (another manager was first). */
  insertTopology(topology: StoredTopology): Promise<boolean>
  /** False: the phase is not the one that was seen. */
  movePhase(move: { readonly generation: Generation; readonly from: TopologyPhase; readonly to: TopologyPhase }): Promise<boolean>
}

export function createPostgresTopologyStore(pool: PostgresPool): TopologyStore {
  return {
    newestTopology: () => readOne(pool, 'ORDER BY generation DESC LIMIT 1'),
    currentTopology: () => readOne(pool, "WHERE phase = 'current' ORDER BY generation DESC LIMIT 1"),

    async insertTopology({ generation, shardCount, processCount, phase }) {
      const { rowCount } = await askPostgres('insert a topology', { generation }, () =>
        pool.query(
          `INSERT INTO topology (generation, shard_count, process_count, phase) VALUES ($1, $2, $3, $4)
           ON CONFLICT (generation) DO NOTHING`,
          [generation, shardCount, processCount, phase],
        ),
      )
      return rowCount === 1
    },

    async movePhase({ generation, from, to }) {
      const { rowCount } = await askPostgres('move a topology', { generation, from, to }, () =>
        pool.query('UPDATE topology SET phase = $3 WHERE generation = $1 AND phase = $2', [generation, from, to]),
      )
      return rowCount === 1
    },
  }
}

async function readOne(pool: PostgresPool, which: string): Promise<StoredTopology | null> {
  interface Row {
    readonly generation: Generation
    readonly shard_count: number
    readonly process_count: number
    readonly phase: TopologyPhase
  }
  const { rows } = await askPostgres('read a topology', {}, () =>
    pool.query<Row>(`SELECT generation, shard_count, process_count, phase FROM topology ${which}`),
  )
  const row = rows[0]
  if (row === undefined) return null
  return {
    generation: row.generation,
    shardCount: row.shard_count,
    processCount: row.process_count,
    phase: row.phase,
  }
}
