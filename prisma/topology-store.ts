/**
 * Generations: how many shards in how many processes, and how far a rescale has come. The manager reads them on start and
 * goes on or back from their phases; a phase moves only from the one that was seen, so of two managers one wins. Shard
 * processes whose manager is gone read them too, to know whether they are to serve on, give back or end.
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

export const topologyPurposes = {
  /** A manager began. */
  start: 'start',
  /** Another shape. */
  rescale: 'rescale',
  /** The same shape, process by process; what was replaced stays replaced whatever comes after. */
  restart: 'restart',
  /** The same shape, one process replaced. */
  drain: 'drain',
} as const
export type TopologyPurpose = keyof typeof topologyPurposes

export interface StoredTopology {
  readonly generation: Generation
  readonly shardCount: number
  readonly processCount: number
  readonly phase: TopologyPhase
  readonly purpose: TopologyPurpose
  /** What the environment of the manager asked for, such as `auto/2`. */
  readonly configured: string
}

export interface PhaseMove {
  readonly generation: Generation
  readonly from: TopologyPhase
  readonly to: TopologyPhase
}

export interface TopologyStore {
  /** The newest, at most this many, highest generation first. */
  listTopologies(limit: number): Promise<readonly StoredTopology[]>
  /** The one with the highest generation, or null before the first start. */
  newestTopology(): Promise<StoredTopology | null>
  /** The highest generation that became current, or null. */
  currentTopology(): Promise<StoredTopology | null>
  /** False: this generation exists already (another manager was first). */
  insertTopology(topology: StoredTopology): Promise<boolean>
  /** False: the phase is not the one that was seen. */
  movePhase(move: PhaseMove): Promise<boolean>
  /**
   * From here on only forward: the generation is current, and with `retireOthers`, in the same statement, no earlier one is.
   * False: the phase is not the one that was seen.
   */
  makeCurrent(move: { readonly generation: Generation; readonly from: TopologyPhase; readonly retireOthers: boolean }): Promise<boolean>
}

export function createPostgresTopologyStore(pool: PostgresPool): TopologyStore {
  return {
    listTopologies: (limit) => read(pool, `ORDER BY generation DESC LIMIT ${Number(limit)}`),
    newestTopology: async () => (await read(pool, 'ORDER BY generation DESC LIMIT 1'))[0] ?? null,
    currentTopology: async () => (await read(pool, "WHERE phase = 'current' ORDER BY generation DESC LIMIT 1"))[0] ?? null,

    async insertTopology({ generation, shardCount, processCount, phase, purpose, configured }) {
      const { rowCount } = await askPostgres('insert a topology', { generation }, () =>
        pool.query(
          `INSERT INTO topology (generation, shard_count, process_count, phase, purpose, configured)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (generation) DO NOTHING`,
          [generation, shardCount, processCount, phase, purpose, configured],
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

    async makeCurrent({ generation, from, retireOthers }) {
      const { rows } = await askPostgres('make a topology current', { generation, from }, () =>
        pool.query<{ generation: number }>(makeCurrentStatement, [generation, from, retireOthers]),
      )
      return rows.some((row) => row.generation === generation)
    },
  }
}

const makeCurrentStatement = `
  UPDATE topology SET phase = CASE WHEN generation = $1 THEN 'current' ELSE 'retired' END
  WHERE (generation = $1 AND phase = $2)
     OR ($3 AND generation < $1 AND phase = 'current'
         AND EXISTS (SELECT 1 FROM topology seen WHERE seen.generation = $1 AND seen.phase = $2))
  RETURNING generation`

async function read(pool: PostgresPool, which: string): Promise<readonly StoredTopology[]> {
  interface Row {
    readonly generation: Generation
    readonly shard_count: number
    readonly process_count: number
    readonly phase: TopologyPhase
    readonly purpose: TopologyPurpose
    readonly configured: string
  }
  const { rows } = await askPostgres('read topologies', {}, () =>
    pool.query<Row>(`SELECT generation, shard_count, process_count, phase, purpose, configured FROM topology ${which}`),
  )
  return rows.map((row) => ({
    generation: row.generation,
    shardCount: row.shard_count,
    processCount: row.process_count,
    phase: row.phase,
    purpose: row.purpose,
    configured: row.configured,
  }))
}
