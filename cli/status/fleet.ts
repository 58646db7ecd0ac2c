/**
 * How the whole house is at this moment: who lives by its lease, what each tells of itself, whose slots are whose.
 *
 * Leases, directory and statuses are what Redis remembers, and topology what Postgres knows: nothing here decides anything.
 */
import type { StatusBoard } from '../../actors/transport/redis-status-board.ts'
import type { ProcessStatus } from '../../cluster/process-status.ts'
import { parseProcessStatus } from '../../cluster/process-status.ts'
import type { Generation, Incarnation, Slot } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { ManagerLook } from './manager-look.ts'
import { parseManagerLook, waitingProcesses } from './manager-look.ts'

export interface FleetTopology {
  readonly generation: number
  readonly shardCount: number
  readonly processCount: number
  readonly phase: string
}

export interface FleetSources {
  readonly leases: {
    liveness(): Promise<{ readonly live: readonly Incarnation[]; readonly rememberedForMs: number }>
    readDirectory(): Promise<readonly { readonly slot: Slot; readonly incarnation: Incarnation; readonly generation: Generation }[]>
  }
  readonly board: Pick<StatusBoard, 'read' | 'readManager'>
  /** The one that serves; of a house that never served the newest. null: no database is known. */
  readonly servingTopology: (() => Promise<FleetTopology | null>) | null
}

/** A process with a lease. */
export interface LivingProcess {
  readonly incarnation: Incarnation
  /** Slots that the directory says are its. */
  readonly slots: number
  /** null: it told nothing lately. */
  readonly status: ProcessStatus | null
}

export interface Fleet {
  /** null: none tells its status. */
  readonly manager: ManagerLook | null
  readonly topology: FleetTopology | null
  /** By generation, then by name. */
  readonly processes: readonly LivingProcess[]
  /** Slots whose owner in the directory has a lease; `slotCount` when all is well. */
  readonly slotsOwned: number
  readonly slotCount: number
}

export async function readFleet(sources: FleetSources): Promise<Fleet> {
  const [{ live }, directory, manager, topology] = await Promise.all([
    sources.leases.liveness(),
    sources.leases.readDirectory(),
    sources.board.readManager(),
    sources.servingTopology?.() ?? Promise.resolve(null),
  ])
  const texts = await sources.board.read(live)
  const slotsOf = new Map<Incarnation, number>()
  for (const { incarnation } of directory) slotsOf.set(incarnation, (slotsOf.get(incarnation) ?? 0) + 1)
  const processes = live.map((incarnation) => {
    const text = texts.get(incarnation)
    return { incarnation, slots: slotsOf.get(incarnation) ?? 0, status: text === undefined ? null : parseProcessStatus(text) }
  })
  return {
    manager: parseManagerLook(manager),
    topology,
    processes: processes.toSorted(byName),
    slotsOwned: processes.reduce((sum, { slots }) => sum + slots, 0),
    slotCount: limits.slotCount,
  }
}

function byName(a: LivingProcess, b: LivingProcess): number {
  const difference = (a.status?.generation ?? Infinity) - (b.status?.generation ?? Infinity)
  if (!Number.isNaN(difference) && difference !== 0) return difference
  return nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true })
}

export const nameOf = ({ status, incarnation }: LivingProcess): string => status?.process ?? incarnation

/** While a rescale is under way its new processes begin, and the old ones end: that is as it should be. */
const comesOrGoes = ({ manager, topology }: Fleet, { generation }: ProcessStatus): boolean =>
  manager !== null && manager.request !== null && topology !== null && generation !== topology.generation

/** What is not as it should be, one sentence each; empty when all is well. */
export function troublesOf(fleet: Fleet): readonly string[] {
  const { manager, processes, slotsOwned, slotCount, topology } = fleet
  if (processes.length === 0) return ['No shard process lives. Start the house with `muster up`, or the manager under pm2.']
  const troubles: string[] = []
  if (slotsOwned < slotCount) troubles.push(`${slotCount - slotsOwned} of ${slotCount} slots have no living owner: their guilds are told to try again.`)
  for (const process of processes) {
    const { status } = process
    if (status === null) troubles.push(`${nameOf(process)} has a lease and tells nothing of itself: an older release, or it stalls.`)
    else if (comesOrGoes(fleet, status)) continue
    else if (status.state !== 'ready') troubles.push(`${status.process} is ${status.state}.`)
    else if (!status.leaseCovers) troubles.push(`${status.process} is not covered by its lease: its answers from memory ask Postgres first.`)
    for (const { id, state } of status?.shards ?? []) if (state === 'away') troubles.push(`Shard ${id} of ${nameOf(process)} is not connected to Discord.`)
  }
  if (manager === null) troubles.push('No manager tells its status: nobody starts a process again that ends. Start it (`muster up`, or pm2).')
  else troubles.push(...waitingProcesses(manager))
  if (topology !== null && processes.length < topology.processCount) {
    troubles.push(`${processes.length} of ${topology.processCount} shard processes live. The log of the manager says why.`)
  }
  return troubles
}
