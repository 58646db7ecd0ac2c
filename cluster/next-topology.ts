/**
 * With what a manager begins: which number, which shape, and what an earlier one left half done. Pure.
 *
 * The shape is the one that serves, whatever made it, until the environment says something else than it said when that
 * topology was made: the newest word wins, be it a rescale or a changed setting.
 */
import type { Generation } from '../kernel/ids.ts'
import type { StoredTopology, TopologyPhase, TopologyPurpose } from '../prisma/topology-store.ts'
import { allowedShardCountFor } from './plan.ts'

export interface WantedShape {
  /** null: as many as Discord recommends. */
  readonly shardCount: number | null
  readonly processCount: number
}

export interface NextTopology {
  readonly row: Omit<StoredTopology, 'phase'>
  /** Half done by a manager that is gone: given up. */
  readonly toAbort: readonly { readonly generation: Generation; readonly from: TopologyPhase }[]
  /** What the environment said, if it is not what will run. */
  readonly overruled: string | null
}

export const describeWanted = ({ shardCount, processCount }: WantedShape): string => `${shardCount ?? 'auto'}/${processCount}`

/** `rows`: highest generation first. */
export function nextTopology(
  rows: readonly StoredTopology[],
  { wanted, recommendedShards }: { readonly wanted: WantedShape; readonly recommendedShards: number },
): NextTopology {
  const configured = describeWanted(wanted)
  const current = rows.find(({ phase }) => phase === 'current')
  const keepsShape = current !== undefined && current.configured === configured
  const shardCount = keepsShape ? current.shardCount : (wanted.shardCount ?? allowedShardCountFor(recommendedShards))
  const processCount = Math.min(shardCount, keepsShape ? current.processCount : wanted.processCount)
  const isAsConfigured = (wanted.shardCount ?? shardCount) === shardCount && Math.min(shardCount, wanted.processCount) === processCount
  return {
    row: { generation: nextGeneration(rows), shardCount, processCount, purpose: 'start', configured },
    toAbort: rows
      .filter(({ phase }) => phase === 'prepare' || phase === 'switch')
      .map(({ generation, phase }) => ({ generation, from: phase })),
    overruled: isAsConfigured ? null : configured,
  }
}

/** The row of a topology that is made while this manager runs. */
export function followingTopology(
  rows: readonly StoredTopology[],
  options: { readonly shardCount: number; readonly processCount: number; readonly purpose: TopologyPurpose; readonly configured: string },
): StoredTopology {
  return { generation: nextGeneration(rows), phase: options.purpose === 'rescale' ? 'prepare' : 'switch', ...options }
}

function nextGeneration(rows: readonly StoredTopology[]): Generation {
  return ((rows[0]?.generation ?? 0) + 1) as Generation
}
